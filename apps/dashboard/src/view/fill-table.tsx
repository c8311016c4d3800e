/** Who traded how much, and who did not and why. */
import type { JSX } from "preact";
import type { SlotDetail } from "@micromarket/api-http";
import type { SlotView } from "../dashboard.ts";
import { energyText, priceText } from "../quantity-text.ts";
import { NamedTable } from "./named-table.tsx";

const REASONS: Readonly<Record<SlotDetail["unfilled"][number]["reason"], string>> = {
  OUT_OF_MONEY: "limit beyond the price",
  RATIONED: "shared at the margin",
  CURTAILED: "curtailed",
};

export function FillTable({
  view: { detail, book },
  currency,
  party,
}: {
  readonly view: SlotView;
  readonly currency: string;
  /** Whose rows are marked. */
  readonly party: string | null;
}): JSX.Element {
  const marginal = new Set(book.tenders.filter((tender) => tender.marginal).map(({ tender }) => tender));
  if (detail.fills.length === 0) return <p>Nothing was traded.</p>;
  return (
    <NamedTable name="Fills" table="fills" columns={["Party, tender", "Side", "kWh", `${currency}/kWh`]}>
      {detail.fills.map((fill) => (
        <tr key={fill.tender} class={fill.party === party ? "own" : ""}>
          <th scope="row">
            {fill.party} <small>{fill.tender}</small>
            {fill.party === party && <em class="tag own">mine</em>}
            {marginal.has(fill.tender) && <em class="tag">marginal</em>}
          </th>
          <td class={fill.side}>{fill.side === "buy" ? "buys" : "sells"}</td>
          <td class="figure">{energyText(fill.energy_wh)}</td>
          <td class="figure">{priceText(fill.price_micro_per_kwh)}</td>
        </tr>
      ))}
    </NamedTable>
  );
}

export function UnfilledTable({ view: { detail } }: { readonly view: SlotView }): JSX.Element | null {
  const count = detail.unfilled.length + detail.rejections.length;
  if (count === 0) return null;
  return (
    <details>
      <summary>Not filled ({count})</summary>
      <NamedTable name="Not filled" table="unfilled" columns={["Party, tender", "kWh", "Why"]}>
        {detail.unfilled.map(({ tender, party, energy_wh, reason }) => (
          <tr key={tender}>
            <th scope="row">
              {party} <small>{tender}</small>
            </th>
            <td class="figure">{energyText(energy_wh)}</td>
            <td>{REASONS[reason]}</td>
          </tr>
        ))}
        {detail.rejections.map(({ tender, code }) => (
          <tr key={tender}>
            <th scope="row">{tender}</th>
            <td />
            <td>refused: {code}</td>
          </tr>
        ))}
      </NamedTable>
    </details>
  );
}
