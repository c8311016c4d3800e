/**
 * A run of a market with settlement: gates close, counters are read, and what is still missing when readings are due is
 * estimated, all in the order of their times. A slot's row goes out when nothing can change it any more.
 */
import { assert, instantMs, type InstantMs } from "@micromarket/kernel";
import type { Command } from "@micromarket/engine";
import type { HomeAgents } from "./home-agents.ts";
import { streetMeters } from "./home-counters.ts";
import type { MarketSession } from "./market-session.ts";
import type { RunBook } from "./run-book.ts";
import type { Scenario } from "./scenario.ts";
import { settledSlots } from "./settled-slots.ts";
import { collectSettlement, settlementKpis } from "./settlement-kpis.ts";
import { scenarioSlot, slotEndOf, tenderInstant, tradeSlot } from "./slot-trading.ts";
import type { SettledRun } from "./settled-identities.ts";

/** Something that happens to the slot with number `index` when it is over. */
interface Errand {
  readonly at: InstantMs;
  readonly kind: "read" | "estimate";
  readonly index: number;
}

/** Runs the scenario's slots in an opened market; yields the number of each when its last word is said. */
export function* settledRun(
  scenario: Scenario,
  session: MarketSession,
  agents: readonly HomeAgents[],
  book: RunBook,
): Generator<number, SettledRun, void> {
  const meters = streetMeters(scenario);
  const slots = settledSlots(scenario);
  const sums = collectSettlement(scenario);
  const errands = errandsOf(scenario);
  function* flush(isEnd: boolean): Generator<number, void, void> {
    for (const final of slots.take(session.state(), isEnd)) {
      sums.add(book.record(final), final.kept);
      yield final.slot.index;
    }
  }
  function* runErrands(until: number): Generator<number, void, void> {
    for (let next = errands[0]; next !== undefined && next.at <= until; next = errands[0]) {
      errands.shift();
      const { events } = session.tell(commandsOf(next), next.at, refusalOf(next));
      slots.note(events);
      for (const event of events) book.post("transfers" in event ? (event.transfers ?? []) : []);
      yield* flush(false);
    }
  }
  const commandsOf = ({ kind, index }: Errand): readonly Command[] =>
    kind === "read"
      ? meters.readingsAfter(index)
      : [{ type: "EstimateDeliveries", slot: scenarioSlot(scenario, index).start }];

  for (let index = 0; index < scenario.slotCount; index++) {
    const next = scenarioSlot(scenario, index);
    yield* runErrands(tenderInstant(scenario.rules, next.start));
    const traded = tradeSlot(next, scenario, agents, session);
    book.post(traded.closed.transfers);
    slots.open(traded);
  }
  yield* runErrands(Infinity);
  yield* flush(true);
  const counts = { readingsMissed: meters.missed(), ...slots.counts() };
  const result = sums.result();
  return { sums: result, kpis: settlementKpis(scenario, session.state(), counts, result) };
}

/** What may be refused: a reading whose slots are all past, and the estimate of a slot whose readings were all there. */
function refusalOf({ kind }: Errand): "READING_COVERS_NOTHING" | "SLOT_SETTLED" {
  return kind === "read" ? "READING_COVERS_NOTHING" : "SLOT_SETTLED";
}

/** In the order in which they happen; at one instant meters are read first. */
function errandsOf(scenario: Scenario): Errand[] {
  const { settlement } = scenario.rules;
  assert(settlement !== undefined, "the market has rules of settlement");
  const errands: Errand[] = [{ at: scenario.start, kind: "read", index: -1 }];
  for (let index = 0; index < scenario.slotCount; index++) {
    const end = slotEndOf(scenarioSlot(scenario, index));
    const due = instantMs(end + settlement.readingsDue);
    errands.push({ at: end, kind: "read", index }, { at: due, kind: "estimate", index });
  }
  return errands.sort((a, b) => a.at - b.at || (a.kind === b.kind ? a.index - b.index : a.kind === "read" ? -1 : 1));
}
