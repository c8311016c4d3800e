/** The price of the slot that is being delivered, between what the supplier pays and takes. */
import type { JSX } from "preact";
import { dashboard } from "../dashboard.ts";
import { priceText } from "../quantity-text.ts";
import { Fact } from "./fact.tsx";

export function PresentPanel(): JSX.Element | null {
  const [present, market] = [dashboard.present.value, dashboard.state.value?.market];
  if (present === null || market === undefined) return null;
  const { slot, tariff, feedIn } = present;
  const price = slot?.price_micro_per_kwh ?? null;
  return (
    <section aria-labelledby="present-title">
      <h2 id="present-title">Price now</h2>
      <p class="price-now figure" data-field="price-now">
        {price === null ? (
          <span class="words">{slot === null ? "not cleared" : "no trade in this slot"}</span>
        ) : (
          <>
            {priceText(price)} <small>{market.currency}/kWh</small>
          </>
        )}
      </p>
      <dl class="facts">
        <Fact name="Tariff" field="tariff">
          {priceText(tariff)}
        </Fact>
        <Fact name="Feed-in" field="feed-in">
          {priceText(feedIn)}
        </Fact>
      </dl>
    </section>
  );
}
