/** What a command would use of a grant, at worst: a tender may be filled whole, each step at its own limit. */
import type { GrantUse } from "@micromarket/identity";
import {
  amountNano,
  greatest,
  instantMs,
  minus,
  plus,
  plusAmount,
  priceMicro,
  tradeValue,
  wattHours,
  type InstantMs,
  type PriceMicro,
} from "@micromarket/kernel";
import type { AuctionRules, Tender } from "@micromarket/market";
import type { BareCommand } from "./command.ts";
import { PRICE_MAX, PRICE_MIN } from "./limits.ts";

const NOTHING = { energy: wattHours(0), price: PRICE_MIN, spend: amountNano(0n) };

/** The use of an envelope of `type` that takes no energy and no money. */
export function idleUse(type: string, slot: InstantMs = instantMs(0)): GrantUse {
  return { type, slot, ...NOTHING };
}

/** The use of an envelope of `type` with `command`; a tender's content must have been found sound. */
export function grantUseOf(type: string, command: BareCommand, auction: AuctionRules): GrantUse {
  const slot = "slot" in command ? command.slot : instantMs(0);
  return command.type === "SubmitTender" ? { type, ...tenderUse(slot, command.tender, auction) } : idleUse(type, slot);
}

/**
 * What the tender pays per kWh is a buyer's limit, and a seller's with the other sign; without a limit the cap, the floor,
 * or, where there is none, more than any grant with a limit allows.
 */
function tenderUse(slot: InstantMs, { side, steps }: Tender, { priceCap, priceFloor }: AuctionRules) {
  const isUnlimited = steps.some(({ price }) => price === null && (side === "buy" ? priceCap : priceFloor) === null);
  let { energy, price, spend }: { energy: GrantUse["energy"]; price: PriceMicro; spend: GrantUse["spend"] } = NOTHING;
  for (const step of steps) {
    const pays =
      side === "buy"
        ? (step.price ?? priceCap ?? PRICE_MAX)
        : minus(priceMicro(0), step.price ?? priceFloor ?? PRICE_MIN);
    energy = plus(energy, step.energy);
    price = greatest(price, pays);
    if (pays > 0) spend = plusAmount(spend, tradeValue(pays, step.energy));
  }
  return { slot, energy, price: isUnlimited ? null : price, spend };
}
