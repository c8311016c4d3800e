/** Prices and carbon intensities per slot: a constant, a time-of-use table or a column. A level is repeated, never split. */
import { roundQuotient } from "@micromarket/kernel";
import { CELL_DIGITS, complainAtCell, readGrid, type ColumnGrid } from "./column-grid.ts";
import { planColumn, type ColumnPlan } from "./column-plan.ts";
import { fillGaps } from "./fill-gaps.ts";
import type { Horizon } from "./horizon.ts";
import { carbonDigits, checkPriceUnit, priceDigits, readPrice, readQuantity } from "./quantity-text.ts";
import { clockAt, complain, type MarketReading, type ScenarioReading } from "./scenario-reading.ts";
import type { LevelColumn, TariffText, TimeOfUse } from "./scenario-schema.ts";
import type { YamlPath } from "@micromarket/yaml-files";
import { wallAt, type ZoneClock } from "./zone-clock.ts";

/** Reads a tariff or feed-in price: micro-currency per kWh, one for each slot. */
export function readTariff(
  reading: ScenarioReading,
  path: YamlPath,
  text: TariffText,
  horizon: Horizon,
): readonly number[] | null {
  if (typeof text === "string") return constantPrice(reading, path, text, horizon);
  if ("windows" in text) return readTimeOfUse(reading, path, text, horizon);
  const wrong = checkPriceUnit(text.unit, reading.file.market.currency);
  if (wrong !== null) return complain(reading, [...path, "unit"], wrong);
  return readLevels(reading, path, text, priceDigits(text.unit), horizon);
}

/** Reads a carbon intensity: micrograms per kWh, one for each slot. */
export function readCarbon(reading: ScenarioReading, horizon: Horizon): readonly number[] | null {
  const { carbon } = reading.file;
  if (carbon === undefined) return null;
  if (typeof carbon !== "string") return readLevels(reading, ["carbon"], carbon, carbonDigits(carbon.unit), horizon);
  const level = readQuantity(carbon);
  if (!level.ok) return complain(reading, ["carbon"], level.error);
  if (level.value.value < 0n) return complainOfNegativeCarbon(reading);
  return new Array<number>(horizon.slotCount).fill(Number(level.value.value));
}

function complainOfNegativeCarbon(reading: ScenarioReading): null {
  const what = "a negative carbon intensity";
  return complain(reading, ["carbon"], { code: "VALUE_NEGATIVE", what, mend: "write 0 g/kWh or more" });
}

/** A price that the file has at `path`, micro-currency per kWh. */
export function priceAt(reading: MarketReading, path: YamlPath, text: string): number | null {
  const price = readPrice(text, reading.file.market.currency);
  return price.ok ? price.value : complain(reading, path, price.error);
}

function constantPrice(
  reading: ScenarioReading,
  path: YamlPath,
  text: string,
  { slotCount }: Horizon,
): readonly number[] | null {
  const price = priceAt(reading, path, text);
  return price === null ? null : new Array<number>(slotCount).fill(price);
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** A table of values by time of day, as scenarios have it. */
export interface WindowsText<Window> {
  readonly zone?: string;
  readonly windows: readonly (Window & Pick<TimeOfUse["windows"][number], "from" | "to" | "days" | "months">)[];
}

/** One window with its times as minutes of the day. */
interface OpenWindow {
  readonly from: number;
  readonly to: number;
  /** Of the day on which the window opens; 0 is Monday. */
  readonly days: readonly number[] | null;
  /** 1 to 12. */
  readonly months: readonly number[] | null;
  readonly value: number;
}

function readTimeOfUse(
  reading: ScenarioReading,
  path: YamlPath,
  text: TimeOfUse,
  horizon: Horizon,
): readonly number[] | null {
  const otherwise = priceAt(reading, [...path, "otherwise"], text.otherwise);
  return readWindows(reading, path, text, otherwise, horizon, (at, window) =>
    priceAt(reading, [...at, "price"], window.price),
  );
}

/** Reads a table of values by time of day, one for each slot. `otherwise` holds outside all windows. */
export function readWindows<Window>(
  reading: ScenarioReading,
  path: YamlPath,
  text: WindowsText<Window>,
  otherwise: number | null,
  horizon: Horizon,
  read: (path: YamlPath, window: Window) => number | null,
): readonly number[] | null {
  const clock = text.zone === undefined ? horizon.clock : clockAt(reading, [...path, "zone"], text.zone);
  const windows = text.windows.map((window, index): OpenWindow | null => {
    const windowPath = [...path, "windows", index];
    const value = read(windowPath, window);
    const days = window.days?.map((day) => DAYS.indexOf(day)) ?? null;
    const [from, to] = [minutesOf(window.from), minutesOf(window.to)];
    if (clock !== null) checkBorders(reading, windowPath, { from, to }, clock, horizon);
    return value === null ? null : { from, to, days, months: window.months ?? null, value };
  });
  if (clock === null || otherwise === null || windows.includes(null)) return null;
  const known = windows.filter((window) => window !== null);
  return Array.from({ length: horizon.slotCount }, (_, slot) => {
    const wall = wallAt(clock, horizon.startMs + slot * horizon.slotMs);
    return known.find((window) => holds(window, wall))?.value ?? otherwise;
  });
}

function minutesOf(clock: string): number {
  const [hours, minutes] = clock.split(":");
  return Number(hours) * 60 + Number(minutes);
}

/** A slot has one price: windows open and close where slots begin. */
function checkBorders(
  reading: ScenarioReading,
  path: YamlPath,
  window: { readonly from: number; readonly to: number },
  clock: ZoneClock,
  { startMs, slotMs }: Horizon,
): void {
  for (const key of ["from", "to"] as const) {
    if ((window[key] * MINUTE_MS - wallAt(clock, startMs)) % slotMs === 0) continue;
    const what = "this border lies inside a slot";
    complain(reading, [...path, key], { code: "WINDOW_OFF_SLOT", what, mend: "move it to the start of a slot" });
  }
}

/** Whether a window holds a moment of the wall clock. A window over midnight belongs to the day on which it opens. */
function holds({ from, to, days, months }: OpenWindow, wall: number): boolean {
  const minute = Math.floor((wall % DAY_MS) / MINUTE_MS);
  const isOverMidnight = to <= from;
  const isInside = isOverMidnight ? minute >= from || minute < to : minute >= from && minute < to;
  if (!isInside) return false;
  const openedAt = new Date(isOverMidnight && minute < to ? wall - DAY_MS : wall);
  const weekday = (openedAt.getUTCDay() + 6) % 7;
  return (days?.includes(weekday) ?? true) && (months?.includes(openedAt.getUTCMonth() + 1) ?? true);
}

/** Reads a column of levels as integers of 10^−digits, one for each slot. */
export function readLevels(
  reading: ScenarioReading,
  path: YamlPath,
  text: LevelColumn,
  digits: number,
  horizon: Horizon,
): readonly number[] | null {
  const plan = planColumn(reading, path, text, horizon);
  if (plan === null) return null;
  if (plan.stepMs < horizon.slotMs) {
    const what = "the steps of this column are shorter than a slot, and a slot has one level only";
    return complain(reading, plan.stepPath, { code: "STEP_UNFIT", what, mend: "use slots as short as the steps" });
  }
  const before = reading.problems.count();
  const grid = readGrid(reading, plan, horizon, "steps");
  const filled = grid === null ? null : fillGaps(reading, plan, grid, "level");
  if (grid === null || filled === null) return null;
  const levels = filled.values.map((value, step) =>
    levelOf(reading, plan, grid, step, value, { digits, round: text.round }),
  );
  if (reading.problems.count() > before) return null;
  const { startMs, slotMs, slotCount } = horizon;
  return Array.from(
    { length: slotCount },
    (_, slot) => levels[Math.floor((startMs - grid.startMs + slot * slotMs) / plan.stepMs)] ?? 0,
  );
}

function levelOf(
  reading: ScenarioReading,
  plan: ColumnPlan,
  grid: ColumnGrid,
  step: number,
  value: bigint,
  { digits, round = "refuse" }: { readonly digits: number; readonly round: LevelColumn["round"] },
): number {
  const unit = 10n ** BigInt(CELL_DIGITS - digits);
  const level = Number(roundQuotient(value, unit));
  const row = Math.max(0, grid.rows[step] ?? 0);
  const text = plan.table.rows[row]?.[plan.column]?.trim() ?? "";
  if (!Number.isSafeInteger(level)) {
    complainAtCell(reading, plan, row, plan.column, {
      code: "CELL_TOO_LARGE",
      what: `${text} is too large`,
      mend: "check the unit",
    });
  } else if (round === "refuse" && value % unit !== 0n) {
    const what = `${text} has more than the ${digits} digits after the point that this unit can keep`;
    complainAtCell(reading, plan, row, plan.column, { code: "CELL_TOO_PRECISE", what, mend: "declare round: nearest" });
  }
  return level;
}
