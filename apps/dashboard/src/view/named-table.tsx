/** A table that scrolls inside its own room where the page is too narrow, by keyboard too. */
import type { ComponentChildren, JSX } from "preact";

export function NamedTable(props: {
  readonly name: string;
  /** What tests know it by. */
  readonly table: string;
  readonly columns: readonly string[];
  /** Its rows. */
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="table-room" tabIndex={0} role="region" aria-label={`${props.name}, scrolls`}>
      <table data-table={props.table} aria-label={props.name}>
        <thead>
          <tr>
            {props.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </div>
  );
}
