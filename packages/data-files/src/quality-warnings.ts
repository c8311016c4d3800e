/** When a figure of a series deserves a second look, and the sentence that says so. */
import { formatDecimal } from "@micromarket/kernel";
import type { SeriesQuality } from "./quality-report.ts";

/** What is judged. */
export type QualityFigures = Omit<SeriesQuality, "warnings">;

/** Fridges and stand-by never sleep: more of nothing than this is a meter that failed, or an empty home. */
const LOAD_ZERO_PPM_MAX = 50_000;
const LOAD_ZERO_RUN_HOURS_MAX = 24;
/** Snow lies for days, nights near the poles for months; a plant of the temperate zones produces sooner. */
const PV_ZERO_RUN_HOURS_MAX = 72;
const YIELD_KWH_MIN = 500;
const YIELD_KWH_MAX = 2_500;
/** Over less than this a year's yield cannot be told from its season. */
const YIELD_DAYS_MIN = 300;
const NIGHT_PPM_MAX = 10_000;
const FILLED_PPM_MAX = 10_000;
const HOME_PEAK_W_MAX = 100_000;
/** A plant above its rated power by more than this (in tenths) has another rating, or the column another unit. */
const PEAK_TENTHS_OF_NAMEPLATE_MAX = 13;

/** The warnings about a series, each a sentence. */
export function qualityWarnings(figures: QualityFigures): readonly string[] {
  const own = figures.series === "load" ? loadWarnings(figures) : pvWarnings(figures);
  return [...own, ...fileWarnings(figures)];
}

function loadWarnings(figures: QualityFigures): string[] {
  const warnings: string[] = [];
  const { zero_share_ppm, zero_steps, steps, peak_w } = figures;
  if (zero_share_ppm >= LOAD_ZERO_PPM_MAX) {
    const share = `${percent(zero_share_ppm)} of the steps (${zero_steps} of ${steps}) are below 1 W`;
    warnings.push(`${share}: the meter may have failed, or the home stood empty.`);
  }
  const hours = zeroRunHours(figures);
  if (hours >= LOAD_ZERO_RUN_HOURS_MAX) warnings.push(`For ${hours} h on end there is no load at all.`);
  if (peak_w > HOME_PEAK_W_MAX) warnings.push(`The peak of ${kilo(peak_w)} kW is much for a home: check the unit.`);
  return warnings;
}

function pvWarnings(figures: QualityFigures): string[] {
  const warnings: string[] = [];
  const { yield_wh_per_kwp_year: yearly, nameplate_w, peak_w, night_share_ppm } = figures;
  const days = Math.floor((figures.steps * figures.step_seconds) / 86_400);
  if (yearly !== null && days >= YIELD_DAYS_MIN && (yearly < YIELD_KWH_MIN * 1_000 || yearly > YIELD_KWH_MAX * 1_000)) {
    const found = `The plant yields ${kilo(yearly)} kWh per kW and year`;
    warnings.push(`${found}, where ${YIELD_KWH_MIN} to ${YIELD_KWH_MAX} are usual: check meter, unit and nameplate.`);
  }
  const hours = zeroRunHours(figures);
  if (hours >= PV_ZERO_RUN_HOURS_MAX) warnings.push(`For ${hours} h on end there is no generation.`);
  if (nameplate_w !== null && peak_w * 10 > nameplate_w * PEAK_TENTHS_OF_NAMEPLATE_MAX) {
    const found = `The peak of ${kilo(peak_w)} kW is far above the nameplate of ${kilo(nameplate_w)} kW`;
    warnings.push(`${found}: check unit and nameplate.`);
  }
  if (days >= 1 && night_share_ppm !== null && night_share_ppm >= NIGHT_PPM_MAX) {
    const found = `${percent(night_share_ppm)} of the energy comes between 23:00 and 3:00`;
    warnings.push(`${found}: check the time zone, and whether stamps name the start or the end of a step.`);
  }
  return warnings;
}

function fileWarnings({ filled_steps, steps, gap_rule, duplicate_stamps, negative_values }: QualityFigures): string[] {
  const warnings: string[] = [];
  if (filled_steps * 1_000_000 >= steps * FILLED_PPM_MAX) {
    warnings.push(`${filled_steps} of ${steps} steps were missing and filled by the rule "${gap_rule}".`);
  }
  if (duplicate_stamps > 0) warnings.push(`${duplicate_stamps} rows were left out because their stamp stands twice.`);
  if (negative_values * 1_000_000 >= steps * FILLED_PPM_MAX) {
    warnings.push(`${negative_values} of ${steps} values had the wrong sign and were taken as 0.`);
  }
  return warnings;
}

function zeroRunHours({ longest_zero_run_minutes }: QualityFigures): number {
  return Math.floor(longest_zero_run_minutes / 60);
}

/** Parts per million as percent with one digit. */
export function percent(ppm: number): string {
  return `${formatDecimal(BigInt(Math.round(ppm / 1_000)), 1)} %`;
}

/** Thousands with one digit: W as kW, Wh as kWh. */
export function kilo(value: number): string {
  return formatDecimal(BigInt(Math.round(value / 100)), 1);
}
