/**
 * A run: one market over virtual time, through the same `apply` as a gateway's.
 *
 * In each slot the homes' agents tender a moment before the gate closes, the gate closes, and once the slot is over the
 * meters of all homes and of the tie are reported; a market with settlement goes its own way from there (`settled-run.ts`).
 * Invariants: everything follows from the scenario alone; rows go out as slots settle and are not kept, so that memory
 * does not grow with the number of rows.
 */
import { assert } from "@micromarket/kernel";
import { gateInstant, type Command, type Journal } from "@micromarket/engine";
import { checkScenario } from "./check-scenario.ts";
import { homeAgents, type HomeAgents } from "./home-agents.ts";
import { openSession, type MarketSession } from "./market-session.ts";
import type { ResultSink } from "./results.ts";
import { openRunBook, type RunBook, type RunResult } from "./run-book.ts";
import type { Scenario, ScenarioSlot } from "./scenario.ts";
import { settledRun } from "./settled-run.ts";
import { meterSlot, scenarioSlot, slotEndOf, tenderInstant, tradeSlot, type TradedSlot } from "./slot-trading.ts";

/** What a caller may want besides the rows. */
export interface RunOptions {
  /** Called after each settled slot with its number. @default nobody is told */
  readonly onSlot?: (index: number) => void;
  /** An empty journal that gets every command, as a gateway's would. It costs time. @default none */
  readonly journal?: Journal;
}

/** Runs `scenario` from its first slot to its last. Throws on a tree, and on what `checkScenario` finds fault with. */
export function runScenario(scenario: Scenario, sink: ResultSink, options: RunOptions = {}): RunResult {
  const slots = runSlots(scenario, sink, options.journal ?? null);
  for (;;) {
    const step = slots.next();
    if (step.done === true) return step.value;
    options.onSlot?.(step.value);
  }
}

/**
 * The same run slot by slot: yields the number of each settled slot and returns what the run comes to, so that a caller
 * can pause between two slots or give up.
 */
export function* runSlots(
  scenario: Scenario,
  sink: ResultSink,
  journal: Journal | null = null,
): Generator<number, RunResult, void> {
  const problem = checkScenario(scenario);
  assert(problem === null, `the scenario cannot be run: ${problem?.code} at ${problem?.where}: ${problem?.what}`);
  assert(scenario.grid === undefined, "a tree is run by runTreeSlots");
  const session = openSession(scenario.rules, journal);
  const book = openRunBook(scenario, sink);
  const agents = scenario.homes.map((home) => homeAgents(home, scenario));
  admitHomes(scenario, session);
  const settled =
    scenario.rules.settlement === undefined
      ? yield* plainRun(scenario, session, agents, book)
      : yield* settledRun(scenario, session, agents, book);
  session.close();
  return book.close(session.state(), settled);
}

/** The slots of a market that posts its trades at once. */
function* plainRun(
  scenario: Scenario,
  session: MarketSession,
  agents: readonly HomeAgents[],
  book: RunBook,
): Generator<number, null, void> {
  function* settle(traded: readonly TradedSlot[]): Generator<number, void, void> {
    for (const each of traded) {
      const metered = meterSlot(each, scenario, session);
      book.post(each.closed.transfers);
      book.post(metered.transfers);
      book.record(metered);
      yield each.slot.index;
    }
  }

  let open: readonly TradedSlot[] = [];
  for (let index = 0; index < scenario.slotCount; index++) {
    const next = scenarioSlot(scenario, index);
    const over = open.filter(({ slot }) => isOverBefore(slot, next, scenario));
    yield* settle(over);
    open = [...open.slice(over.length), tradeSlot(next, scenario, agents, session)];
  }
  yield* settle(open);
  return null;
}

/** Whether a slot's meters can be read before the gate of `next` closes. */
function isOverBefore(slot: ScenarioSlot, next: ScenarioSlot, { rules }: Scenario): boolean {
  return slotEndOf(slot) < gateInstant(rules, next.start);
}

/** Registers the homes, and pays in and lends what they have to begin with. */
function admitHomes({ homes, rules, start }: Scenario, session: MarketSession): void {
  const registrations = homes.map(({ id }): Command => ({ type: "RegisterParty", party: id }));
  const funds = homes.flatMap(({ id: party, deposit, creditLine }, index): readonly Command[] => [
    ...(deposit === undefined || deposit === 0n
      ? []
      : [{ type: "CreditAccount", party, amount: deposit, reference: `deposit ${index + 1}` } as const]),
    ...(creditLine === undefined ? [] : [{ type: "SetCreditLine", party, limit: creditLine } as const]),
  ]);
  session.obey([...registrations, ...funds], tenderInstant(rules, start));
}
