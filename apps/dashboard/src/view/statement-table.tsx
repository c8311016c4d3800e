/** The statement line by line, newest first; the amounts are exact and line up. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { PartyStatement, StatementLine } from "@micromarket/api-http";
import { dashboard } from "../dashboard.ts";
import { amountText, energyText, fractionDigits, NOTHING, priceText } from "../quantity-text.ts";
import { Instant } from "./instant.tsx";
import { LoadFailure } from "./notices.tsx";
import { NamedTable } from "./named-table.tsx";
import { SlotLink } from "./slot-link.tsx";
import { withDays } from "./day-row.tsx";

const LINES_AT_FIRST = 12;

export function StatementTable({ statement }: { readonly statement: PartyStatement }): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const { lines, currency } = statement;
  const newest = lines.toReversed();
  const shown = isWhole ? newest : newest.slice(0, LINES_AT_FIRST);
  const digits = fractionDigits(shown.map(({ amount_nano }) => amount_nano));
  return (
    <>
      <div class="title-row">
        <h3>Statement</h3>
        {lines.length > 0 && (
          <button class="small" onClick={() => void dashboard.saveStatement()}>
            Save as CSV
          </button>
        )}
      </div>
      <SaveFailure />
      {lines.length === 0 && <p class="hint">No line in the last 24 hours.</p>}
      {lines.length > 0 && (
        <NamedTable name="Statement" table="statement" columns={["Slot", "kWh", `${currency}/kWh`, `${currency}`]}>
          {withDays(shown, momentOf, 4, (line, index) => (
            <Line key={lines.length - index} line={line} digits={digits} />
          ))}
        </NamedTable>
      )}
      {lines.length > LINES_AT_FIRST && (
        <button onClick={() => setWhole(!isWhole)}>
          {isWhole ? "Show fewer lines" : `Show all ${lines.length} lines`}
        </button>
      )}
    </>
  );
}

/** A trade stands under its slot, whenever it was posted. */
function momentOf({ slot, at_ms }: StatementLine): number {
  return slot === null ? at_ms : Date.parse(slot);
}

function SaveFailure(): JSX.Element {
  const failure = dashboard.saveFailure.value;
  return <LoadFailure what="The file" failure={failure} retry={() => void dashboard.saveStatement()} />;
}

function Line({ line, digits }: { readonly line: StatementLine; readonly digits: number }): JSX.Element {
  return (
    <tr>
      <th scope="row">
        {line.slot === null ? <Instant at={line.at_ms} /> : <SlotLink startMs={momentOf(line)} />}{" "}
        <small>{whatOf(line)}</small>
      </th>
      <td class="figure">{line.energy_wh === null ? NOTHING : energyText(line.energy_wh)}</td>
      <td class="figure">{priceText(line.price_micro_per_kwh)}</td>
      <td class="figure amount">{amountText(line.amount_nano, digits)}</td>
    </tr>
  );
}

function whatOf({ kind, side, counterparty, reference }: StatementLine): string {
  switch (kind) {
    case "trade":
      return side === "buy" ? `bought from ${counterparty ?? NOTHING}` : `sold to ${counterparty ?? NOTHING}`;
    case "deviation":
      return side === "buy" ? "deviation, bought" : "deviation, sold";
    case "credit":
      return `payment ${reference ?? ""}`;
    default:
      return counterparty === null ? kind : `${kind}, ${counterparty}`;
  }
}
