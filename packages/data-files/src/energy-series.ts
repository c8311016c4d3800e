/**
 * A home's energy per slot from a column of energies, powers or counter readings, exactly: units are ratios, finer steps
 * are summed, coarser ones split, and only the cumulative sum is rounded to 1 Wh.
 */
import { energyOfSeries, measured, type Measurement, type WattHours } from "@micromarket/kernel";
import { complainAtCell, readGrid, type ColumnGrid } from "./column-grid.ts";
import { planColumn, type ColumnPlan } from "./column-plan.ts";
import { factorOf, readNameplate, type Factor, type Flow, type SeriesOwner } from "./energy-unit.ts";
import { fillGaps } from "./fill-gaps.ts";
import type { Horizon } from "./horizon.ts";
import { judgeSeries } from "./quality.ts";
import type { SeriesQuality } from "./quality-report.ts";
import { complain, type ScenarioReading } from "./scenario-reading.ts";
import type { EnergyColumn } from "./scenario-schema.ts";
import type { YamlPath } from "@micromarket/yaml-files";

/** Energy per slot, and what is remarkable about where it came from. */
export interface EnergySeries {
  readonly energies: readonly WattHours[];
  readonly quality: SeriesQuality;
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
