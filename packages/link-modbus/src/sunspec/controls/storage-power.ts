/**
 * What a store can be told: a set-point by model 704; by model 124 a set-point, and limits of charge and discharge.
 *
 * Model 124 gives a window: bit 0 of StorCtl_Mod makes InWRte the most charge, bit 1 OutWRte the most discharge, in percent
 * of WChaMax; a negative rate is the least of the other direction. A set-point is a window of one value: charging with P is
 * OutWRte −P (which forces it, from the grid where need be) with InWRte P; 0 holds. Rates go first, then the mode obeys them.
 */
import type { ControlFailure, WriteTerms } from "@micromarket/device-profiles";
import { ok, type Result } from "@micromarket/kernel";
import {
  exceeds,
  exponentOf,
  nearestOf,
  rawOf,
  refused,
  reversionSeconds,
  towardsZero,
  wordsFor,
  type ControlGroup,
  type Frame,
  type GroupReading,
} from "./control-group.ts";

const UINT16_MAX = 0xfffe;
const INT16_MAX = 0x7fff;
const INT32_MAX = 0x7fff_ffff;
const UINT32_MAX = 0xffff_fffe;
const CHARGE_BIT = 1;
const DISCHARGE_BIT = 2;

/** Model 704: eleven registers from 22 on, in watts; 33 counts down. The model counts generation positive. */
export const SETPOINT_BY_704: ControlGroup = {
  model: 704,
  points: [
    "WSetEna",
    "WSetMod",
    "WSet",
    "WSetRvrt",
    "WSetPct",
    "WSetPctRvrt",
    "WSetEnaRvrt",
    "WSetRvrtTms",
    "WSetRvrtRem",
  ],
  maxRegisters: null,
  full: null,
  kept: [{ offset: 22, count: 11 }],
  state: ({ reading }) => {
    const [raw, exponent] = [rawOf(reading, "WSet"), exponentOf(reading, "WSet")];
    const [enabled, left] = [rawOf(reading, "WSetEna"), rawOf(reading, "WSetRvrtRem") ?? 0];
    const isKnown = raw !== null && exponent !== null && rawOf(reading, "WSetMod") !== 0;
    return {
      value: isKnown ? -nearestOf(BigInt(raw), 1n, exponent) + 0 : null,
      isActive: enabled === null ? null : enabled === 1,
      revertsInMs: left > 0 ? left * 1_000 : null,
      objections: exponent === null ? ["704:WSet_SF is not implemented"] : [],
    };
  },
  frames: (value, terms, { reading }) => {
    const exponent = exponentOf(reading, "WSet");
    if (exponent === null) return refused("UNSUPPORTED", "704:WSet_SF is not implemented");
    const seconds = reversionSeconds(terms, rawOf(reading, "WSetRvrtTms"), UINT32_MAX, "704:WSetRvrtTms");
    if (!seconds.ok) return seconds;
    const told = [value, ...(terms.fallback === null ? [] : [terms.fallback])].map((powerW) =>
      towardsZero(-BigInt(powerW), 1n, exponent),
    );
    if (told.some((raw) => Math.abs(raw) > INT32_MAX))
      return refused("VALUE_REFUSED", "704:WSet cannot hold so many watts");
    const [raw = 0, fallback] = told;
    const found = reading.words({ offset: 22, count: 11 }) ?? [];
    const back = fallback === undefined ? found.slice(4, 6) : wordsFor(fallback, 2);
    const enabledBack = fallback === undefined ? (rawOf(reading, "WSetEnaRvrt") ?? 0) : 1;
    const words = [
      1,
      1,
      ...wordsFor(raw, 2),
      ...back,
      ...found.slice(6, 8),
      enabledBack,
      ...wordsFor(seconds.value, 2),
    ];
    return ok([{ offset: 22, words }]);
  },
};

/** Model 124: a window of one value. Where nothing is set, the value is 0 and not obeyed; another window holds no one value. */
export const SETPOINT_BY_124: ControlGroup = byRates({
  state: (rates) => {
    const isWindow =
      rates.mode === (CHARGE_BIT | DISCHARGE_BIT) &&
      rates.charge !== null &&
      rates.charge === -(rates.discharge ?? Number.NaN);
    const value = isWindow ? watts(rates, rates.charge) : rates.mode === 0 ? watts(rates, 0) : null;
    return { value, isActive: isWindow };
  },
  rates: (raw) => ({ charge: raw, discharge: -raw, mode: CHARGE_BIT | DISCHARGE_BIT }),
});

/** Model 124: the most charge; 0 holds it back. What limits the discharge is left as it is. */
export const CHARGE_LIMIT_BY_124: ControlGroup = byRates({
  state: (rates) => ({ value: watts(rates, rates.charge), isActive: (rates.mode & CHARGE_BIT) !== 0 }),
  rates: (raw, found) => ({ charge: raw, discharge: found.discharge, mode: found.mode | CHARGE_BIT }),
});

/** Model 124: the most discharge; 0 holds it back. */
export const DISCHARGE_LIMIT_BY_124: ControlGroup = byRates({
  state: (rates) => ({ value: watts(rates, rates.discharge), isActive: (rates.mode & DISCHARGE_BIT) !== 0 }),
  rates: (raw, found) => ({ charge: found.charge, discharge: raw, mode: found.mode | DISCHARGE_BIT }),
});

/** What a store keeps back, by the one register that holds it. */
export function reserveBy(model: 802 | 124): ControlGroup {
  const [name, offset] = model === 802 ? ["SoCRsvMin", 10] : ["MinRsvPct", 7];
  return {
    model,
    points: [name],
    maxRegisters: null,
    full: null,
    kept: [{ offset, count: 1 }],
    state: ({ reading }) => {
      const [raw, exponent] = [rawOf(reading, name), exponentOf(reading, name)];
      const value = raw === null || exponent === null ? null : nearestOf(BigInt(raw), 1n, exponent + 4);
      const objections = value === null ? [`${model}:${name} or its scale factor is not implemented`] : [];
      return { value, isActive: value === null ? null : true, revertsInMs: null, objections };
    },
    frames: (value, terms, { reading }) => {
      const exponent = exponentOf(reading, name);
      if (exponent === null || rawOf(reading, name) === null)
        return refused("UNSUPPORTED", `${model}:${name} is not implemented`);
      if (terms.revertAfterMs !== null || terms.fallback !== null)
        return refused("UNSUPPORTED", `${model}:${name} has no timer`);
      const raw = nearestOf(BigInt(value), 1n, -exponent - 4);
      return raw <= UINT16_MAX
        ? ok([{ offset, words: [raw] }])
        : refused("VALUE_REFUSED", `${model}:${name} cannot hold ${value}`);
    },
  };
}

const CONNECT = 1;
const DISCONNECT = 2;
const FAULT = 99;

/** Model 802: whether the battery is connected, by the one register that asks for it. Model 713 has nothing to be written. */
export const CONNECT_BY_802: ControlGroup = {
  model: 802,
  points: ["SetOp", "State"],
  maxRegisters: null,
  full: null,
  kept: [{ offset: 50, count: 1 }],
  state: ({ reading }) => {
    const asked = rawOf(reading, "SetOp");
    const value = asked === CONNECT ? 1 : asked === DISCONNECT ? 0 : null;
    const absent = value === null ? ["802:SetOp says neither connect nor disconnect"] : [];
    const fault = rawOf(reading, "State") === FAULT ? ["802:State is 99: the battery reports a fault"] : [];
    // how long a battery takes to follow is its own matter: its State is no word on whether it obeys
    return { value, isActive: null, revertsInMs: null, objections: [...absent, ...fault] };
  },
  frames: (value, terms, { reading }) => {
    if (rawOf(reading, "SetOp") === null) return refused("UNSUPPORTED", "802:SetOp is not implemented");
    if (terms.revertAfterMs !== null || terms.fallback !== null)
      return refused("UNSUPPORTED", "802:SetOp has no timer");
    return value === 0 || value === 1
      ? ok([{ offset: 50, words: [value === 1 ? CONNECT : DISCONNECT] }])
      : refused("VALUE_REFUSED", `${value} is neither 0 nor 1`);
  },
};

interface Rates {
  readonly mode: number;
  readonly charge: number | null;
  readonly discharge: number | null;
  readonly exponent: number | null;
  readonly full: GroupReading["full"];
}

interface RateControl {
  state(rates: Rates): { readonly value: number | null; readonly isActive: boolean };
  rates(
    raw: number,
    found: Rates,
  ): { readonly charge: number | null; readonly discharge: number | null; readonly mode: number };
}

function byRates(control: RateControl): ControlGroup {
  return {
    model: 124,
    points: [
      "StorCtl_Mod",
      "OutWRte",
      "InWRte",
      "InOutWRte_WinTms",
      "InOutWRte_RvrtTms",
      "InOutWRte_RmpTms",
      "ChaGriSet",
    ],
    maxRegisters: null,
    full: ["124:WChaMax"],
    kept: [
      { offset: 12, count: 6 },
      { offset: 5, count: 1 },
    ],
    state: (group) => {
      const rates = ratesOf(group);
      const needed = {
        StorCtl_Mod: rawOf(group.reading, "StorCtl_Mod"),
        InOutWRte_SF: rates.exponent,
        WChaMax: rates.full,
      };
      const absent = Object.entries(needed).filter(([, found]) => found === null);
      const objections = absent.map(([name]) => `124:${name} is not implemented`);
      return { ...control.state(rates), revertsInMs: null, objections };
    },
    frames: (value, terms, group) => rateFrames(control, value, terms, group),
  };
}

function rateFrames(
  control: RateControl,
  value: number,
  terms: WriteTerms,
  group: GroupReading,
): Result<readonly Frame[], ControlFailure> {
  const found = ratesOf(group);
  const { exponent, full } = found;
  if (exponent === null || full === null)
    return refused("UNSUPPORTED", "124:InOutWRte_SF or 124:WChaMax is not implemented");
  if (terms.fallback !== null) return refused("UNSUPPORTED", "model 124 cannot be told what it falls back to");
  const seconds = reversionSeconds(
    terms,
    rawOf(group.reading, "InOutWRte_RvrtTms"),
    UINT16_MAX,
    "124:InOutWRte_RvrtTms",
  );
  if (!seconds.ok) return seconds;
  const raw = towardsZero(BigInt(value) * 100n, BigInt(full.raw), exponent + full.scale);
  if (exceeds(value, full) || Math.abs(raw) > INT16_MAX)
    return refused("VALUE_REFUSED", `${value} W is more than 124:WChaMax`);
  const { charge, discharge, mode } = control.rates(raw, found);
  const absent = 0x8000;
  const words = group.reading.words({ offset: 12, count: 6 }) ?? [];
  const [, , window = 0, timer = 0, ramp = 0, grid = 0] = words;
  const fromGrid = (discharge ?? 0) < 0 && grid !== 0xffff ? 1 : grid;
  const rates = [discharge, charge].flatMap((rate) => (rate === null ? [absent] : wordsFor(rate, 1)));
  const orZero = (word: number): number => (word === 0xffff ? word : 0);
  const time = timer === 0xffff ? timer : seconds.value;
  return ok([
    { offset: 12, words: [...rates, orZero(window), time, orZero(ramp), fromGrid] },
    { offset: 5, words: [mode] },
  ]);
}

function ratesOf({ reading, full }: GroupReading): Rates {
  return {
    mode: rawOf(reading, "StorCtl_Mod") ?? 0,
    charge: rawOf(reading, "InWRte"),
    discharge: rawOf(reading, "OutWRte"),
    exponent: exponentOf(reading, "InWRte"),
    full,
  };
}

function watts({ exponent, full }: Rates, raw: number | null): number | null {
  if (raw === null || exponent === null || full === null) return null;
  return nearestOf(BigInt(raw) * BigInt(full.raw), 100n, exponent + full.scale);
}
