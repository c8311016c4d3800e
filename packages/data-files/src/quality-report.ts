/** The data-quality report of a scenario: `quality.json`. Figures are integers with the unit in their name. */

/** One series of one home. */
export interface SeriesQuality {
  readonly home: string;
  readonly series: "load" | "pv";
  /** Relative to the scenario's folder. */
  readonly file: string;
  readonly column: string;
  readonly unit: string;
  /** First instant and end of the steps that the run uses, ISO 8601 in UTC. */
  readonly from: string;
  readonly to: string;
  readonly step_seconds: number;
  readonly steps: number;
  /** Steps without a value in the file. */
  readonly filled_steps: number;
  readonly longest_gap_steps: number;
  readonly gap_rule: string;
  readonly duplicate_stamps: number;
  /** Values of the wrong sign that were taken as 0. */
  readonly negative_values: number;
  /** Steps with less than 1 W on average, and the longest run of them. */
  readonly zero_steps: number;
  readonly zero_share_ppm: number;
  readonly longest_zero_run_minutes: number;
  readonly energy_wh: number;
  /** By calendar year of the file's clock. */
  readonly energy_wh_by_year: Readonly<Record<string, number>>;
  /** Largest mean power of a step. */
  readonly peak_w: number;
  readonly nameplate_w: number | null;
  /** Energy per kW of nameplate and 365 days. */
  readonly yield_wh_per_kwp_year: number | null;
  /** PV only: share of the energy between 23:00 and 3:00 on the file's clock. */
  readonly night_share_ppm: number | null;
  readonly warnings: readonly string[];
}

/** Every series that came from a file. */
export interface QualityReport {
  readonly series: readonly SeriesQuality[];
  /** Homes with a warning, in the scenario's order. */
  readonly flagged_homes: readonly string[];
}
