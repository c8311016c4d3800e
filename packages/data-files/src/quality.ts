/**
 * What is remarkable about a series before anybody trusts a run that uses it.
 *
 * Figures are integers with the unit in their name, judged over the steps that the run uses. Warnings are sentences.
 */
import { floorDivide, formatInstant, instantMs, roundQuotient } from "@micromarket/kernel";
import type { ColumnGrid } from "./column-grid.ts";
import type { ColumnPlan } from "./column-plan.ts";
import type { Factor, SeriesOwner } from "./energy-unit.ts";
import type { SeriesQuality } from "./quality-report.ts";
import { qualityWarnings } from "./quality-warnings.ts";
import { wallAt } from "./zone-clock.ts";

/** A series with the way that it came. */
export interface SeriesEvidence {
  readonly owner: SeriesOwner;
  readonly plan: ColumnPlan;
  readonly grid: ColumnGrid;
  readonly unit: string;
  /** One for each step; × factor = Wh. */
  readonly values: readonly bigint[];
  readonly factor: Factor;
  /** Microwatts. */
  readonly nameplate: bigint | null;
  readonly filled: number;
  readonly longestGap: number;
  readonly negatives: number;
}

const MILLION = 1_000_000n;
const HOUR_MS = 3_600_000n;
const DAY_MS = 86_400_000n;
const NIGHT_FROM_HOUR = 23;
const NIGHT_TO_HOUR = 3;
const YEAR_DAYS = 365n;

/** Measures a series and judges it. */
export function judgeSeries(evidence: SeriesEvidence): SeriesQuality {
  const { owner, plan, grid, values, nameplate } = evidence;
  const zeros = zeroSteps(evidence);
  const total = sum(values);
  const end = grid.startMs + values.length * plan.stepMs;
  const figures = {
    home: owner.home,
    series: owner.flow,
    file: plan.table.path,
    column: plan.columnName,
    unit: evidence.unit,
    from: formatInstant(instantMs(grid.startMs)),
    to: formatInstant(instantMs(end)),
    step_seconds: Math.round(plan.stepMs / 1_000),
    steps: values.length,
    filled_steps: evidence.filled,
    longest_gap_steps: evidence.longestGap,
    gap_rule: plan.gaps,
    duplicate_stamps: grid.duplicates,
    negative_values: evidence.negatives,
    zero_steps: zeros.count,
    zero_share_ppm: share(BigInt(zeros.count), BigInt(values.length)),
    longest_zero_run_minutes: Math.round((zeros.longestRun * plan.stepMs) / 60_000),
    energy_wh: wattHoursOf(total, evidence.factor),
    energy_wh_by_year: energyByYear(evidence),
    peak_w: peakWatts(evidence),
    nameplate_w: nameplate === null ? null : Number(roundQuotient(nameplate, MILLION)),
    yield_wh_per_kwp_year: nameplate === null ? null : yearlyYield(evidence, total, nameplate),
    night_share_ppm:
      owner.flow === "pv" ? share(sum(values.filter((_, step) => isNight(evidence, step))), total) : null,
  };
  return { ...figures, warnings: qualityWarnings(figures) };
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((partial, value) => partial + value, 0n);
}

/** Parts per million; 0 of nothing. */
function share(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number(roundQuotient(part * MILLION, whole));
}

function wattHoursOf(value: bigint, { numerator, denominator }: Factor): number {
  return Number(roundQuotient(value * numerator, denominator));
}

function zeroSteps({ values, factor, plan }: SeriesEvidence): { readonly count: number; readonly longestRun: number } {
  // value × factor < 1 W × step
  const limit = floorDivide(BigInt(plan.stepMs) * factor.denominator, HOUR_MS * factor.numerator);
  let [count, run, longestRun] = [0, 0, 0];
  for (const value of values) {
    run = value < limit ? run + 1 : 0;
    count += run > 0 ? 1 : 0;
    longestRun = Math.max(longestRun, run);
  }
  return { count, longestRun };
}

function peakWatts({ values, factor, plan }: SeriesEvidence): number {
  const peak = values.reduce((most, value) => (value > most ? value : most), 0n);
  return Number(roundQuotient(peak * factor.numerator * HOUR_MS, factor.denominator * BigInt(plan.stepMs)));
}

function yearlyYield({ values, factor, plan }: SeriesEvidence, total: bigint, nameplate: bigint): number {
  const perKilowatt = total * factor.numerator * 1_000n * MILLION * YEAR_DAYS * DAY_MS;
  return Number(
    roundQuotient(perKilowatt, factor.denominator * nameplate * BigInt(values.length) * BigInt(plan.stepMs)),
  );
}

function isNight({ plan, grid }: SeriesEvidence, step: number): boolean {
  const middle = grid.startMs + step * plan.stepMs + Math.floor(plan.stepMs / 2);
  const hour = new Date(wallAt(plan.clock, middle)).getUTCHours();
  return hour >= NIGHT_FROM_HOUR || hour < NIGHT_TO_HOUR;
}

function energyByYear({ values, factor, plan, grid }: SeriesEvidence): Readonly<Record<string, number>> {
  const sums = new Map<number, bigint>();
  for (const [step, value] of values.entries()) {
    const year = new Date(wallAt(plan.clock, grid.startMs + step * plan.stepMs)).getUTCFullYear();
    sums.set(year, (sums.get(year) ?? 0n) + value);
  }
  return Object.fromEntries([...sums].map(([year, value]) => [String(year), wattHoursOf(value, factor)]));
}
