/** Where the models of a device lie, as its headers say: the device's own lengths win over those of the tables. */
import { fail, ok, type Result } from "@micromarket/kernel";
import { ILLEGAL_ADDRESS, SOFT_EXCEPTIONS, type LinkFailure } from "../link-failure.ts";
import type { ReadOutcome } from "../modbus-connection.ts";
import type { PointPlace } from "./model-table.ts";
import { IDENTITY_MODEL, placeOfPoint } from "./sunspec-models.ts";
import { textOf } from "./sunspec-value.ts";

/** One model of a device. */
export interface ModelPlace {
  readonly id: number;
  /** Of its ID, as on the wire. */
  readonly address: number;
  /** Registers behind ID and L. */
  readonly length: number;
}

/** Who a device says it is; "" where it does not say. */
export interface Identity {
  readonly manufacturer: string;
  readonly model: string;
  readonly version: string;
  readonly serial: string;
}

/** One device: its models in their order, the first of which is model 1. */
export interface MappedDevice {
  readonly identity: Identity;
  readonly models: readonly ModelPlace[];
}

/** All that one unit serves. */
export interface SunspecMap {
  /** Of the mark `SunS`. */
  readonly base: number;
  /** More than one where meters lie behind an inverter in one map. */
  readonly devices: readonly MappedDevice[];
  readonly endedBy: "marker" | "refusal";
}

/** Why a device cannot be read by SunSpec. */
export type SunspecFailure =
  | LinkFailure
  /** None of the bases holds the mark `SunS`. */
  | { readonly code: "NOT_SUNSPEC"; readonly detail: string }
  /** The chain of models has no end, or a wrong start. */
  | { readonly code: "MAP_INVALID"; readonly detail: string }
  /** Another header lies where a model was: the device has another map than before. */
  | { readonly code: "MAP_CHANGED"; readonly detail: string }
  /** The device has none of the models that its profile needs. */
  | { readonly code: "MODEL_MISSING"; readonly detail: string };

/** Asks one unit for holding registers. */
export type Ask = (address: number, count: number) => Promise<ReadOutcome>;

/** How a walk goes. */
export interface WalkOptions {
  readonly bases: readonly number[];
  /** A refusal or a short answer instead of a header ends the chain. */
  readonly endsByException: boolean;
  /** A second model 1 starts the next device; else the chain ends there for us. */
  readonly secondIdentityIsDevice: boolean;
}

const MARK = [0x5375, 0x6e53];
const END = 0xffff;
const MODELS_MAX = 200;
const ADDRESS_COUNT = 0x1_0000;

/** The first base with the mark. A base that is refused is not it; one that nobody answers for, or "later", ends the search. */
export async function findBase(ask: Ask, bases: readonly number[]): Promise<Result<number, SunspecFailure>> {
  for (const base of bases) {
    const outcome = await ask(base, MARK.length);
    if (outcome.ok && outcome.value.every((word, index) => word === MARK[index])) return ok(base);
    if (!outcome.ok && !isRefusal(outcome.error)) return outcome;
  }
  return fail({ code: "NOT_SUNSPEC", detail: `no "SunS" at ${bases.join(", ")}` });
}

/** Goes from header to header to the end of the chain, then asks each device who it is. */
export async function walkMap(
  ask: Ask,
  base: number,
  options: WalkOptions,
): Promise<Result<SunspecMap, SunspecFailure>> {
  const models: ModelPlace[] = [];
  let endedBy: SunspecMap["endedBy"] = "marker";
  for (let address = base + MARK.length; ;) {
    const header = await readHeader(ask, address, options, models.length > 0);
    if (!header.ok) return header;
    if (header.value === "refusal") endedBy = "refusal";
    if (header.value === "refusal" || header.value === "marker") break;
    const { id, length } = header.value;
    if (id === 0) return invalid(`there is no model 0, as at ${address}`);
    if (models.length === 0 && id !== IDENTITY_MODEL) return invalid(`model ${id} comes first, not model 1`);
    if (models.length > 0 && id === IDENTITY_MODEL && !options.secondIdentityIsDevice) break;
    if (models.length === MODELS_MAX) return invalid(`more than ${MODELS_MAX} models`);
    models.push({ id, address, length });
    address += length + 2;
    if (address >= ADDRESS_COUNT) return invalid(`model ${id} at ${address - length - 2} ends behind register 65535`);
  }
  if (models.length === 0) return invalid("no models");
  const devices: MappedDevice[] = [];
  for (const group of byDevice(models)) {
    const identity = await readIdentity(ask, group[0]);
    if (!identity.ok) return identity;
    devices.push({ identity: identity.value, models: group });
  }
  return ok({ base, devices, endedBy });
}

/** Who the device whose model 1 lies at `place` is. */
export async function readIdentity(ask: Ask, place: ModelPlace | undefined): Promise<Result<Identity, SunspecFailure>> {
  const { address = 0, length = 0 } = place ?? {};
  const count = Math.min(length, 64) + 2;
  const outcome = await ask(address, count);
  if (!outcome.ok) return outcome;
  if (outcome.value[0] !== IDENTITY_MODEL || outcome.value[1] !== length) {
    return fail({ code: "MAP_CHANGED", detail: `no model 1 of ${length} registers at ${address} any more` });
  }
  const text = (name: string): string => {
    const place1 = placeOfPoint(IDENTITY_MODEL, name) as PointPlace;
    const value = textOf(place1, outcome.value.slice(place1.offset, place1.offset + place1.size));
    return value.kind === "value" ? value.value : "";
  };
  return ok({ manufacturer: text("Mn"), model: text("Md"), version: text("Vr"), serial: text("SN") });
}

async function readHeader(
  ask: Ask,
  address: number,
  { endsByException }: WalkOptions,
  isInside: boolean,
): Promise<Result<{ id: number; length: number } | "marker" | "refusal", SunspecFailure>> {
  const outcome = await ask(address, 2);
  if (outcome.ok) {
    const [id = END, length = 0] = outcome.value;
    return ok(id === END ? "marker" : { id, length });
  }
  const { error } = outcome;
  const isShort = error.code === "REPLY_INVALID" && error.fault === "length";
  const isRefused = isRefusal(error);
  if (isRefused && error.exception === ILLEGAL_ADDRESS) {
    const alone = await ask(address, 1); // some devices have the end's mark without a length
    const [id = 0] = alone.ok ? alone.value : [];
    if (id === END) return ok("marker");
    if (id !== 0) return outcome; // a model is there: it was refused for the moment
    if (!alone.ok && !isRefusal(alone.error)) return alone;
  }
  if ((isRefused || isShort) && endsByException && isInside) return ok("refusal");
  return isRefused
    ? invalid(`register ${address} is refused (exception ${error.exception}) where a model was expected`)
    : outcome;
}

/** The device says that it is not there, not that it is busy. */
function isRefusal(error: LinkFailure): error is Extract<LinkFailure, { code: "EXCEPTION" }> {
  return error.code === "EXCEPTION" && !SOFT_EXCEPTIONS.has(error.exception);
}

function byDevice(models: readonly ModelPlace[]): readonly ModelPlace[][] {
  const groups: ModelPlace[][] = [];
  for (const model of models) {
    if (model.id === IDENTITY_MODEL) groups.push([]);
    groups.at(-1)?.push(model);
  }
  return groups;
}

function invalid(detail: string): Result<never, SunspecFailure> {
  return fail({ code: "MAP_INVALID", detail });
}
