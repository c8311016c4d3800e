/**
 * A home's energy per slot from a column of energies, powers or counter readings, exactly: units are ratios, finer steps
 * are summed, coarser ones split, and only the cumulative sum is rounded to 1 Wh.
 */
import { energyOfSeries, HOUR, measured, type Measurement, type WattHours } from "@micromarket/kernel";
import { CELL_DIGITS, complainAtCell, readGrid, type ColumnGrid } from "./column-grid.ts";
import { columnAt, planColumn, type ColumnPlan } from "./column-plan.ts";
import { fillGaps } from "./fill-gaps.ts";
import type { Horizon } from "./horizon.ts";
import { judgeSeries, type SeriesQuality } from "./quality.ts";
import { readQuantity } from "./quantity-text.ts";
import { complain, tableAt, type ScenarioReading } from "./scenario-reading.ts";
import type { EnergyColumn, NameplateText } from "./scenario-schema.ts";
import type { YamlPath } from "./yaml-text.ts";

/** Which flow a series is. */
export type Flow = "load" | "pv";

/** Whose series is read. */
export interface SeriesOwner {
  readonly home: string;
  readonly flow: Flow;
  /** Puts the home's number into a text. */
  readonly fill: (text: string) => string;
}

/** Energy per slot, and what is remarkable about where it came from. */
export interface EnergySeries {
  readonly energies: readonly WattHours[];
  readonly quality: SeriesQuality;
}

/** A positive fraction. */
export interface Factor {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Reads the column that the scenario has at `path`. */
export function readEnergySeries(
  reading: ScenarioReading,
  path: YamlPath,
  text: EnergyColumn,
  owner: SeriesOwner,
  horizon: Horizon,
): EnergySeries | null {
  const before = reading.problems.count();
  const plan = planColumn(reading, path, text, horizon, owner.fill);
  const nameplate =
    text.nameplate === undefined ? null : readNameplate(reading, [...path, "nameplate"], text.nameplate, owner);
  const factor = plan === null ? null : factorOf(reading, plan, text, nameplate);
  const isCounter = text.kind === "counter";
  if (plan === null || factor === null || (isCounter && !isCounterPlan(reading, plan, text))) return null;
  const grid = readGrid(reading, plan, horizon, isCounter ? "readings" : "steps");
  if (grid === null) return null;
  const isFlipped = (text.sign ?? naturalSign(owner.flow)) !== naturalSign(owner.flow);
  const signed = isFlipped ? { ...grid, points: grid.points.map(negated) } : grid;
  const steps = isCounter ? stepsOfCounter(reading, plan, signed) : stepsOfIntervals(reading, plan, signed, owner.flow);
  if (steps === null || reading.problems.count() > before) return null;
  if (!isPlausible(reading, plan, grid, steps.values, factor)) return null;
  const energies = energyPerSlot(steps.values, factor, plan.stepMs, grid.startMs, horizon);
  const quality = judgeSeries({ ...steps, ...{ owner, plan, grid, factor, nameplate, unit: text.unit } });
  return { energies, quality };
}

function naturalSign(flow: Flow): "consumption-positive" | "generation-positive" {
  return flow === "load" ? "consumption-positive" : "generation-positive";
}

function negated(point: Measurement<bigint>): Measurement<bigint> {
  return point.kind === "value" ? measured(-point.value) : point;
}

const WATTS: Readonly<Record<string, bigint>> = { W: 1n, kW: 1_000n, MW: 1_000_000n };

/** Watt-hours of a step per unit of a cell's integer. */
function factorOf(
  reading: ScenarioReading,
  plan: ColumnPlan,
  text: EnergyColumn,
  nameplate: bigint | null,
): Factor | null {
  const [unit = "", perKilowatt] = text.unit.split("/");
  const isPower = !unit.endsWith("h");
  let numerator = WATTS[isPower ? unit : unit.slice(0, -1)] ?? 0n;
  let denominator = 10n ** BigInt(CELL_DIGITS);
  if (isPower) [numerator, denominator] = [numerator * BigInt(plan.stepMs), denominator * BigInt(HOUR)];
  if (perKilowatt === undefined) return { numerator, denominator };
  if (nameplate !== null)
    return { numerator: numerator * nameplate, denominator: denominator * MICROWATTS_PER_KILOWATT };
  if (text.nameplate !== undefined) return null; // complained about already
  const what = `unit ${text.unit} needs the rated power of the plant`;
  return complain(reading, plan.path, { code: "NAMEPLATE_MISSING", what, mend: "add nameplate: 4 kW, say" });
}

const MICROWATTS_PER_KILOWATT = 1_000_000_000n;

/** The rated power in microwatts. */
function readNameplate(
  reading: ScenarioReading,
  path: YamlPath,
  text: NameplateText,
  owner: SeriesOwner,
): bigint | null {
  const quantity = typeof text === "string" ? text : lookUp(reading, path, text, owner);
  if (quantity === null) return null;
  const power = readQuantity(quantity);
  if (!power.ok) return complain(reading, path, power.error);
  if (power.value.value > 0n) return power.value.value;
  const what = `the rated power of ${owner.home} is ${quantity}`;
  return complain(reading, path, {
    code: "NAMEPLATE_NOT_POSITIVE",
    what,
    mend: "leave pv out for a home without a plant",
  });
}

/** The rated power with its unit, from a table. */
function lookUp(
  reading: ScenarioReading,
  path: YamlPath,
  text: Exclude<NameplateText, string>,
  { fill }: SeriesOwner,
): string | null {
  const table = tableAt(reading, [...path, "file"], fill(text.file), { delimiter: ",", headerRows: 1 });
  if (table === null) return null;
  const keyColumn = columnAt(reading, [...path, "keyColumn"], table, text.keyColumn);
  const column = columnAt(reading, [...path, "column"], table, text.column);
  if (keyColumn === null || column === null) return null;
  const key = fill(text.key);
  const row = table.rows.findIndex((cells) => cells[keyColumn]?.trim() === key);
  if (row < 0) {
    const what = `${table.name} has no row with ${JSON.stringify(key)} in column ${text.keyColumn}`;
    return complain(reading, [...path, "key"], {
      code: "KEY_NOT_FOUND",
      what,
      mend: "correct the key, or add the row",
    });
  }
  const cell = table.rows[row]?.[column]?.trim() ?? "";
  if (/^\d+(?:\.\d+)?$/.test(cell)) return `${cell} ${text.unit}`;
  const what = `${JSON.stringify(cell)} is no rated power`;
  reading.problems.add(table.placeOf(row, column), { code: "CELL_NOT_A_NUMBER", what, mend: "write plain digits" });
  return null;
}

function isCounterPlan(reading: ScenarioReading, plan: ColumnPlan, text: EnergyColumn): boolean {
  const isEnergy = /^[kM]?Wh$/.test(text.unit);
  const code = "COUNTER_UNFIT";
  if (!isEnergy)
    complain(reading, plan.path, { code, what: `a counter in ${text.unit}`, mend: "declare Wh, kWh or MWh" });
  if (plan.stamps?.atEnd !== true) return isEnergy;
  const what = "a counter with stamps at the end of steps";
  complain(reading, plan.path, { code, what, mend: "leave stamps.at out: a reading is taken at its stamp" });
  return false;
}

/** A column that is ready to be summed. */
interface Steps {
  readonly values: readonly bigint[];
  readonly filled: number;
  readonly longestGap: number;
  readonly negatives: number;
}

function stepsOfIntervals(reading: ScenarioReading, plan: ColumnPlan, grid: ColumnGrid, flow: Flow): Steps | null {
  let negatives = 0;
  const points = grid.points.map((point, index) => {
    if (point.kind === "missing" || point.value >= 0n) return point;
    negatives += 1;
    if (plan.negative === "refuse") complainOfNegative(reading, plan, grid.rows[index] ?? 0, flow);
    return measured(0n);
  });
  const filled = fillGaps(reading, plan, { ...grid, points }, "energy");
  return filled === null ? null : { ...filled, negatives };
}

function complainOfNegative(reading: ScenarioReading, plan: ColumnPlan, row: number, flow: Flow): void {
  const word = flow === "load" ? "consumption" : "generation";
  const text = plan.table.rows[row]?.[plan.column] ?? "";
  const what = `${text.trim()} is a negative ${word}`;
  const mend = "declare the file's sign, or negative: zero where it is noise of the meter";
  complainAtCell(reading, plan, row, plan.column, { code: "VALUE_NEGATIVE", what, mend });
}

/** Differences of consecutive readings. */
function stepsOfCounter(reading: ScenarioReading, plan: ColumnPlan, grid: ColumnGrid): Steps | null {
  const filled = fillGaps(reading, plan, grid, "counter");
  if (filled === null) return null;
  const values = filled.values.slice(1).map((value, index) => value - (filled.values[index] ?? 0n));
  for (const [index, value] of values.entries()) {
    const row = grid.rows[index + 1] ?? -1;
    if (value >= 0n || row < 0) continue;
    const text = plan.table.rows[row]?.[plan.column] ?? "";
    const what = `the counter goes down to ${text.trim()}`;
    const mend = "where the meter was changed or reset, split the file there; else correct the reading";
    complainAtCell(reading, plan, row, plan.column, { code: "COUNTER_GOES_DOWN", what, mend });
  }
  return { ...filled, values, negatives: 0 };
}

/** No home moves a gigawatt-hour in a step. */
const STEP_MAX_WH = 1_000_000_000n;

function isPlausible(
  reading: ScenarioReading,
  plan: ColumnPlan,
  grid: ColumnGrid,
  values: readonly bigint[],
  { numerator, denominator }: Factor,
): boolean {
  const index = values.findIndex((value) => value * numerator > STEP_MAX_WH * denominator);
  if (index < 0) return true;
  const row = Math.max(0, grid.rows[index] ?? 0);
  const what = `${plan.table.rows[row]?.[plan.column] ?? ""} is more than a gigawatt-hour in a step`;
  complainAtCell(reading, plan, row, plan.column, { code: "CELL_TOO_LARGE", what, mend: "check the unit" });
  return false;
}

/** Sums finer steps, splits coarser ones evenly; rounds the cumulative sum only. */
function energyPerSlot(
  values: readonly bigint[],
  { numerator, denominator }: Factor,
  stepMs: number,
  gridStartMs: number,
  { startMs, slotMs, slotCount }: Horizon,
): readonly WattHours[] {
  if (stepMs <= slotMs) {
    const perSlot = slotMs / stepMs;
    const sums = Array.from({ length: slotCount }, (_, slot) =>
      values.slice(slot * perSlot, (slot + 1) * perSlot).reduce((sum, value) => sum + value, 0n),
    );
    return energyOfSeries(sums, numerator, denominator);
  }
  const perStep = stepMs / slotMs;
  const offset = (startMs - gridStartMs) / slotMs;
  const shares = Array.from({ length: slotCount }, (_, slot) => values[Math.floor((offset + slot) / perStep)] ?? 0n);
  return energyOfSeries(shares, numerator, denominator * BigInt(perStep));
}
