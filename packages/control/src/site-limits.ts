/**
 * The limits of a site, below the market: what its devices may do together, whatever was traded.
 *
 * Load convention: power > 0 flows in. Nothing allowed is ever looser than what is wanted: it lies between 0 and the wish.
 * What is not known is taken for the worst: without a measurement storage rests, chargers go to their minimum, and where
 * export is limited nothing is generated.
 *
 * What a plant may give, or a load may take, is no promise: the sun or the vehicle decides. Sure is no more than what flows
 * through it now, as far as that stays allowed. Storage does what it is told. So the flow at the meter lies between two
 * bounds, and both must keep inside the limits: import counts what loads may take and what plants give now, export what
 * plants may give and what loads take now.
 *
 * In this order: batteries never feed each other; the group's budget; the import limit; the export limit, which takes no
 * more from storage at first than the import limit bears, and last holds loads that have not begun to what both leave.
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
  /** What flows at the grid's meter if all obey, between these two; `null`: not known. */
  readonly predicted: { readonly least: Watts; readonly most: Watts } | null;
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
  const group = limits.groupMax === null ? null : { most: limits.groupMax, isIn: isInGroup };
  if (group !== null) {
    const cap = group.most + surplusOf(drafts, rest);
    curb(drafts, { cap, reason: "GROUP_LIMIT", sign: 1, concerns: group.isIn });
  }
  if (limits.importMax !== null) {
    const cap = limits.importMax - rest - sum(drafts.filter(({ power }) => power < 0).map(sure));
    curb(drafts, { cap, reason: "IMPORT_LIMIT", sign: 1, concerns: () => true });
  }
  if (limits.exportMax !== null) curbExport(drafts, rest, limits.exportMax, limits.importMax);
  if (group !== null) {
    const drawn = sum(drafts.filter(group.isIn).map(({ power }) => Math.max(0, power)));
    curbLoadsToCome(drafts, drawn - group.most - surplusOf(drafts, rest), "GROUP_LIMIT", group.isIn);
  }
  if (limits.importMax !== null) {
    curbLoadsToCome(drafts, mostFlow(drafts, rest) - limits.importMax, "IMPORT_LIMIT", () => true);
  }
  const [least, most] = [leastFlow(drafts, rest), mostFlow(drafts, rest)];
  const breaches: SiteReason[] = [];
  if (limits.importMax !== null && most > limits.importMax) breaches.push("IMPORT_LIMIT");
  if (limits.exportMax !== null && -least > limits.exportMax) breaches.push("EXPORT_LIMIT");
  return { ...allocationOf(drafts), predicted: { least: watts(least), most: watts(most) }, breaches };
}

/** What of its power is sure to flow: of a load or a plant what flows now, as far as it is allowed. */
function sure({ device, power }: Draft): number {
  const { kind, measured, minimum } = device;
  if (kind === "storage") return power;
  const now = measured.kind === "missing" ? 0 : measured.value;
  if (kind === "generator") return Math.min(0, Math.max(now, power));
  // what it takes standing by ends when it is told to rest
  return now < minimum || power <= 0 ? 0 : Math.min(now, power);
}

/** The flow where plants give all that they may, and loads take no more than now. */
function leastFlow(drafts: readonly Draft[], rest: number): number {
  return rest + sum(drafts.map((draft) => (draft.device.kind === "load" ? sure(draft) : draft.power)));
}

/** The flow where loads take all that they may, and plants give no more than now. */
function mostFlow(drafts: readonly Draft[], rest: number): number {
  return rest + sum(drafts.map((draft) => (draft.device.kind === "generator" ? sure(draft) : draft.power)));
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
  const net = sum(stores.map(({ power }) => power));
  const sign = net < 0 ? -1 : 1;
  if (stores.every(({ power }) => power * sign >= 0)) return;
  for (const draft of stores) if (draft.power * sign < 0) lower(draft, 0, "OPPOSED_STORAGE");
  curb(stores, { cap: Math.abs(net), reason: "OPPOSED_STORAGE", sign, concerns: () => true });
}

/**
 * Discharging ends before generation does, because what is stored is not lost; but as long as the import limit needs it,
 * generation that is still to come does not replace it. What plants give now is left to them before what they might give.
 */
function curbExport(drafts: readonly Draft[], rest: number, exportMax: number, importMax: number | null): void {
  const reason = "EXPORT_LIMIT";
  const excess = (): number => Math.max(0, -leastFlow(drafts, rest) - exportMax);
  const given = (kind: SiteDeviceKind): number =>
    -sum(drafts.filter(({ device, power }) => device.kind === kind && power < 0).map(({ power }) => power));
  const curbKind = (kind: SiteDeviceKind, by: number): void => {
    if (by > 0)
      curb(drafts, { cap: given(kind) - by, reason, sign: -1, concerns: ({ device }) => device.kind === kind });
  };
  const bearable = importMax === null ? Infinity : Math.max(0, importMax - mostFlow(drafts, rest));
  curbKind("storage", Math.min(excess(), bearable));
  curbKind("generator", excess());
  curbKind("storage", excess());
}

/**
 * Loads that draw go on; what they, and others, might draw besides must not need the generation that the export limit has
 * just held back.
 */
function curbLoadsToCome(
  drafts: readonly Draft[],
  excess: number,
  reason: SiteReason,
  isIn: (draft: Draft) => boolean,
): void {
  if (excess <= 0) return;
  const concerns = (draft: Draft): boolean => draft.device.kind === "load" && isIn(draft);
  const loads = drafts.filter(concerns);
  const cap = Math.max(sum(loads.map(sure)), sum(loads.map(({ power }) => power)) - excess);
  curb(drafts, { cap, reason, sign: 1, concerns, isFlowFirst: true });
}

function isInGroup({ device }: Draft): boolean {
  return device.isInGroup;
}

/** What plants are sure to give beyond what the site takes besides its devices. */
function surplusOf(drafts: readonly Draft[], rest: number): number {
  const generated = sum(drafts.filter(({ device }) => device.kind === "generator").map(sure));
  return Math.max(0, -(rest + generated));
}

interface Curb {
  /** The most that those whom it concerns may take (`sign` 1) or give (−1) together. */
  readonly cap: number;
  readonly reason: SiteReason;
  readonly sign: 1 | -1;
  readonly concerns: (draft: Draft) => boolean;
  /** What flows now is served before anything else; with `sign` −1 it always is. */
  readonly isFlowFirst?: boolean;
}

function curb(drafts: readonly Draft[], { cap, reason, sign, concerns, isFlowFirst = sign < 0 }: Curb): void {
  const concerned = drafts.filter((draft) => draft.power * sign > 0 && concerns(draft));
  const claims = concerned.map((draft): Claim => {
    const { id, minimum, floor, priority, kind } = draft.device;
    const flow = kind === "storage" ? 0 : sure(draft) * sign;
    const wanted = draft.power * sign;
    return { id, priority, wanted, minimum: sign > 0 ? minimum : 0, floor: isFlowFirst ? flow : floor };
  });
  const shares = shareOut(Math.max(0, cap), claims);
  for (const [index, draft] of concerned.entries()) lower(draft, (shares[index] ?? 0) * sign, reason);
}

function lower(draft: Draft, power: number, reason: SiteReason): void {
  if (power === draft.power) return;
  draft.power = power;
  draft.reasons.push(reason);
}

function sum(powers: readonly number[]): number {
  return powers.reduce((total, power) => total + power, 0);
}

function allocationOf(drafts: readonly Draft[]): Pick<SiteAllocation, "allowed"> {
  return { allowed: drafts.map(({ device, power, reasons }) => ({ id: device.id, power: watts(power), reasons })) };
}
