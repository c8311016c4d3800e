/** One cleared slot in full: its curves, its result, and who got what. */
import type { ComponentChildren, JSX } from "preact";
import type { MarketView, SlotDetail } from "@micromarket/api-http";
import { dashboard, type SlotView } from "../dashboard.ts";
import { dayText } from "../market-clock.ts";
import { amountText, energyText, NOTHING, priceText } from "../quantity-text.ts";
import { CurveFigure } from "./curve-figure.tsx";
import { Fact } from "./fact.tsx";
import { FillTable, UnfilledTable } from "./fill-table.tsx";
import { Instant } from "./instant.tsx";
import { LoadFailure } from "./notices.tsx";

const PHASES: Readonly<Record<SlotDetail["phase"], string>> = {
  open: "open for tenders",
  clearing: "being cleared",
  cleared: "cleared, delivery to come",
  delivering: "being delivered",
  metering: "waiting for meters",
  settled: "settled",
  "passed-over": "passed over",
};

export function SlotPanel(): JSX.Element {
  const { value, failure, busy } = dashboard.slot.value;
  const market = dashboard.state.value?.market;
  return (
    <section id="slot" data-slot={value?.detail.start} aria-labelledby="slot-title" aria-busy={busy}>
      <h2 id="slot-title">
        Supply and demand{" "}
        {value !== null && (
          <span class="aside">
            {dayText(value.detail.start_ms)} <Instant at={value.detail.start_ms} />–<Instant at={value.detail.end_ms} />
          </span>
        )}
      </h2>
      <LoadFailure what="The slot" failure={failure} retry={dashboard.reloadSlot} />
      {value !== null && market !== undefined && <SlotInFull view={value} market={market} />}
    </section>
  );
}

function SlotInFull({ view, market }: { readonly view: SlotView; readonly market: MarketView }): JSX.Element {
  const { currency, rules } = market;
  const party = dashboard.party.value;
  return (
    <>
      <CurveFigure detail={view.detail} book={view.book} currency={currency} party={party} rules={rules} />
      <SlotFacts view={view} currency={currency} />
      <h3>Fills</h3>
      <FillTable view={view} currency={currency} party={party} />
      <UnfilledTable view={view} />
    </>
  );
}

function SlotFacts({
  view: { detail, book },
  currency,
}: {
  readonly view: SlotView;
  readonly currency: string;
}): JSX.Element {
  const { low_micro_per_kwh: low, high_micro_per_kwh: high } = detail.interval;
  return (
    <dl class="facts">
      <Fact name="Clearing price" field="clearing-price">
        {detail.price_micro_per_kwh === null ? "no trade" : `${priceText(detail.price_micro_per_kwh)} ${currency}/kWh`}
      </Fact>
      <Fact name="Energy traded" field="energy">
        {energyText(detail.energy_wh)} kWh
      </Fact>
      <Fact name="Price interval" field="interval">
        {low === null ? "no low end" : priceText(low)} … {high === null ? "no high end" : priceText(high)}
      </Fact>
      <Fact name="State" field="phase">
        {PHASES[detail.phase]}
      </Fact>
      <Fact name="Demand not met" field="unmatched-demand">
        {unmatchedText(book, "buy")}
      </Fact>
      <Fact name="Supply not taken" field="unmatched-supply">
        {unmatchedText(book, "sell")}
      </Fact>
      <Fact name="Marginal buyers" field="marginal-buyers">
        {marginalText(book.marginal.buy)}
      </Fact>
      <Fact name="Marginal sellers" field="marginal-sellers">
        {marginalText(book.marginal.sell)}
      </Fact>
      <Fact name="Buyers’ surplus" field="buyers-surplus">
        {amountText(detail.surplus.buyers_nano)} {currency}
      </Fact>
      <Fact name="Sellers’ surplus" field="sellers-surplus">
        {amountText(detail.surplus.sellers_nano)} {currency}
      </Fact>
      {detail.scarcity !== null && (
        <Fact name="Scarcity" field="scarcity">
          {detail.scarcity === "demand" ? "must-run demand was curtailed" : "must-run supply was curtailed"}
        </Fact>
      )}
    </dl>
  );
}

/** What members asked or offered in vain; what the supplier would have taken or given is no lack. */
function unmatchedText(book: SlotView["book"], side: "buy" | "sell"): string {
  const supplier = dashboard.state.value?.market.rules.residual.party;
  const rest = book.tenders
    .filter((tender) => tender.side === side && tender.party !== supplier)
    .reduce((sum, { unfilled_wh }) => sum + unfilled_wh, 0);
  return `${energyText(rest)} kWh`;
}

function marginalText(level: SlotView["book"]["marginal"]["buy"]): ComponentChildren {
  if (level === null) return NOTHING;
  const price = level.price_micro_per_kwh === null ? "any price" : priceText(level.price_micro_per_kwh);
  return (
    <>
      {price} <small>{level.tenders.join(", ")}</small>
    </>
  );
}
