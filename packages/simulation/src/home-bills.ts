/** The homes' rows of a run, grown slot by slot. */
import {
  amountNano,
  least,
  minusAmount,
  plus,
  plusAmount,
  priceMicro,
  tradeValue,
  wattHours,
} from "@micromarket/kernel";
import type { AmountNano, PartyId, PriceMicro, WattHours } from "@micromarket/kernel";
import type { BillRow } from "./results.ts";
import type { HomeOutcome, SlotOutcome } from "./slot-outcome.ts";

/** A row that grows. */
interface GrowingBill {
  readonly party: PartyId;
  load: WattHours;
  pv: WattHours;
  selfConsumed: WattHours;
  localBought: WattHours;
  localSold: WattHours;
  imported: WattHours;
  exported: WattHours;
  billAlone: AmountNano;
}

/** Gathers the rows of `homes`; what each has paid by the postings is asked for at the end. */
export function collectBills(homes: readonly PartyId[]): {
  add(slot: Pick<SlotOutcome, "homes" | "tariff" | "feedIn">, levy?: PriceMicro): void;
  result(paidBy: (party: PartyId) => AmountNano): readonly BillRow[];
} {
  const bills = homes.map(emptyBill);
  return {
    add({ homes: outcomes, tariff, feedIn }, levy = priceMicro(0)) {
      for (const [index, outcome] of outcomes.entries()) {
        const bill = bills[index];
        if (bill !== undefined) grow(bill, outcome, plus(tariff, levy), feedIn);
      }
    },
    result: (paidBy) =>
      bills.map(({ imported, exported, ...bill }) => ({
        ...bill,
        metered: { imported, exported },
        billMarket: paidBy(bill.party),
      })),
  };
}

function emptyBill(party: PartyId): GrowingBill {
  const zero = wattHours(0);
  return {
    party,
    load: zero,
    pv: zero,
    selfConsumed: zero,
    localBought: zero,
    localSold: zero,
    imported: zero,
    exported: zero,
    billAlone: amountNano(0n),
  };
}

function grow(bill: GrowingBill, home: HomeOutcome, tariff: PriceMicro, feedIn: PriceMicro): void {
  const alone = minusAmount(tradeValue(tariff, home.imported), tradeValue(feedIn, home.exported));
  bill.load = plus(bill.load, home.load);
  bill.pv = plus(bill.pv, home.pv);
  bill.selfConsumed = plus(bill.selfConsumed, least(home.load, home.pv));
  bill.localBought = plus(bill.localBought, home.localBought);
  bill.localSold = plus(bill.localSold, home.localSold);
  bill.imported = plus(bill.imported, home.imported);
  bill.exported = plus(bill.exported, home.exported);
  bill.billAlone = plusAmount(bill.billAlone, alone);
}
