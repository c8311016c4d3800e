/**
 * Looks for devices on one Modbus line: which units answer, and which shipped profiles fit them.
 *
 * Invariants: only reads; one question at a time, on one connection after the other; a line that nobody answers on costs one
 * attempt to connect; nothing throws.
 */
import type { Reading } from "@micromarket/assets";
import { machineTime, openModbusLink, type ModbusTarget } from "@micromarket/gateway";
import {
  loadProfile,
  loadSunspecProfile,
  ModbusDevice,
  shippedProfiles,
  shippedSunspecProfiles,
  SunspecDevice,
  type DeviceProfile,
  type Identity,
  type MapMemory,
  type ModbusLink,
  type SunspecProfile,
} from "@micromarket/link-modbus";
import { ranked, type Finding, type Fit } from "./finding.ts";

/** A line, and how it is looked at. */
export interface LineScan {
  readonly target: ModbusTarget;
  /** What a gateway file would say of it. */
  readonly entry: Readonly<Record<string, string | number>>;
  readonly place: string;
  readonly units: readonly number[];
  /** For each answer. */
  readonly waitMs: number;
  readonly isStopped: () => boolean;
  readonly unitDone: () => void;
  readonly found: (finding: Finding) => void;
}

const present = <Value>(value: Value | null): readonly Value[] => (value === null ? [] : [value]);

/** Profiles of registers, loaded once. */
const registerProfiles = (): readonly DeviceProfile[] =>
  shippedProfiles().flatMap((name) => present(loadProfile(name)));
const sunspecProfiles = (): readonly SunspecProfile[] =>
  shippedSunspecProfiles().flatMap((name) => present(loadSunspecProfile(name)));

/** Units that the shipped profiles' devices have when they leave the factory. */
export function usualUnits(): readonly number[] {
  const units = [
    ...registerProfiles().flatMap(({ unitProbe }) => unitProbe),
    ...sunspecProfiles().flatMap(({ manners }) => manners.unitProbe),
  ];
  return [...new Set(units)].filter((unit) => unit >= 1).sort((a, b) => a - b);
}

/** Looks at every unit of the line. */
export async function scanLine(scan: LineScan): Promise<void> {
  const { target, units, waitMs } = scan;
  const connectTimeoutMs = Math.max(2_000, waitMs);
  const deadlineMs = 2 * connectTimeoutMs + 4 * waitMs;
  const link = openModbusLink(target, { connectTimeoutMs, deadlineMs, backOff: { firstMs: 20, maxMs: 100 } });
  const shelf = { registers: registerProfiles(), sunspec: sunspecProfiles() };
  try {
    let isDead = false;
    for (const unit of units) {
      if (!isDead && !scan.isStopped()) {
        const knock = await knockAt(link, unit, waitMs);
        isDead = knock === "no-line";
        if (knock === "answers") scan.found(await identify(link, unit, scan, shelf));
      }
      scan.unitDone();
    }
  } finally {
    await link.close();
  }
}

/** Exceptions of a gateway whose line has no such unit. */
const UNREACHED: ReadonlySet<number> = new Set([10, 11]);

async function knockAt(link: ModbusLink, unit: number, waitMs: number): Promise<"answers" | "silent" | "no-line"> {
  for (const code of [3, 4] as const) {
    const outcome = await link.read({ unit, function: code, address: 0, count: 1, timeoutMs: waitMs });
    if (outcome.ok) return "answers";
    const { error } = outcome;
    if (error.code === "EXCEPTION") return UNREACHED.has(error.exception) ? "silent" : "answers";
    const cause = error.code === "OFFLINE" ? error.cause : error;
    if (cause.code === "CONNECT_FAILED") return "no-line";
  }
  return "silent";
}

interface Shelf {
  readonly registers: readonly DeviceProfile[];
  readonly sunspec: readonly SunspecProfile[];
}

async function identify(link: ModbusLink, unit: number, scan: LineScan, shelf: Shelf): Promise<Finding> {
  const sunspec = await sunspecFits(link, unit, shelf.sunspec, scan);
  const fits: Fit[] = [...sunspec.fits];
  for (const profile of shelf.registers) {
    if (scan.isStopped()) break;
    fits.push(...present(await registerFit(link, unit, profile)));
  }
  const { place, entry } = scan;
  const where = { place: `${place} unit ${unit}`, entry: { ...entry, unit }, link: "modbus" as const };
  return { ...where, identity: sunspec.identity, fits: ranked(fits) };
}

async function sunspecFits(
  link: ModbusLink,
  unit: number,
  profiles: readonly SunspecProfile[],
  scan: LineScan,
): Promise<{ readonly identity: Identity | null; readonly fits: readonly Fit[] }> {
  const memory: MapMemory = new Map();
  const fits: (Fit & { readonly isOfMaker: boolean })[] = [];
  let identity: Identity | null = null;
  for (const profile of profiles) {
    if (scan.isStopped()) break;
    const device = new SunspecDevice({ device: "scan", link, profile, unit, memory });
    const found = await device.unit.find();
    if (!found.ok && found.error.code === "NOT_SUNSPEC") return { identity: null, fits: [] };
    if (!found.ok) continue;
    identity ??= found.value.device.identity;
    const isOfMaker = isMadeBy(profile, found.value.device.identity);
    if (profile.head.vendor !== "any" && !isOfMaker) continue;
    const { readings } = await device.poll(() => machineTime.wallNow());
    fits.push({ ...fitOf(profile.head, readings, "identity"), isOfMaker });
  }
  const kinds = new Set(fits.filter(({ isOfMaker }) => isOfMaker).map(({ head }) => head.kind));
  return { identity, fits: fits.filter(({ isOfMaker, head }) => isOfMaker || !kinds.has(head.kind)) };
}

function isMadeBy({ head }: SunspecProfile, { manufacturer }: Identity): boolean {
  return manufacturer.toLowerCase().startsWith(head.vendor.toLowerCase());
}

async function registerFit(link: ModbusLink, unit: number, profile: DeviceProfile): Promise<Fit | null> {
  const device = new ModbusDevice({ device: "scan", link, profile, unit });
  const { readings } = await device.poll(() => machineTime.wallNow());
  const isIdentified = profile.identify.length > 0 && device.failure?.code !== "ANOTHER_DEVICE";
  const fit = fitOf(profile.head, readings, isIdentified ? "identity" : "values");
  if (fit.points === 0 || device.failure?.code === "ANOTHER_DEVICE") return null;
  const makesSense = fit.points / fit.pointsMax >= 0.8 && isLine(readings);
  return isIdentified || makesSense ? fit : null;
}

function fitOf(head: DeviceProfile["head"], readings: readonly Reading[], by: Fit["by"]): Fit {
  const points = readings.filter(({ value }) => value.kind === "value").length;
  const { name, kind, vendor, models, verified, requirements, caveats } = head;
  return {
    profile: name,
    by,
    points,
    pointsMax: readings.length,
    head: { kind, vendor, models, verified, requirements, caveats },
  };
}

/** Whether all voltages and frequencies are those of a low-voltage grid, and there is one at all. */
function isLine(readings: readonly Reading[]): boolean {
  const seen = readings.flatMap(({ point, value }) => {
    if (value.kind === "missing") return [];
    if (/^voltage/.test(point)) return [value.value === 0 || (value.value >= 80_000 && value.value <= 300_000)];
    return point === "frequency_mhz" ? [value.value >= 45_000 && value.value <= 65_000] : [];
  });
  const isAlive = readings.some(
    ({ point, value }) => /^voltage|^freq/.test(point) && value.kind === "value" && value.value > 0,
  );
  return isAlive && seen.every((isRight) => isRight);
}
