/** The quality report for a terminal: a short line for each series, then the warnings. */
import { percent, kilo } from "./quality-warnings.ts";
import type { QualityReport, SeriesQuality } from "./quality-report.ts";

/** Lines without line feeds; none where no series came from a file. */
export function qualityLines({ series, flagged_homes }: QualityReport): readonly string[] {
  if (series.length === 0) return [];
  const width = Math.max(...series.map(({ home }) => home.length));
  const warnings = series.flatMap(({ home, series: flow, warnings: own }) =>
    own.map((text) => `! ${home} ${flow}: ${text}`),
  );
  const verdict =
    flagged_homes.length === 0
      ? "No series looks suspicious."
      : `${flagged_homes.length} ${flagged_homes.length === 1 ? "home deserves" : "homes deserve"} a second look.`;
  return [...series.map((quality) => seriesLine(quality, width)), ...warnings, verdict];
}

function seriesLine(quality: SeriesQuality, width: number): string {
  const {
    home,
    series,
    energy_wh,
    peak_w,
    zero_share_ppm,
    yield_wh_per_kwp_year: yearly,
    steps,
    filled_steps,
  } = quality;
  return [
    `${home.padEnd(width)} ${series.padEnd(4)}`,
    `${kilo(energy_wh)} kWh in ${steps} steps`.padEnd(28),
    `peak ${kilo(peak_w)} kW`.padEnd(13),
    ...(series === "load" ? [`below 1 W ${percent(zero_share_ppm)}`] : []),
    ...(yearly === null ? [] : [`${kilo(yearly)} kWh/kWp a year`]),
    ...(filled_steps === 0 ? [] : [`${filled_steps} filled`]),
  ].join("  ");
}
