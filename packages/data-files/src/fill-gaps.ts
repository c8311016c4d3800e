/** What becomes of missing values: an error, or what the scenario declares to stand for them. There is no default value. */
import {
  type Complaint,
  formatInstant,
  instantMs,
  type Measurement,
  roundQuotient,
  valueOr,
} from "@micromarket/kernel";
import { complainAtCell, type ColumnGrid } from "./column-grid.ts";
import type { ColumnPlan } from "./column-plan.ts";
import { complain, type ScenarioReading } from "./scenario-reading.ts";

const DAY_MS = 86_400_000;

/** A column without gaps. */
export interface FilledValues {
  readonly values: readonly bigint[];
  readonly filled: number;
  readonly longestGap: number;
}

/** Missing values in a row. */
interface Gap {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** Fills the gaps of a column by the plan's rule, or logs them. `kind` says which rules make sense. */
export function fillGaps(
  reading: ScenarioReading,
  plan: ColumnPlan,
  grid: ColumnGrid,
  kind: "energy" | "counter" | "level",
): FilledValues | null {
  const gaps = gapsOf(grid.points);
  const values = grid.points.map((point) => valueOr(point, () => 0n));
  const counts = { filled: gaps.reduce((sum, { from, to }) => sum + to - from, 0), longestGap: longest(gaps) };
  if (gaps.length === 0) return { values, ...counts };
  if (plan.gaps === "refuse") {
    for (const gap of gaps) complainOfGap(reading, plan, grid, gap);
    return null;
  }
  const unfit = unfitRule(plan, kind);
  if (unfit !== null) return complain(reading, plan.path, unfit);
  for (const gap of gaps) {
    if (!fillGap(values, gap, plan)) return complainOfSource(reading, plan, grid, gap);
  }
  return { values, ...counts };
}

function gapsOf(points: readonly Measurement<bigint>[]): readonly Gap[] {
  const gaps: Gap[] = [];
  for (let from = 0; from < points.length; from++) {
    let to = from;
    while (points[to]?.kind === "missing") to += 1;
    if (to === from) continue;
    gaps.push({ from, to });
    from = to;
  }
  return gaps;
}

function longest(gaps: readonly Gap[]): number {
  return gaps.reduce((most, { from, to }) => Math.max(most, to - from), 0);
}

/** A counter that is held would make a spike of the gap's energy; a price of 0 would be invented. */
function unfitRule(plan: ColumnPlan, kind: "energy" | "counter" | "level"): Complaint | null {
  const fit = { energy: ["hold", "previous-day", "zero"], counter: ["spread"], level: ["hold", "previous-day"] }[kind];
  if (!fit.includes(plan.gaps)) {
    const what = `gaps: ${plan.gaps} does not fit this column, and it has gaps`;
    return { code: "GAP_RULE_UNFIT", what, mend: `declare gaps: ${fit.join(" or ")}, or mend the file` };
  }
  if (plan.gaps !== "previous-day" || DAY_MS % plan.stepMs === 0) return null;
  const what = "gaps: previous-day with a step that does not divide a day";
  return { code: "GAP_RULE_UNFIT", what, mend: "declare another rule" };
}

/** Whether there was something to fill the gap with. */
function fillGap(values: bigint[], { from, to }: Gap, plan: ColumnPlan): boolean {
  if (plan.gaps === "zero") return true;
  if (plan.gaps === "spread") return spread(values, { from, to });
  const distance = plan.gaps === "hold" ? 1 : DAY_MS / plan.stepMs;
  for (let index = from; index < to; index++) {
    const source = values[index - distance];
    if (source === undefined) return false;
    values[index] = source;
  }
  return true;
}

/** The counter goes up evenly from the reading before the gap to the one after it. */
function spread(values: bigint[], { from, to }: Gap): boolean {
  const [before, after] = [values[from - 1], values[to]];
  if (before === undefined || after === undefined) return false;
  const steps = BigInt(to - from + 1);
  for (let index = from; index < to; index++) {
    values[index] = before + roundQuotient((after - before) * BigInt(index - from + 1), steps);
  }
  return true;
}

function complainOfGap(reading: ScenarioReading, plan: ColumnPlan, grid: ColumnGrid, { from, to }: Gap): void {
  const mend = "mend the file, or declare a gaps rule";
  let missingRows = 0;
  for (let index = from; index < to; index++) {
    const row = grid.rows[index] ?? -1;
    if (row < 0) missingRows += 1;
    else {
      const text = plan.table.rows[row]?.[plan.column] ?? "";
      const code = text.trim() === "" ? "CELL_EMPTY" : "CELL_NOT_A_NUMBER";
      const what = text.trim() === "" ? "this cell is empty" : `${JSON.stringify(text)} is no number`;
      complainAtCell(reading, plan, row, plan.column, { code, what, mend });
    }
  }
  if (missingRows === 0) return;
  const time = formatInstant(instantMs(grid.startMs + from * plan.stepMs));
  const what = `${missingRows} ${missingRows === 1 ? "row is" : "rows are"} missing before this one, from ${time} on`;
  complainAtCell(reading, plan, rowAfter(grid, to), plan.stamps?.column ?? 0, { code: "GAP", what, mend });
}

function complainOfSource(reading: ScenarioReading, plan: ColumnPlan, grid: ColumnGrid, gap: Gap): null {
  const time = formatInstant(instantMs(grid.startMs + gap.from * plan.stepMs));
  const what = `gaps: ${plan.gaps} has no value to fill the gap from ${time} on`;
  const complaint = { code: "GAP_WITHOUT_SOURCE", what, mend: "start the run later, or mend the file" };
  return complainAtCell(reading, plan, rowAfter(grid, gap.from), plan.stamps?.column ?? plan.column, complaint);
}

/** The first row at or after a point. */
function rowAfter({ rows, rowBeyond }: ColumnGrid, point: number): number {
  return rows.slice(point).find((candidate) => candidate >= 0) ?? rowBeyond;
}
