/** The price of the slot that is being delivered, between what the supplier pays and takes, and of the slot after it. */
import type { JSX } from "preact";
import { dashboard } from "../dashboard.ts";
import type { Present } from "../market-present.ts";
import { energyText, priceText } from "../quantity-text.ts";
import { Fact } from "./fact.tsx";
import { Instant } from "./instant.tsx";

export function PresentPanel(): JSX.Element | null {
  const [present, market] = [dashboard.present.value, dashboard.state.value?.market];
  if (present === null || market === undefined) return null;
  const { slot, tariff, feedIn, startMs, endMs, nextSlotMs } = present;
  const told = dashboard.state.value?.indicative;
  const indicative = told?.start_ms === nextSlotMs ? told.indicative : null;
  const price = slot?.price_micro_per_kwh ?? null;
  return (
    <section aria-labelledby="present-title">
      <h2 id="present-title">
        Price now{" "}
        <span class="aside">
          <Instant at={startMs} />–<Instant at={endMs} />
        </span>
      </h2>
      <p class="price-now figure" data-field="price-now">
        {price === null ? (
          <span class="words">{slot === null ? absenceText() : "no trade in this slot"}</span>
        ) : (
          <>
            {priceText(price)} <small>{market.currency}/kWh</small>
          </>
        )}
      </p>
      {indicative !== null && (
        <p class="indicative" data-field="indicative">
          Indicative for <Instant at={nextSlotMs} />, not final:{" "}
          {indicative.energy_wh === null ? (
            "told once three have tendered"
          ) : indicative.price_micro_per_kwh === null ? (
            "nothing would trade"
          ) : (
            <i class="figure">
              about {priceText(indicative.price_micro_per_kwh)} {market.currency}/kWh
            </i>
          )}
        </p>
      )}
      <dl class="facts">
        {slot !== null && (
          <Fact name="Traded in this slot" field="energy-now">
            {energyText(slot.energy_wh)} kWh
          </Fact>
        )}
        <NextSlot present={present} />
        <Fact name="Tariff" field="tariff">
          {priceText(tariff)}
        </Fact>
        <Fact name="Feed-in price" field="feed-in">
          {priceText(feedIn)}
        </Fact>
      </dl>
    </section>
  );
}

/** Without news from the gateway nobody here knows what became of a slot. */
function absenceText(): string {
  return dashboard.connection.value.kind === "live" ? "not cleared" : "not known";
}

/**
 * What is known of the slot that follows: from the gate closure on its price. While its gate is open, a price that
 * would clear its book now has its place here.
 */
function NextSlot({ present: { endMs, next } }: { readonly present: Present }): JSX.Element {
  return (
    <Fact
      name={
        <>
          Next slot, <Instant at={endMs} />
        </>
      }
      field="next-price"
    >
      {nextText(next)}
    </Fact>
  );
}

function nextText(next: Present["next"]): string {
  if (next === null) return dashboard.connection.value.kind === "live" ? "gate is open" : "not known";
  return next.price_micro_per_kwh === null ? "no trade" : priceText(next.price_micro_per_kwh);
}
