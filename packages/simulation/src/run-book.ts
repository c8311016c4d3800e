/** Everything that a run of one market adds up, slot by slot. */
import { amountNano, plusAmount, type AmountNano, type HashHex, type PartyId } from "@micromarket/kernel";
import {
  arrearsAccount,
  collateralAccount,
  levyAccount,
  partyAccount,
  PENALTIES,
  stateHash,
  type StateView,
} from "@micromarket/engine";
import { balanceOf, type Transfer } from "@micromarket/ledger";
import { collectBills } from "./home-bills.ts";
import { checkRun, checkSlot } from "./identities.ts";
import { collectKpis, type Kpis } from "./kpis.ts";
import { observeSlot, writeRows } from "./observe-slot.ts";
import { newPostings } from "./postings.ts";
import type { BillRow, ResultSink } from "./results.ts";
import type { Scenario } from "./scenario.ts";
import { checkSettledRun, type SettledRun } from "./settled-identities.ts";
import type { SlotOutcome } from "./slot-outcome.ts";
import type { MeteredSlot } from "./slot-trading.ts";
import { newWitness, type IdentityCheck, type Violation } from "./violations.ts";

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

/** Takes postings as they come and slots when they are settled for good. */
export interface RunBook {
  post(transfers: readonly Transfer[]): void;
  record(metered: MeteredSlot): SlotOutcome;
  /** `settled` is of a market with settlement, else `null`. */
  close(state: StateView, settled: SettledRun | null): RunResult;
}

/** An empty book; rows go to the sink. */
export function openRunBook(scenario: Scenario, sink: ResultSink): RunBook {
  const homes = scenario.homes.map(({ id }) => id);
  const numbers = new Map(homes.map((id, index) => [id, index]));
  const postings = newPostings();
  const bills = collectBills(homes);
  const kpis = collectKpis(scenario);
  const witness = newWitness();
  const paidBy = (party: PartyId): AmountNano => accountsOf(party).map(postings.paidBy).reduce(plusAmount);
  return {
    post: postings.add,
    record(metered) {
      const outcome = observeSlot(metered, scenario, numbers);
      bills.add(outcome, outcome.settlement.levy);
      kpis.add(outcome);
      checkSlot(outcome, scenario, witness);
      writeRows(metered, outcome, sink);
      return outcome;
    },
    close(state, settled) {
      const rows = bills.result(paidBy);
      const figures = { ...kpis.result(rows), ...(settled !== null && { settlement: settled.kpis }) };
      const balances = scenario.homes.map(({ id, deposit }) => minusDeposit(wealthOf(state, id), deposit));
      const others = [PENALTIES, ...levyAccounts(scenario)].map(postings.paidBy).reduce(plusAmount);
      const gridBill = plusAmount(paidBy(scenario.rules.residual.party), others);
      checkRun({ bills: rows, kpis: figures, gridBill, ledger: state.ledger, balances }, witness);
      if (settled !== null) checkSettledRun(scenario, state, settled, witness);
      const [violations, checks] = [witness.violations(), witness.checks()];
      return { bills: rows, kpis: figures, violations, checks, stateHash: stateHash(state) };
    },
  };
}

/** Where the money of a party may be. */
function accountsOf(party: PartyId): readonly string[] {
  return [partyAccount(party), arrearsAccount(party), collateralAccount(party)];
}

function wealthOf({ ledger }: StateView, party: PartyId): AmountNano {
  return accountsOf(party)
    .map((account) => amountNano(balanceOf(ledger, "money", account) ?? 0n))
    .reduce(plusAmount);
}

function minusDeposit(wealth: AmountNano, deposit = amountNano(0n)): AmountNano {
  return amountNano(wealth - deposit);
}

function levyAccounts({ rules }: Scenario): readonly string[] {
  return (rules.settlement?.levies ?? []).map(({ name }) => levyAccount(name));
}
