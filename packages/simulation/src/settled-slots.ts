/**
 * Slots of a market with settlement on their way from the gate to their last word: their readings come, are estimated and
 * set right. A slot leaves, in order, when nothing can change it any more.
 */
import { assert, plus, wattHours, type InstantMs, type PartyId, type WattHours } from "@micromarket/kernel";
import { DELIVERED, partyAccount, type DeliveryTruedUp, type MarketEvent, type StateView } from "@micromarket/engine";
import type { Scenario } from "./scenario.ts";
import type { MeteredSlot, SettledDelivery, TradedSlot } from "./slot-trading.ts";

/** How readings were made up for. */
export interface EstimateCounts {
  /** Readings that were estimated when they were due. */
  readonly estimated: number;
  /** Of these, estimates that a later reading set right. */
  readonly truedUp: number;
}

/** A slot that is over for good. */
export interface FinalSlot extends MeteredSlot {
  /** Homes whose estimates no reading replaced. */
  readonly kept: ReadonlySet<PartyId>;
}

/** What is known of a slot so far. */
interface OpenSlot {
  readonly traded: TradedSlot;
  readonly readings: Map<PartyId, SettledDelivery & { readonly isEstimate: boolean }>;
  prices: MeteredSlot["prices"] | null;
}

/** The slots that are not over yet. */
export interface SettledSlots {
  open(traded: TradedSlot): void;
  /** Hears what the market reports. */
  note(events: readonly MarketEvent[]): void;
  /** Takes out those that nothing changes any more, in order; at the end of the run all of them. */
  take(state: StateView, isEnd: boolean): readonly FinalSlot[];
  counts(): EstimateCounts;
}

/** No slots yet. */
export function settledSlots(scenario: Scenario): SettledSlots {
  const slots = new Map<InstantMs, OpenSlot>(); // in the order of their gates
  const counted = { estimated: 0, truedUp: 0 };
  return {
    open: (traded) => void slots.set(traded.slot.start, { traded, readings: new Map(), prices: null }),
    note(events) {
      for (const event of events) {
        if (event.type === "DeliveryEstimated") counted.estimated += 1;
        if (event.type === "DeliveryTruedUp") counted.truedUp += 1;
        if ("slot" in event) noteEvent(slots.get(event.slot), event);
      }
    },
    take(state, isEnd) {
      const over: FinalSlot[] = [];
      for (const [start, slot] of slots) {
        if (state.cleared.has(start) || (state.estimated.has(start) && !isEnd)) break;
        over.push(finalSlot(slot, scenario));
        slots.delete(start);
      }
      return over;
    },
    counts: () => counted,
  };
}

function noteEvent(slot: OpenSlot | undefined, event: MarketEvent): void {
  if (slot === undefined) return;
  const { readings } = slot;
  if (event.type === "SlotSettled") slot.prices = event.byMeter?.prices ?? null;
  if (event.type === "DeliveryPosted") readings.set(event.party, { ...event, isEstimate: false });
  if (event.type === "DeliveryEstimated")
    readings.set(event.party, { ...event, deviation: wattHours(0), isEstimate: true });
  if (event.type === "DeliveryTruedUp")
    readings.set(event.party, { ...event, deviation: adjustmentOf(event), isEstimate: false });
}

/** What was posted as delivered beyond the estimate, which is what was traded. */
function adjustmentOf({ party, transfers }: DeliveryTruedUp): WattHours {
  const account = partyAccount(party);
  const posted = transfers.map(({ ledger, debit, credit, amount }) => {
    if (ledger !== "energy") return 0;
    if (debit === account && credit === DELIVERED) return Number(amount);
    return debit === DELIVERED && credit === account ? -Number(amount) : 0;
  });
  return posted.map(wattHours).reduce(plus, wattHours(0));
}

function finalSlot({ traded, readings, prices }: OpenSlot, { homes, rules }: Scenario): FinalSlot {
  const tie = readings.get(rules.residual.party);
  const deliveries = homes.map(({ id }) => {
    const reading = readings.get(id);
    assert(reading !== undefined, `${id} was settled in slot ${traded.slot.index}`);
    return reading;
  });
  assert(tie !== undefined && prices !== null, `slot ${traded.slot.index} was settled with the tie's reading`);
  const kept = new Set(deliveries.filter(({ isEstimate }) => isEstimate).map(({ party }) => party));
  return { ...traded, deliveries, tie, prices, kept };
}
