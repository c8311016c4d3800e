/**
 * A column's values on its grid of steps, as far as a run needs them.
 *
 * Values are integers of 10^−30 of the file's unit, from the cells' texts: nothing is rounded. A step without a value is
 * a `missing` with its reason; what becomes of it is another file's business.
 */
import {
  type Complaint,
  formatInstant,
  instantMs,
  measured,
  type Measurement,
  missing,
  parseDecimal,
} from "@micromarket/kernel";
import type { ColumnPlan } from "./column-plan.ts";
import type { Horizon } from "./horizon.ts";
import { complain, type ScenarioReading } from "./scenario-reading.ts";

/** Digits that are kept of a cell. A float of 17 digits below 10^−12 fits. */
export const CELL_DIGITS = 30;

/** Values of consecutive steps. */
export interface ColumnGrid {
  /** Start of the first step, milliseconds since the epoch. */
  readonly startMs: number;
  readonly points: readonly Measurement<bigint>[];
  /** The row of each point; −1 where the file has none. */
  readonly rows: readonly number[];
  /** The row after the last point; the last row where the file ends before. */
  readonly rowBeyond: number;
  /** Rows left out because their stamp stands twice. */
  readonly duplicates: number;
}

/** Reads the steps that overlap the horizon. A counter needs one reading more than there are steps (`readings`). */
export function readGrid(
  reading: ScenarioReading,
  plan: ColumnPlan,
  horizon: Horizon,
  kind: "steps" | "readings",
): ColumnGrid | null {
  const { table, stepMs } = plan;
  const origin = firstInstant(reading, plan);
  if (origin === null || !isAligned(reading, plan, horizon, origin)) return null;
  const startMs = origin + Math.floor((horizon.startMs - origin) / stepMs) * stepMs;
  const count = Math.ceil((horizon.endMs - startMs) / stepMs) + (kind === "readings" ? 1 : 0);
  if (startMs < origin) {
    const what = `the rows begin at ${timeText(origin)}, the run at ${timeText(horizon.startMs)}`;
    return complainAtRow(reading, plan, 0, {
      code: "ROWS_BEGIN_LATE",
      what,
      mend: "start the run later, or add the rows",
    });
  }
  const { last, ...placed } = placeRows(reading, plan, origin, startMs, count);
  if (last < count - 1) {
    const [reached, needed] = [timeText(startMs + (last + 1) * stepMs), timeText(startMs + count * stepMs)];
    const what = `the rows end at ${reached}, the run needs them until ${needed}`;
    const mend = "shorten the horizon, or add the rows";
    return complainAtRow(reading, plan, table.rows.length - 1, { code: "TOO_FEW_ROWS", what, mend });
  }
  return { startMs, ...placed, points: placed.rows.map((row) => readPoint(reading, plan, row)) };
}

/** The start of the step that the first row names. */
function firstInstant(reading: ScenarioReading, plan: ColumnPlan): number | null {
  if (plan.table.rows.length === 0) {
    const what = `${plan.table.name} has no rows`;
    return complain(reading, [...plan.path, "file"], { code: "TOO_FEW_ROWS", what, mend: "give a file with data" });
  }
  return rowInstant(reading, plan, 0, null);
}

/** Steps and slots must nest, and their borders meet. */
function isAligned(reading: ScenarioReading, plan: ColumnPlan, { startMs, slotMs }: Horizon, origin: number): boolean {
  const { stepMs } = plan;
  const [longer, shorter] = stepMs > slotMs ? [stepMs, slotMs] : [slotMs, stepMs];
  const [stepText, slotText] = [minutesText(stepMs), minutesText(slotMs)];
  if (longer % shorter !== 0) {
    const what = `a step of ${stepText} neither divides a slot of ${slotText} nor is a multiple of it`;
    complain(reading, plan.stepPath, {
      code: "STEP_UNFIT",
      what,
      mend: "choose a slot that fits, or resample the file",
    });
    return false;
  }
  if ((startMs - origin) % shorter === 0) return true;
  const what = `steps of ${stepText} from ${timeText(origin)} on do not meet slots of ${slotText} from ${timeText(startMs)} on`;
  complain(reading, plan.stepPath, { code: "STEP_OFF_SLOT", what, mend: "move the start of the run or of the file" });
  return false;
}

function minutesText(duration: number): string {
  return duration % 60_000 === 0 ? `${Math.round(duration / 60_000)}m` : `${Math.round(duration / 1_000)}s`;
}

function timeText(instant: number): string {
  return formatInstant(instantMs(instant));
}

interface PlacedRows extends Pick<ColumnGrid, "rows" | "rowBeyond" | "duplicates"> {
  /** The last point that has a row. */
  readonly last: number;
}

/** Finds the row of each of `count` points from `startMs` on. Rows after the last point are not looked at. */
function placeRows(
  reading: ScenarioReading,
  plan: ColumnPlan,
  origin: number,
  startMs: number,
  count: number,
): PlacedRows {
  const { table, stepMs } = plan;
  const skipped = (startMs - origin) / stepMs;
  if (plan.stamps === null) {
    const last = Math.min(count, table.rows.length - skipped) - 1;
    const counted = Array.from({ length: last + 1 }, (_, point) => skipped + point);
    return { rows: counted, rowBeyond: table.rows.length - 1, duplicates: 0, last };
  }
  const rows = new Array<number>(count).fill(-1);
  let [previous, last, duplicates]: [number | null, number, number] = [null, -Infinity, 0];
  let rowBeyond = table.rows.length - 1;
  for (let row = 0; row < table.rows.length; row++) {
    const instant = rowInstant(reading, plan, row, previous);
    if (instant === null) continue;
    if (!isInOrder(reading, plan, row, instant, previous, origin)) continue;
    const point = Math.round((instant - startMs) / stepMs);
    const isDuplicate = instant === previous;
    previous = instant;
    if (isDuplicate && plan.duplicates !== "refuse") duplicates += 1;
    last = Math.max(last, Math.min(point, count - 1));
    if (point >= count) {
      rowBeyond = row;
      break;
    }
    if (point >= 0 && !(isDuplicate && plan.duplicates === "first")) rows[point] = row;
  }
  return { rows, rowBeyond, duplicates, last };
}

/** When the step of a row starts; `null` after a complaint. */
function rowInstant(reading: ScenarioReading, plan: ColumnPlan, row: number, previous: number | null): number | null {
  const { stamps, stepMs, startMs } = plan;
  if (stamps === null) return startMs + row * stepMs;
  const text = plan.table.rows[row]?.[stamps.column] ?? "";
  const shift = stamps.atEnd ? stepMs : 0;
  const stamp = stamps.read(text, previous === null ? null : previous + shift);
  if (stamp.ok) return stamp.value - shift;
  if (stamp.error === "STAMP_MALFORMED") {
    const what = `${JSON.stringify(text)} is no time in the format ${stamps.text}`;
    return complainAtRow(reading, plan, row, { code: stamp.error, what, mend: "correct it, or declare stamps.format" });
  }
  const what = `no clock of the zone shows ${text}: it is in the hour that is left out in spring`;
  const mend = 'if the file\'s clock never changes, declare a fixed zone such as "+01:00"';
  return complainAtRow(reading, plan, row, { code: stamp.error, what, mend });
}

/** Stamps go up, from step to step; `previous` is the row's before. */
function isInOrder(
  reading: ScenarioReading,
  plan: ColumnPlan,
  row: number,
  instant: number,
  previous: number | null,
  origin: number,
): boolean {
  const complaint = orderComplaint(plan, instant, previous, origin);
  if (complaint !== null) complainAtRow(reading, plan, row, complaint);
  return complaint === null;
}

function orderComplaint(plan: ColumnPlan, instant: number, previous: number | null, origin: number): Complaint | null {
  const time = timeText(instant);
  if (previous !== null && instant < previous) {
    const what = `${time} comes after ${timeText(previous)}`;
    return { code: "STAMP_GOES_BACK", what, mend: "sort the rows by time" };
  }
  if (instant === previous && plan.duplicates === "refuse") {
    const mend = "delete one of the rows, or declare duplicates: first or last";
    return { code: "STAMP_TWICE", what: `${time} stands twice`, mend };
  }
  if ((instant - origin) % plan.stepMs === 0) return null;
  const what = `${time} is not on the steps of ${minutesText(plan.stepMs)} from ${timeText(origin)} on`;
  return { code: "STAMP_OFF_STEP", what, mend: "correct the stamp, or declare another step" };
}

function complainAtRow(reading: ScenarioReading, plan: ColumnPlan, row: number, complaint: Complaint): null {
  return complainAtCell(reading, plan, row, plan.stamps?.column ?? plan.column, complaint);
}

/** Logs what is wrong with a cell. */
export function complainAtCell(
  reading: ScenarioReading,
  plan: ColumnPlan,
  row: number,
  column: number,
  complaint: Complaint,
): null {
  reading.problems.add(plan.table.placeOf(row, column), complaint);
  return null;
}

const NO_VALUE = /^(?:|nan|na|n\/a|null|none|-+|\?)$/i;
/** Stands for a cell that was complained about: the run will not take place. */
const REFUSED = measured(0n);

function readPoint(reading: ScenarioReading, plan: ColumnPlan, row: number): Measurement<bigint> {
  if (row < 0) return missing("gap");
  const cell = plan.table.rows[row]?.[plan.column];
  if (cell === undefined) {
    const what = `this row has no column ${plan.column + 1}`;
    complainAtCell(reading, plan, row, plan.column, { code: "CELL_MISSING", what, mend: "complete the row" });
    return REFUSED;
  }
  const text = cell.trim();
  if (NO_VALUE.test(text)) return missing(text === "" ? "not-reported" : "not-a-number");
  const parsed = parseDecimal(plan.decimal === "," ? swapDecimal(text) : text, CELL_DIGITS);
  if (parsed.ok) return measured(parsed.value);
  complainAtCell(reading, plan, row, plan.column, cellComplaint(text, parsed.error.code, plan));
  return REFUSED;
}

/** With a decimal comma a point is no number's part. */
function swapDecimal(text: string): string {
  return text.includes(".") ? "" : text.replace(",", ".");
}

function cellComplaint(text: string, code: string, plan: ColumnPlan): Complaint {
  const cell = JSON.stringify(text);
  if (code === "DECIMAL_TOO_PRECISE") {
    const what = `${cell} has more than ${CELL_DIGITS} digits after the point`;
    return { code: "CELL_TOO_PRECISE", what, mend: "round it in the file; nothing is rounded here" };
  }
  if (code === "DECIMAL_TOO_LARGE")
    return { code: "CELL_TOO_LARGE", what: `${cell} is too large`, mend: "check the file" };
  const hasComma = plan.decimal === "." && /^[+-]?\d+,\d+$/.test(text);
  const mend = hasComma ? 'declare decimal: ","' : "correct the cell, or empty it and declare a gaps rule";
  return { code: "CELL_NOT_A_NUMBER", what: `${cell} is no number`, mend };
}
