/**
 * The limits of a site, below the market: what its devices may do together, whatever was traded.
 *
 * Load convention: power > 0 flows in. Nothing allowed is ever looser than what is wanted: it lies between 0 and the wish.
 * What is not known is taken for the worst: without a measurement storage rests, chargers go to their minimum, and where
 * export is limited nothing is generated.
 *
 * In this order: batteries never feed each other; the group's budget; the import limit; the export limit. Each only takes
 * power away on its own side and so never undoes one before it: curbing the export ends where export equals its limit.
 */
import { watts, type Measurement, type Watts } from "@micromarket/kernel";
import { shareOut, type Claim } from "./share-out.ts";

/** What a device is to these limits: `storage` may do both, a `load` only takes, a `generator` only gives. */
export type SiteDeviceKind = "storage" | "load" | "generator";

/** One controlled device. */
export interface SiteDevice {
  readonly id: string;
  readonly kind: SiteDeviceKind;
  /** The set-point that is wanted. */
  readonly wanted: Watts;
  /** What flows now. */
  readonly measured: Measurement<Watts>;
  /** Below it the device takes nothing (a charger's least current); 0 where it takes any power. */
  readonly minimum: Watts;
  /** What it gets of a scarce import before others get more; not negative. */
  readonly floor: Watts;
  /** Higher is served first. */
  readonly priority: number;
  /** Whether the group's budget counts it. */
  readonly isInGroup: boolean;
}

/** What holds for a site now; `null`: no such limit. None is negative. */
export interface SiteLimits {
  readonly importMax: Watts | null;
  /** 0 is zero export. */
  readonly exportMax: Watts | null;
  /** What the group may draw from the grid; the site's own generation comes on top. */
  readonly groupMax: Watts | null;
}

/** Why a device got less than was wanted, or a limit does not hold. */
export type SiteReason = "METER_MISSING" | "OPPOSED_STORAGE" | "GROUP_LIMIT" | "IMPORT_LIMIT" | "EXPORT_LIMIT";

/** What one device may do. */
export interface AllowedPower {
  readonly id: string;
  readonly power: Watts;
  /** In the order in which they took something away. */
  readonly reasons: readonly SiteReason[];
}

/** What all may do. */
export interface SiteAllocation {
  readonly allowed: readonly AllowedPower[];
  /** What will flow at the grid's meter if all obey; `null`: not known. */
  readonly predicted: Watts | null;
  /** Limits that hold no longer even so. */
  readonly breaches: readonly SiteReason[];
}

/** The working copy of one device. */
interface Draft {
  readonly device: SiteDevice;
  power: number;
  readonly reasons: SiteReason[];
}

/**
 * What the devices of one site may do now.
 *
 * @param meter power at the grid's meter
 * @param devices with distinct ids; the result has their order and does not depend on it otherwise
 */
export function limitSite(
  meter: Measurement<Watts>,
  devices: readonly SiteDevice[],
  limits: SiteLimits,
): SiteAllocation {
  const drafts = devices.map((device) => ({ device, power: wishOf(device), reasons: [] }));
  const rest = restOf(meter, devices);
  if (rest === null) return failSafe(drafts, limits);
  keepStorageApart(drafts);
  if (limits.groupMax !== null) {
    const generated = sumOf(drafts.filter(({ device }) => device.kind === "generator"));
    const cap = limits.groupMax + Math.max(0, -(rest + generated));
    curb(drafts, { cap, reason: "GROUP_LIMIT", sign: 1, concerns: ({ device }) => device.isInGroup });
  }
  if (limits.importMax !== null) {
    const cap = limits.importMax - rest - sumOf(drafts.filter(({ power }) => power < 0));
    curb(drafts, { cap, reason: "IMPORT_LIMIT", sign: 1, concerns: () => true });
  }
  if (limits.exportMax !== null) curbExport(drafts, rest, limits.exportMax);
  const predicted = rest + sumOf(drafts);
  const isOverImport = limits.importMax !== null && predicted > limits.importMax;
  const isOverExport = limits.exportMax !== null && -predicted > limits.exportMax;
  const breaches: SiteReason[] = [];
  if (isOverImport) breaches.push("IMPORT_LIMIT");
  if (isOverExport) breaches.push("EXPORT_LIMIT");
  return { ...allocationOf(drafts), predicted: watts(predicted), breaches };
}

/** A wish against the device's own direction is none, and one below its minimum neither. */
function wishOf({ kind, wanted, minimum }: SiteDevice): number {
  if (kind === "load" && wanted < 0) return 0;
  if (kind === "generator" && wanted > 0) return 0;
  return wanted > 0 && wanted < minimum ? 0 : wanted;
}

/** What flows at the meter and through none of the devices; `null` where a measurement is missing. */
function restOf(meter: Measurement<Watts>, devices: readonly SiteDevice[]): number | null {
  if (meter.kind === "missing") return null;
  let rest: number = meter.value;
  for (const { measured } of devices) {
    if (measured.kind === "missing") return null;
    rest -= measured.value;
  }
  return rest;
}

function failSafe(drafts: readonly Draft[], limits: SiteLimits): SiteAllocation {
  for (const draft of drafts) {
    const { kind, minimum } = draft.device;
    if (kind === "storage") lower(draft, 0, "METER_MISSING");
    if (kind === "load") lower(draft, Math.min(draft.power, minimum), "METER_MISSING");
    if (kind === "generator" && limits.exportMax !== null) lower(draft, 0, "METER_MISSING");
  }
  return { ...allocationOf(drafts), predicted: null, breaches: [] };
}

/** Batteries that would feed each other keep what they want together: the side that wants more shares the difference. */
function keepStorageApart(drafts: readonly Draft[]): void {
  const stores = drafts.filter(({ device }) => device.kind === "storage");
  const net = sumOf(stores);
  const sign = net < 0 ? -1 : 1;
  if (stores.every(({ power }) => power * sign >= 0)) return;
  for (const draft of stores) if (draft.power * sign < 0) lower(draft, 0, "OPPOSED_STORAGE");
  curb(stores, { cap: Math.abs(net), reason: "OPPOSED_STORAGE", sign, concerns: () => true });
}

/** Discharging ends before generation does: what is stored is not lost. */
function curbExport(drafts: readonly Draft[], rest: number, exportMax: number): void {
  for (const kind of ["storage", "generator"] as const) {
    const others = sumOf(drafts.filter(({ device, power }) => device.kind !== kind || power > 0));
    const cap = exportMax + rest + others;
    curb(drafts, { cap, reason: "EXPORT_LIMIT", sign: -1, concerns: ({ device }) => device.kind === kind });
  }
}

interface Curb {
  /** The most that those whom it concerns may take (`sign` 1) or give (−1) together. */
  readonly cap: number;
  readonly reason: SiteReason;
  readonly sign: 1 | -1;
  readonly concerns: (draft: Draft) => boolean;
}

function curb(drafts: readonly Draft[], { cap, reason, sign, concerns }: Curb): void {
  const concerned = drafts.filter((draft) => draft.power * sign > 0 && concerns(draft));
  const claims = concerned.map(({ device, power }): Claim => {
    const { id, minimum, floor, priority } = device;
    return { id, priority, wanted: power * sign, minimum: sign > 0 ? minimum : 0, floor: sign > 0 ? floor : 0 };
  });
  const shares = shareOut(Math.max(0, cap), claims);
  for (const [index, draft] of concerned.entries()) lower(draft, (shares[index] ?? 0) * sign, reason);
}

function lower(draft: Draft, power: number, reason: SiteReason): void {
  if (power === draft.power) return;
  draft.power = power;
  draft.reasons.push(reason);
}

function sumOf(drafts: readonly Draft[]): number {
  return drafts.reduce((sum, { power }) => sum + power, 0);
}

function allocationOf(drafts: readonly Draft[]): Pick<SiteAllocation, "allowed"> {
  return { allowed: drafts.map(({ device, power, reasons }) => ({ id: device.id, power: watts(power), reasons })) };
}
