/**
 * Setting a settled slot right: a reading came after it was estimated. Nothing is edited; what the party would have paid
 * is compared with what it paid, and the difference is posted at the prices of the slot's settlement.
 */
import {
  assert,
  instantMs,
  minus,
  tradeValue,
  type AmountNano,
  type InstantMs,
  type PartyId,
  type WattHours,
} from "@micromarket/kernel";
import type { Transfer } from "@micromarket/ledger";
import { DELIVERED, IMBALANCE, partyAccount, PENALTIES, UNACCOUNTED } from "./accounts.ts";
import type { ReportDelivery } from "./command.ts";
import type { DeliveryTruedUp } from "./event.ts";
import { endOfSlot } from "./gate.ts";
import { postOwed, repayArrears } from "./funds.ts";
import { penaltyOf } from "./imbalance-prices.ts";
import { coverOf, levyTransfers, netOf } from "./settle-by-meter.ts";
import type { MarketRules } from "./rules.ts";
import type { EstimatedSlot, MissingReading, PricePair, SlotReading, State, StateView, View } from "./state.ts";
import { flow } from "./transfers.ts";

/** The estimate that a reading of the party could still set right, or `null`. */
export function estimateOf(
  { rules, estimated }: StateView,
  slot: InstantMs,
  party: PartyId,
  now: InstantMs,
): View<MissingReading> | null {
  return isOver(rules, slot, now) ? null : (estimated.get(slot)?.missing.get(party) ?? null);
}

/** Posts the difference between the estimate of a settled slot and the reading that came. */
export function trueUp(state: State, command: ReportDelivery): DeliveryTruedUp {
  const { slot, party, imported, exported } = command;
  const record = state.estimated.get(slot);
  const estimate = record?.missing.get(party);
  assert(record !== undefined && estimate !== undefined, `the reading of ${party} was estimated`);
  record.missing.delete(party);
  if (record.missing.size === 0) state.estimated.delete(slot);
  const isTie = party === state.rules.residual.party;
  const transfers = isTie
    ? tieTransfers(state, record, minus(netOf(estimate), netOf(command)))
    : partyTransfers(state, record, party, estimate, command);
  const posted = postOwed(state, transfers);
  const repaid = isTie ? [] : repayArrears(state, [party]);
  return { type: "DeliveryTruedUp", slot, party, imported, exported, transfers: [...posted, ...repaid] };
}

/** Forgets estimates that no reading sets right any more. */
export function forgetEstimates({ rules, estimated }: State, now: InstantMs): void {
  for (const slot of estimated.keys()) {
    if (isOver(rules, slot, now)) estimated.delete(slot);
  }
}

function isOver(rules: View<MarketRules>, slot: InstantMs, now: InstantMs): boolean {
  return now >= instantMs(endOfSlot(rules, slot) + (rules.settlement?.trueUp ?? 0));
}

/** What the party's reading changes: the price of its deviation, its penalty, its levies, and the energy books. */
function partyTransfers(
  state: State,
  { prices, price, isByAward }: EstimatedSlot,
  party: PartyId,
  estimate: MissingReading,
  reading: Pick<SlotReading, "imported" | "exported">,
): readonly Transfer[] {
  const { settlement } = state.rules;
  assert(settlement !== undefined, "only rules of settlement estimate");
  const cover = coverOf(state, isByAward);
  const account = partyAccount(party);
  const [was, is] = [minus(netOf(estimate), estimate.traded), minus(netOf(reading), estimate.traded)];
  const more = minus(is, was);
  const penalty = penaltyOf(settlement.imbalance, price, is) - penaltyOf(settlement.imbalance, price, was);
  return [
    ...flow("money", account, cover, costOf(is, prices) - costOf(was, prices), "adjustment"),
    ...flow("money", account, PENALTIES, penalty, "adjustment"),
    ...levyTransfers(party, minus(reading.imported, estimate.imported), settlement, "adjustment"),
    ...flow("energy", UNACCOUNTED, cover, BigInt(more), "adjustment"),
    ...flow("energy", cover, account, BigInt(more), "adjustment"),
    ...flow("energy", account, DELIVERED, BigInt(more), "adjustment"),
  ];
}

/** What the tie's reading changes: `more` Wh came in than was assumed. */
function tieTransfers(state: State, { isByAward }: EstimatedSlot, more: WattHours): readonly Transfer[] {
  const supplier = partyAccount(state.rules.residual.party);
  return [
    ...flow("energy", DELIVERED, supplier, BigInt(more), "adjustment"),
    ...(isByAward ? flow("energy", supplier, IMBALANCE, BigInt(more), "adjustment") : []),
    ...flow("energy", coverOf(state, isByAward), UNACCOUNTED, BigInt(more), "adjustment"),
  ];
}

/** What a deviation costs; below 0 what it brings. */
function costOf(deviation: WattHours, { taking, giving }: PricePair): AmountNano {
  return tradeValue(deviation >= 0 ? taking : giving, deviation);
}
