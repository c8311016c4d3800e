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
import { ranked, type EntryFields, type Finding, type Fit } from "./finding.ts";

/** A line, and how it is looked at. */
export interface LineScan {
  readonly target: ModbusTarget;
  /** What a gateway file would say of it. */
  readonly entry: EntryFields;
  readonly place: string;
  readonly units: readonly number[];
  /** For each answer. */
  readonly waitMs: number;
  readonly isStopped: () => boolean;
  readonly unitDone: () => void;
  readonly found: (finding: Finding) => void;
  /** There is no connection to the line, and why. */
  readonly unreached: (why: string) => void;
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
        isDead = typeof knock === "object";
        if (typeof knock === "object") scan.unreached(knock.why);
        if (knock === "answers") for (const finding of await identify(link, unit, scan, shelf)) scan.found(finding);
      }
      scan.unitDone();
    }
  } finally {
    await link.close();
  }
}

/** Exceptions of a gateway whose line has no such unit. */
const UNREACHED: ReadonlySet<number> = new Set([10, 11]);

async function knockAt(
  link: ModbusLink,
  unit: number,
  waitMs: number,
): Promise<"answers" | "silent" | { readonly why: string }> {
  for (const code of [3, 4] as const) {
    const outcome = await link.read({ unit, function: code, address: 0, count: 1, timeoutMs: waitMs });
    if (outcome.ok) return "answers";
    const { error } = outcome;
    if (error.code === "EXCEPTION") return UNREACHED.has(error.exception) ? "silent" : "answers";
    const cause = error.code === "OFFLINE" ? error.cause : error;
    if (cause.code === "CONNECT_FAILED") return { why: cause.detail };
  }
  return "silent";
}

interface Shelf {
  readonly registers: readonly DeviceProfile[];
  readonly sunspec: readonly SunspecProfile[];
}

/** One finding for each device of the unit; more than one where meters lie behind an inverter in one map. */
async function identify(link: ModbusLink, unit: number, scan: LineScan, shelf: Shelf): Promise<readonly Finding[]> {
  const [first = NOBODY, ...behind] = await sunspecDevices(link, unit, shelf.sunspec, scan);
  const fits: Fit[] = [...first.fits];
  for (const profile of shelf.registers) {
    if (scan.isStopped()) break;
    fits.push(...present(await registerFit(link, unit, profile)));
  }
  const { place, entry } = scan;
  return [{ ...first, fits }, ...behind].map(({ identity, fits: own }, index) => ({
    ...{ place: `${place} unit ${unit}${index === 0 ? "" : `, device ${index + 1}`}`, identity, fits: ranked(own) },
    ...{ entry: { ...entry, unit }, link: "modbus" as const },
  }));
}

/** What a unit's SunSpec map holds at one place. */
interface SunspecFits {
  readonly identity: Identity | null;
  readonly fits: readonly Fit[];
}

const NOBODY: SunspecFits = { identity: null, fits: [] };

interface MakersFit {
  readonly fit: Fit;
  readonly isOfMaker: boolean;
}

/** In the order of the map; none where the unit does not speak SunSpec. */
async function sunspecDevices(
  link: ModbusLink,
  unit: number,
  profiles: readonly SunspecProfile[],
  scan: LineScan,
): Promise<readonly SunspecFits[]> {
  const memory: MapMemory = new Map();
  const devices = new Map<number, { identity: Identity; fits: MakersFit[] }>();
  for (const profile of profiles) {
    let count = 1;
    for (let subdevice = 0; subdevice < count && !scan.isStopped(); subdevice += 1) {
      const device = new SunspecDevice({ device: "scan", link, profile, unit, subdevice, memory });
      const found = await device.unit.find();
      if (!found.ok && found.error.code === "NOT_SUNSPEC") return [];
      if (!found.ok) break;
      count = Math.min(device.unit.subdevices, SUBDEVICES_MAX);
      const { identity, models } = found.value.device;
      const [head] = found.value.map.devices;
      const isOfMaker = isMadeBy(profile, identity) || (head !== undefined && isMadeBy(profile, head.identity));
      const entry = devices.get(models[0]?.address ?? 0) ?? { identity, fits: [] };
      devices.set(models[0]?.address ?? 0, entry);
      if (profile.head.vendor !== "any" && !isOfMaker) continue;
      const { readings } = await device.poll(() => machineTime.wallNow());
      const fit = { ...fitOf(profile.head, readings, "identity"), ...(count > 1 ? { subdevice } : {}) };
      entry.fits.push({ fit, isOfMaker });
    }
  }
  return [...devices]
    .sort(([a], [b]) => a - b)
    .map(([, { identity, fits }]) => {
      const kinds = new Set(fits.filter(({ isOfMaker }) => isOfMaker).map(({ fit }) => fit.head.kind));
      const best = fits.filter(({ isOfMaker, fit }) => isOfMaker || !kinds.has(fit.head.kind));
      return { identity, fits: best.map(({ fit }) => fit) };
    });
}

/** What a gateway file can name. */
const SUBDEVICES_MAX = 10;

function isMadeBy({ head }: SunspecProfile, { manufacturer }: Identity): boolean {
  return manufacturer.toLowerCase().startsWith(head.vendor.toLowerCase());
}

async function registerFit(link: ModbusLink, unit: number, profile: DeviceProfile): Promise<Fit | null> {
  const device = new ModbusDevice({ device: "scan", link, profile, unit });
  const { readings } = await device.poll(() => machineTime.wallNow());
  const isIdentified = profile.identify.length > 0 && device.failure?.code !== "ANOTHER_DEVICE";
  const fit = fitOf(profile.head, readings, isIdentified ? "identity" : "values");
  if (fit.points === 0 || device.failure?.code === "ANOTHER_DEVICE") return null;
  const makesSense = fit.points / fit.pointsMax >= 0.8 && isPlausible(profile.head.kind, readings);
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

/** Whether what it says could be so: of a grid's line, or of a store. */
function isPlausible(kind: DeviceProfile["head"]["kind"], readings: readonly Reading[]): boolean {
  return isLine(readings) || (kind === "battery" && isStore(readings));
}

/** Whether there is a battery's voltage, and a state of charge. */
function isStore(readings: readonly Reading[]): boolean {
  const valueOf = (name: string): number | null => {
    const value = readings.find(({ point }) => point === name)?.value;
    return value?.kind === "value" ? value.value : null;
  };
  const [voltage, charge] = [valueOf("voltage_mv"), valueOf("state_of_charge_ppm")];
  return voltage !== null && voltage >= 10_000 && voltage <= 1_000_000 && charge !== null;
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
