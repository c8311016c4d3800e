/**
 * A run: one market over virtual time, through the same `apply` as a gateway's.
 *
 * In each slot the homes' agents tender a moment before the gate closes, the gate closes, and once the slot is over the
 * meters of all homes and of the tie are reported. Invariants: everything follows from the scenario alone; rows go out
 * as slots settle and are not kept, so that memory does not grow with the number of rows.
 */
import { amountNano, assert, type AmountNano, type HashHex, type PartyId } from "@micromarket/kernel";
import { gateInstant, partyAccount, stateHash, type Command, type Journal, type StateView } from "@micromarket/engine";
import { balanceOf } from "@micromarket/ledger";
import { checkScenario } from "./check-scenario.ts";
import { homeAgents } from "./home-agents.ts";
import { collectBills } from "./home-bills.ts";
import { checkRun, checkSlot } from "./identities.ts";
import { collectKpis, type Kpis } from "./kpis.ts";
import { openSession, type MarketSession } from "./market-session.ts";
import { observeSlot, writeRows } from "./observe-slot.ts";
import { newPostings } from "./postings.ts";
import type { BillRow, ResultSink } from "./results.ts";
import type { Scenario, ScenarioSlot } from "./scenario.ts";
import {
  meterSlot,
  scenarioSlot,
  slotEndOf,
  tenderInstant,
  tradeSlot,
  type MeteredSlot,
  type TradedSlot,
} from "./slot-trading.ts";
import { newWitness, type IdentityCheck, type Violation } from "./violations.ts";

/** What a caller may want besides the rows. */
export interface RunOptions {
  /** Called after each settled slot with its number. @default nobody is told */
  readonly onSlot?: (index: number) => void;
  /** An empty journal that gets every command, as a gateway's would. It costs time. @default none */
  readonly journal?: Journal;
}

/** What a run comes to. */
export interface RunResult {
  /** In the scenario's order of homes. */
  readonly bills: readonly BillRow[];
  readonly kpis: Kpis;
  /** Identities that did not hold: a bug, where there is one. */
  readonly violations: readonly Violation[];
  /** How often each identity was compared and held. */
  readonly checks: readonly IdentityCheck[];
  /** Hash of the market's final state. */
  readonly stateHash: HashHex;
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
  function* settle(traded: readonly TradedSlot[]): Generator<number, void, void> {
    for (const each of traded) {
      book.record(meterSlot(each, scenario, session));
      yield each.slot.index;
    }
  }

  admitHomes(scenario, session);
  let open: readonly TradedSlot[] = [];
  for (let index = 0; index < scenario.slotCount; index++) {
    const next = scenarioSlot(scenario, index);
    const over = open.filter(({ slot }) => isOverBefore(slot, next, scenario));
    yield* settle(over);
    open = [...open.slice(over.length), tradeSlot(next, scenario, agents, session)];
  }
  yield* settle(open);
  return book.close(session.state());
}

/** Whether a slot's meters can be read before the gate of `next` closes. */
function isOverBefore(slot: ScenarioSlot, next: ScenarioSlot, { rules }: Scenario): boolean {
  return slotEndOf(slot) < gateInstant(rules, next.start);
}

function admitHomes({ homes, rules, start }: Scenario, session: MarketSession): void {
  const registrations = homes.map(({ id }): Command => ({ type: "RegisterParty", party: id }));
  session.obey(registrations, tenderInstant(rules, start));
}

/** Everything that a run adds up, slot by slot. */
interface RunBook {
  record(metered: MeteredSlot): void;
  close(state: StateView): RunResult;
}

function openRunBook(scenario: Scenario, sink: ResultSink): RunBook {
  const homes = scenario.homes.map(({ id }) => id);
  const numbers = new Map(homes.map((id, index) => [id, index]));
  const postings = newPostings();
  const bills = collectBills(homes);
  const kpis = collectKpis(scenario);
  const witness = newWitness();
  const paidBy = (party: PartyId): AmountNano => postings.paidBy(partyAccount(party));
  return {
    record(metered) {
      const outcome = observeSlot(metered, scenario, numbers);
      for (const { transfers } of [metered.closed, ...metered.deliveries, metered.tie]) postings.add(transfers);
      bills.add(outcome);
      kpis.add(outcome);
      checkSlot(outcome, scenario, witness);
      writeRows(metered, outcome, sink);
    },
    close(state) {
      const rows = bills.result(paidBy);
      const figures = kpis.result(rows);
      const balances = homes.map((id) => amountNano(balanceOf(state.ledger, "money", partyAccount(id)) ?? 0n));
      const gridBill = paidBy(scenario.rules.residual.party);
      checkRun({ bills: rows, kpis: figures, gridBill, ledger: state.ledger, balances }, witness);
      const [violations, checks] = [witness.violations(), witness.checks()];
      return { bills: rows, kpis: figures, violations, checks, stateHash: stateHash(state) };
    },
  };
}
