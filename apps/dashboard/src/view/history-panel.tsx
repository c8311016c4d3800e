/** The last day's prices, and the choice of the slot that the page shows in full. */
import type { JSX } from "preact";
import type { SlotSummary } from "@micromarket/api-http";
import { dashboard } from "../dashboard.ts";
import { clockText, dayText } from "../market-clock.ts";
import { energyText, priceText } from "../quantity-text.ts";
import { Instant } from "./instant.tsx";
import { PriceChart } from "./price-chart.tsx";
import { NamedTable } from "./named-table.tsx";

export function HistoryPanel(): JSX.Element {
  const slots = dashboard.state.value?.slots ?? [];
  const currency = dashboard.state.value?.market.currency ?? "";
  const shown = dashboard.shownSlot.value;
  return (
    <section aria-labelledby="history-title">
      <h2 id="history-title">
        Last 24 hours <span class="aside">left {currency}/kWh, right kWh</span>
      </h2>
      {shown === null ? (
        <p>No slot has been cleared yet.</p>
      ) : (
        <>
          <PriceChart slots={slots} shown={shown} />
          <ul class="legend" aria-label="Lines in the picture">
            <li class="price">Clearing price</li>
            <li class="tariff">Tariff</li>
            <li class="feed-in">Feed-in</li>
            <li class="volume">Traded energy</li>
          </ul>
          <p class="hint">Tap the picture or move the slider to see a slot in full.</p>
          <SlotChoice slots={slots} shown={shown} />
          <HistoryTable slots={slots} currency={currency} />
        </>
      )}
    </section>
  );
}

function SlotChoice({
  slots,
  shown,
}: {
  readonly slots: readonly SlotSummary[];
  readonly shown: SlotSummary;
}): JSX.Element {
  const index = slots.indexOf(shown);
  const last = slots.length - 1;
  const choose = (wanted: number): void =>
    dashboard.chooseSlot(wanted >= last ? null : (slots[Math.max(0, wanted)]?.start_ms ?? null));
  return (
    <div class="slot-choice" role="group" aria-label="Choose a slot">
      <button disabled={index <= 0} onClick={() => choose(index - 1)} aria-label="Earlier slot">
        ‹
      </button>
      <input
        type="range"
        aria-label="Slot"
        aria-valuetext={`${clockText(shown.start_ms)} to ${clockText(shown.end_ms)}`}
        min={0}
        max={last}
        value={index}
        onInput={(event) => choose(event.currentTarget.valueAsNumber)}
      />
      <button disabled={index >= last} onClick={() => choose(index + 1)} aria-label="Later slot">
        ›
      </button>
      <button disabled={dashboard.chosenSlot.value === null} onClick={() => choose(last)}>
        Latest
      </button>
    </div>
  );
}

function HistoryTable({
  slots,
  currency,
}: {
  readonly slots: readonly SlotSummary[];
  readonly currency: string;
}): JSX.Element {
  return (
    <details>
      <summary>Prices as a table</summary>
      <NamedTable
        name="Prices of the last 24 hours"
        table="history"
        columns={["Slot", `Price ${currency}/kWh`, "Traded kWh"]}
      >
        {slots.toReversed().map((slot) => (
          <tr key={slot.start}>
            <th scope="row">
              {dayText(slot.start_ms)} <Instant at={slot.start_ms} />
            </th>
            <td class="figure">{priceText(slot.price_micro_per_kwh)}</td>
            <td class="figure">{energyText(slot.energy_wh)}</td>
          </tr>
        ))}
      </NamedTable>
    </details>
  );
}
