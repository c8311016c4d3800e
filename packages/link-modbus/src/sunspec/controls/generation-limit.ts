/** The limit of generation, as a share or in watts, by model 704 or 123, or by its one register alone. */
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
  type FullPower,
  type GroupReading,
} from "./control-group.ts";

type Unit = "ppm" | "w";

const PPM = 1_000_000;
const UINT16_MAX = 0xfffe;
const UINT32_MAX = 0xffff_fffe;

/** Model 704: six registers from 14 on, with the value that it falls back to and a timer of 32 bits; 20 counts down. */
export function limitBy704(unit: Unit): ControlGroup {
  const names = [
    "WMaxLimPctEna",
    "WMaxLimPct",
    "WMaxLimPctRvrt",
    "WMaxLimPctEnaRvrt",
    "WMaxLimPctRvrtTms",
    "WMaxLimPctRvrtRem",
  ];
  return {
    model: 704,
    points: names,
    maxRegisters: null,
    full: unit === "w" ? ["702:WMax", "702:WMaxRtg"] : null,
    kept: [{ offset: 14, count: 6 }],
    state: (group) => {
      const left = rawOf(group.reading, "WMaxLimPctRvrtRem") ?? 0;
      return {
        ...stateOf(unit, group, "WMaxLimPctEna"),
        revertsInMs: left > 0 ? left * 1_000 : null,
      };
    },
    frames: (value, terms, group) => {
      const percent = percentOf(unit, value, group);
      if (!percent.ok) return percent;
      const found = rawOf(group.reading, "WMaxLimPctRvrtTms");
      const seconds = reversionSeconds(terms, found, UINT32_MAX, "704:WMaxLimPctRvrtTms");
      if (!seconds.ok) return seconds;
      const back = fallbackOf(unit, terms, group);
      if (!back.ok) return back;
      return ok([{ offset: 14, words: [1, percent.value, ...back.value, ...wordsFor(seconds.value, 2)] }]);
    },
  };
}

/** Model 123: five registers from 5 on, with a timer of 16 bits. It cannot be told what it falls back to. */
export function limitBy123(unit: Unit): ControlGroup {
  const names = ["WMaxLimPct", "WMaxLimPct_WinTms", "WMaxLimPct_RvrtTms", "WMaxLimPct_RmpTms", "WMaxLim_Ena"];
  return {
    model: 123,
    points: names,
    maxRegisters: null,
    full: unit === "w" ? ["121:WMax", "120:WRtg"] : null,
    kept: [{ offset: 5, count: 5 }],
    state: (group) => stateOf(unit, group, "WMaxLim_Ena"),
    frames: (value, terms, group) => {
      const percent = percentOf(unit, value, group);
      if (!percent.ok) return percent;
      if (terms.fallback !== null) return refused("UNSUPPORTED", "model 123 cannot be told what it falls back to");
      const found = rawOf(group.reading, "WMaxLimPct_RvrtTms");
      const seconds = reversionSeconds(terms, found, UINT16_MAX, "123:WMaxLimPct_RvrtTms");
      return seconds.ok ? ok([{ offset: 5, words: [percent.value, 0, seconds.value, 0, 1] }]) : seconds;
    },
  };
}

/** The one register of model 704 or 123, on devices that refuse the rest of the group; somebody else must have enabled it. */
export function limitByOneRegister(model: 704 | 123): ControlGroup {
  const [offset, enabled] = model === 704 ? [15, "WMaxLimPctEna"] : [5, "WMaxLim_Ena"];
  return {
    model,
    points: ["WMaxLimPct", enabled],
    maxRegisters: 5, // what lies between is not there
    full: null,
    kept: [{ offset, count: 1 }],
    state: (group) => {
      const state = stateOf("ppm", group, enabled);
      const objections =
        state.isActive === true ? [] : [`${model}:${enabled} is not 1: an installer must enable the limit`];
      return { ...state, objections: [...state.objections, ...objections] };
    },
    frames: (value, terms, group) => {
      const percent = percentOf("ppm", value, group);
      if (!percent.ok) return percent;
      if (terms.revertAfterMs !== null || terms.fallback !== null) {
        return refused("UNSUPPORTED", "this limit has no timer and no value to fall back to");
      }
      return ok([{ offset, words: [percent.value] }]);
    },
  };
}

function stateOf(unit: Unit, { reading, full }: GroupReading, enabled: string): ReturnType<ControlGroup["state"]> {
  const raw = rawOf(reading, "WMaxLimPct");
  const exponent = exponentOf(reading, "WMaxLimPct");
  const isEnabled = rawOf(reading, enabled);
  const value = raw === null || exponent === null ? null : valueOf(unit, raw, exponent, full);
  const objections =
    value === null ? [`${reading.model.id}:WMaxLimPct, its scale factor or its 100 % is not implemented`] : [];
  return { value, isActive: isEnabled === null ? null : isEnabled === 1, revertsInMs: null, objections };
}

function valueOf(unit: Unit, raw: number, exponent: number, full: FullPower | null): number | null {
  if (unit === "ppm") return nearestOf(BigInt(raw), 1n, exponent + 4);
  return full === null ? null : nearestOf(BigInt(raw) * BigInt(full.raw), 100n, exponent + full.scale);
}

/** Percent as the register takes it; what would round to 0 or is more than 100 is refused. */
function percentOf(unit: Unit, value: number, { reading, full }: GroupReading): Result<number, ControlFailure> {
  const exponent = exponentOf(reading, "WMaxLimPct");
  if (exponent === null) return refused("UNSUPPORTED", `${reading.model.id}:WMaxLimPct_SF is not implemented`);
  if (unit === "w" && full === null) return refused("UNSUPPORTED", "the device does not say how many watts 100 % are");
  const raw =
    unit === "ppm"
      ? towardsZero(BigInt(value), 1n, exponent + 4)
      : towardsZero(BigInt(value) * 100n, BigInt(full?.raw ?? 1), exponent + (full?.scale ?? 0));
  const isMore = unit === "ppm" ? value > PPM : full !== null && exceeds(value, full);
  if (isMore || raw > UINT16_MAX) return refused("VALUE_REFUSED", `${value} is more than 100 %`);
  if (raw === 0 && value !== 0)
    return refused("VALUE_REFUSED", `${value} is less than one step of the device, and 0 may stop it`);
  return ok(raw);
}

/** WMaxLimPctRvrt and WMaxLimPctEnaRvrt: as told, or as found. */
function fallbackOf(
  unit: Unit,
  { fallback }: WriteTerms,
  group: GroupReading,
): Result<readonly number[], ControlFailure> {
  if (fallback === null) {
    const value = rawOf(group.reading, "WMaxLimPctRvrt") ?? rawOf(group.reading, "WMaxLimPct") ?? 0;
    return ok([value, rawOf(group.reading, "WMaxLimPctEnaRvrt") ?? 0]);
  }
  if (rawOf(group.reading, "WMaxLimPctRvrt") === null)
    return refused("UNSUPPORTED", "704:WMaxLimPctRvrt is not implemented");
  const percent = percentOf(unit, fallback, group);
  return percent.ok ? ok([percent.value, 1]) : percent;
}
