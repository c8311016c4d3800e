/** Rows of a table with a line before the first of each day, so that a time of day is never without its date. */
import type { JSX } from "preact";
import { dayText } from "../market-clock.ts";

/** `rows` drawn one by one, in a table of `columns` columns. */
export function withDays<Row>(
  rows: readonly Row[],
  momentOf: (row: Row) => number,
  columns: number,
  draw: (row: Row, index: number) => JSX.Element,
): readonly JSX.Element[] {
  return rows.flatMap((row, index) => {
    const before = rows[index - 1];
    const day = dayText(momentOf(row));
    if (before !== undefined && dayText(momentOf(before)) === day) return [draw(row, index)];
    return [<DayRow key={`day ${day}`} day={day} columns={columns} />, draw(row, index)];
  });
}

function DayRow({ day, columns }: { readonly day: string; readonly columns: number }): JSX.Element {
  return (
    <tr class="day">
      <th scope="rowgroup" colSpan={columns}>
        {day}
      </th>
    </tr>
  );
}
