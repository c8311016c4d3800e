/**
 * Setting the residual counterparty's prices.
 *
 * Precedence: SLOT_MISALIGNED, TARIFF_BELOW_FEED_IN, TARIFF_OUT_OF_BAND, TARIFF_OFF_TICK, TARIFF_IN_THE_PAST,
 * TARIFFS_TOO_MANY; of the two prices the tariff is looked at first.
 */
import { isMultiple, type PriceMicro } from "@micromarket/kernel";
import type { AuctionRules } from "@micromarket/market";
import type { SetTariff } from "./command.ts";
import { isMarketSlot } from "./gate.ts";
import { PRICE_MAX, PRICE_MIN, TARIFFS_MAX } from "./limits.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { State } from "./state.ts";
import { insertTariff } from "./tariff.ts";

/** Puts the prices in force for slots from `from` on, until a later entry takes over; one of the same `from` is replaced. */
export function setTariff(state: State, { from, tariff, feedIn }: SetTariff): Outcome {
  const { auction } = state.rules;
  const { closedThrough } = state;
  const prices = [tariff, feedIn];
  if (!isMarketSlot(state.rules, from)) return refuse({ code: "SLOT_MISALIGNED", slot: from });
  if (tariff < feedIn) return refuse({ code: "TARIFF_BELOW_FEED_IN", tariff, feedIn });
  const outOfBand = prices.find((price) => isOutOfBand(price, auction));
  if (outOfBand !== undefined) return refuse({ code: "TARIFF_OUT_OF_BAND", price: outOfBand });
  const offTick = prices.find((price) => !isMultiple(price, auction.tick));
  if (offTick !== undefined) return refuse({ code: "TARIFF_OFF_TICK", price: offTick, tick: auction.tick });
  if (closedThrough !== null && from <= closedThrough) {
    return refuse({ code: "TARIFF_IN_THE_PAST", from, closedThrough });
  }
  const replaces = state.tariffs.some((entry) => entry.from === from);
  if (!replaces && state.tariffs.length >= TARIFFS_MAX) return refuse({ code: "TARIFFS_TOO_MANY", most: TARIFFS_MAX });

  insertTariff(state.tariffs, { from, tariff, feedIn });
  return accept({ type: "TariffSet", from, tariff, feedIn });
}

function isOutOfBand(price: PriceMicro, { priceFloor, priceCap }: AuctionRules): boolean {
  return price < (priceFloor ?? PRICE_MIN) || price > (priceCap ?? PRICE_MAX);
}
