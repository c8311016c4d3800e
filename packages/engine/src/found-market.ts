/** The state of a market before its first command. */
import { admitParty, enrolKey, newRegistry, SeenEnvelopes, type Registry } from "@micromarket/identity";
import { assert, instantMs } from "@micromarket/kernel";
import {
  LEDGER_NAMES,
  newLedger,
  openAccount,
  type AccountName,
  type Ledger,
  type LedgerName,
} from "@micromarket/ledger";
import { marketAccounts } from "./accounts.ts";
import { checkMarketRules } from "./check-market-rules.ts";
import type { MarketRules } from "./rules.ts";
import type { State } from "./state.ts";

/** Founds a market on sound rules (`checkMarketRules`); throws on others. Its time starts at the Unix epoch. */
export function foundMarket(rules: MarketRules): State {
  const problem = checkMarketRules(rules);
  assert(problem === null, `no market can be founded on these rules: ${problem ?? ""}`);
  const ledger = newLedger();
  const accounts = marketAccounts(rules);
  for (const name of LEDGER_NAMES) for (const account of accounts[name]) open(ledger, name, account);
  return {
    rules,
    at: instantMs(0),
    parties: new Set([rules.residual.party]),
    ledger,
    references: new Set(),
    unmetered: new Map(),
    tariffs: [],
    ties: [],
    positionsFormed: 0,
    tieStatement: 0,
    awardsMissed: new Set(),
    waiting: new Map(),
    closedThrough: null,
    books: new Map(),
    cleared: new Map(),
    estimated: new Map(),
    meters: new Map(),
    registry: foundingRegistry(rules),
    grants: new Map(),
    seen: new SeenEnvelopes(),
    sessions: new Map(),
  };
}

/** Nobody, or the operator: its key is the residual counterparty's from the beginning of time. */
function foundingRegistry({ operator, residual: { party } }: MarketRules): Registry {
  const registry = newRegistry();
  if (operator === undefined) return registry;
  const admitted = admitParty(registry, party);
  const enrolled = enrolKey(registry, { party, did: operator, role: "operator", from: instantMs(0) });
  assert(admitted.ok && enrolled.ok, "the operator's key was checked with the rules");
  return registry;
}

function open(ledger: Ledger, name: LedgerName, account: AccountName): void {
  const opened = openAccount(ledger, name, account);
  assert(opened.ok, `the account ${account} cannot be opened`);
}
