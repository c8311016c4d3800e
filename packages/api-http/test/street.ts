/** A street whose market runs on the real engine and feeds a read model. */
import { apply, foundMarket, type Command, type MarketEvent, type MarketRules, type State } from "@micromarket/engine";
import { instantMs, minus, slotAfter, type InstantMs, type Slot } from "@micromarket/kernel";
import type { Tender } from "@micromarket/market";
import {
  closeGate,
  createVirtualClock,
  creditAccount,
  marketRules,
  NOON,
  registerParty,
  reportDelivery,
  setTariff,
  submitTender,
  tender,
  type VirtualClock,
} from "@micromarket/testkit";
import { createReadModel, type ReadModel, type ReadModelInit } from "@micromarket/api-http";

export const RULES: MarketRules = marketRules();
const HOMES = ["anne", "bert", "carl"] as const;

export interface Street {
  readonly model: ReadModel;
  readonly state: State;
  readonly clock: VirtualClock;
  /** Obeys a command now and tells the model; a refusal is a mistake of the test. */
  readonly obey: (command: Command) => readonly MarketEvent[];
}

/** A founded street before noon: three homes with funds, tariff 0.30, feed-in 0.08. */
export function street(init: Partial<ReadModelInit> = {}): Street {
  const state = foundMarket(RULES);
  const clock = createVirtualClock(instantMs(NOON - 3_600_000));
  const model = createReadModel({ rules: RULES, since: clock.now(), ...init });
  const obey = (command: Command): readonly MarketEvent[] => {
    const outcome = apply(state, command, clock.now());
    if (!outcome.ok) throw new Error(`refused: ${JSON.stringify(outcome.refusal)}`);
    model.record(outcome.events, clock.now());
    return outcome.events;
  };
  for (const home of HOMES) obey(registerParty(home));
  for (const home of HOMES) obey(creditAccount(home, 5_000_000_000n, `payment of ${home}`));
  obey(setTariff(instantMs(0), 300_000, 80_000));
  return { model, state, clock, obey };
}

/** The slot `count` slots after noon. */
export function slotNo(count: number): Slot {
  return slotAfter({ startMs: NOON, lengthMs: RULES.slotLength }, count);
}

/** Anne needs 800 Wh, Bert 500; Carl has 900 to sell. At one price the last level of the buyers is rationed. */
const NOON_TENDERS: readonly Tender[] = [
  tender("a", "anne", "buy", [250_000, 500], [150_000, 300]),
  tender("b", "bert", "buy", [150_000, 500]),
  tender("c", "carl", "sell", [100_000, 900]),
];

/** Tenders for the slot and closes its gate when it is due. */
export function clear({ obey, clock }: Street, { startMs }: Slot, tenders: readonly Tender[] = NOON_TENDERS): void {
  for (const placed of tenders) obey(submitTender(startMs, placed));
  clock.set(minus(startMs, instantMs(RULES.gateLead)));
  obey(closeGate(startMs));
}

/** Reports all meters of a slot after its end: Anne took more than she bought, Carl gave less. */
export function deliver({ obey, clock }: Street, slot: Slot): void {
  clock.set(slotAfter(slot).startMs);
  obey(reportDelivery(slot.startMs, "anne", 900, 0));
  obey(reportDelivery(slot.startMs, "bert", 100, 0));
  obey(reportDelivery(slot.startMs, "carl", 0, 850));
  obey(reportDelivery(slot.startMs, RULES.residual.party, 0, 160));
}

/** An instant some milliseconds after another. */
export function later(instant: InstantMs, ms: number): InstantMs {
  return instantMs(instant + ms);
}

/** A street with two cleared slots, the first of them settled. */
export function tradedStreet(): Street {
  const traded = street();
  clear(traded, slotNo(0));
  deliver(traded, slotNo(0));
  clear(traded, slotNo(2));
  return traded;
}
