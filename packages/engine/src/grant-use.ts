/** What a command would use of a grant, at worst: tenders may be filled whole, each step at its own limit. */
import type { GrantUse } from "@micromarket/identity";
import {
  amountNano,
  DAY,
  greatest,
  instantMs,
  minus,
  plus,
  plusAmount,
  priceMicro,
  slotAt,
  tradeValue,
  wattHours,
  type InstantMs,
  type PriceMicro,
} from "@micromarket/kernel";
import type { AuctionRules, Tender } from "@micromarket/market";
import type { BareCommand } from "./command.ts";
import { PRICE_MAX, PRICE_MIN } from "./limits.ts";
import { tendersOf } from "./lot.ts";
import { headedLots } from "./submit-tenders.ts";

const NOTHING = { energy: wattHours(0), price: PRICE_MIN, spend: amountNano(0n) };

/** The use of an envelope of `type` that takes no energy and no money. */
export function idleUse(type: string, slot: InstantMs = instantMs(0)): GrantUse {
  return { type, slot, ...NOTHING };
}

/**
 * The uses of an envelope of `type` with `command`, one for each slot that it is about; the content of its tenders must
 * have been found sound.
 */
export function grantUsesOf(type: string, command: BareCommand, auction: AuctionRules): readonly GrantUse[] {
  if (command.type === "SubmitTenders") {
    return headedLots(command).map(({ head, lot }) => {
      const uses = Array.from(tendersOf(lot, head), (tender) => tenderUse(lot.slot, tender, auction));
      return { type, ...uses.reduce(bothUses) };
    });
  }
  const slot = "slot" in command ? (command.slot ?? instantMs(0)) : instantMs(0);
  const isPlacing = command.type === "SubmitTender" || command.type === "ReplaceTender";
  const use = isPlacing ? tenderUse(slot, command.tender, auction) : { slot, ...NOTHING };
  return [{ type, ...use }];
}

/** The uses as they have to be covered: each with what those before it spend on the same day. */
export function cumulativeUses(uses: readonly GrantUse[]): readonly GrantUse[] {
  const spent = new Map<InstantMs, GrantUse["spend"]>();
  return uses.map((use) => {
    const day = slotAt(use.slot, DAY).startMs;
    const spend = plusAmount(spent.get(day) ?? amountNano(0n), use.spend);
    spent.set(day, spend);
    return { ...use, spend };
  });
}

type TenderUse = Omit<GrantUse, "type">;

function bothUses(one: TenderUse, other: TenderUse): TenderUse {
  return {
    slot: one.slot,
    energy: plus(one.energy, other.energy),
    price: one.price === null || other.price === null ? null : greatest(one.price, other.price),
    spend: plusAmount(one.spend, other.spend),
  };
}

/**
 * What the tender pays per kWh is a buyer's limit, and a seller's with the other sign; without a limit the cap, the floor,
 * or, where there is none, more than any grant with a limit allows.
 */
function tenderUse(slot: InstantMs, { side, steps }: Tender, { priceCap, priceFloor }: AuctionRules): TenderUse {
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
