/**
 * A run: one market over virtual time, through the same `apply` as a gateway's.
 *
 * In each slot the homes' agents tender a moment before the gate closes, the gate closes, and once the slot is over the
 * meters of all homes and of the tie are reported. Invariants: everything follows from the scenario alone; rows go out
 * as slots settle and are not kept, so that memory does not grow with the length of a run.
 */
import { amountNano, assert, instantMs, type AmountNano, type HashHex, type InstantMs, type PartyId } from "@micromarket/kernel";
import { gateInstant, partyAccount, stateHash, type Journal } from "@micromarket/engine";
import { balanceOf } from "@micromarket/ledger";
import { checkScenario } from "./check-scenario.ts";
import { homeAgents } from "./home-agents.ts";
import { collectBills } from "./home-bills.ts";
import { checkRun, checkSlot } from "./identities.ts";
import { collectKpis, type Kpis } from "./kpis.ts";
import { openSession } from "./market-session.ts";
import { newPostings } from "./postings.ts";
import type { BillRow, ResultSink } from "./results.ts";
import type { Scenario } from "./scenario.ts";
import { writeRows } from "./result-rows.ts";
import { newWitness, type Violation } from "./violations.ts";

/** What a caller may want besides the rows. */
export interface RunOptions {
  /** Called after each settled slot with its number. */
  readonly onSlot?: (index: number) => void;
  /** An empty journal that gets every command, as a gateway's would; several times slower. @default none */
  readonly journal?: Journal;
}

/** What is left of a run at its end. */
export interface RunResult {
  /** In the scenario's order of homes. */
  readonly bills: readonly BillRow[];
  readonly kpis: Kpis;
  /** Identities that did not hold: a bug where there is one. */
  readonly violations: readonly Violation[];
  /** Hash of the market's final state: equal scenarios have equal ones. */
  readonly stateHash: HashHex;
}
