/** What should hold in every run, by name, and where it did not. */

/** The identities. Those of a slot come first, those of the whole run after them. */
export type IdentityName =
  /** What homes bought from homes is what homes sold to homes. */
  | "LOCAL_TRADES_BALANCE"
  /** Buyers' fills, sellers' fills and trades add up to the same energy. */
  | "FILLS_EQUAL_TRADES"
  /** What the meter counted is traded net plus deviation, home by home; where meters are exact both are load − PV. */
  | "HOME_ENERGY_BALANCES"
  /** The tie carries the homes' net sum. */
  | "TIE_ENERGY_BALANCES"
  /** The price lies in the competitive interval that the auction reports. */
  | "PRICE_IN_INTERVAL"
  /** The price lies between floor and cap. */
  | "PRICE_IN_BAND"
  /** With perfect forecasts no more is traded locally than min(Σ load, Σ PV) − Σ min(load, PV). */
  | "TRADED_WITHIN_BOUND"
  /** A home's bill, summed up from postings, is what is gone of its deposit from its account, collateral less arrears included. */
  | "BILL_EQUALS_BALANCE"
  /** Bills of the homes and of the grid, levies and penalties sum to zero: no money went anywhere else. */
  | "BILLS_SUM_TO_ZERO"
  /** The balances of a ledger sum to zero. */
  | "LEDGER_SUMS_TO_ZERO"
  /** The homes' rows sum to the run's figures. */
  | "PARTITION_SUMS_TO_WHOLE"
  /** What the homes save by their postings is the gain computed from energies and prices. */
  | "SAVINGS_EQUAL_GAIN"
  /** No gain or welfare exceeds its bound. */
  | "EFFICIENCY_AT_MOST_ONE"
  /** With settlement: a home's settled slots add up to what its counters went up by. */
  | "SLOTS_ADD_UP_TO_COUNTERS"
  /** With settlement: what the tie counted beyond the homes' meters is in the energy account `unaccounted`. */
  | "METERING_ERROR_IS_UNACCOUNTED"
  /** With settlement: levies are their price on all metered import; penalties their share of each deviation. */
  | "LEVIES_AND_PENALTIES_TIE"
  /** In a tree: homes and markets below take together what crosses the tie, at its lower end. */
  | "NODE_ENERGY_BALANCES"
  /** Homes of the whole tree take what the supplier gives, less what ties lose. */
  | "TREE_ENERGY_BALANCES"
  /** They pay, at their local prices, what the supplier gets, and rent, fees and residues. */
  | "TREE_MONEY_BALANCES"
  /** A price is the sum of its parts. */
  | "PARTS_SUM_TO_PRICE"
  /** Nothing is awarded beyond a tie's limits. */
  | "TIE_WITHIN_LIMITS"
  | "RENT_NOT_NEGATIVE"
  /** A market's account above and the tie party's account below are each other's negative, but for deviations at the tie. */
  | "MIRROR_ACCOUNTS_AGREE";

/** An identity that did not hold: its first occurrence, and how many there were. */
export interface Violation {
  readonly name: IdentityName;
  /** The slot, home, account or figure. */
  readonly where: string;
  readonly expected: string;
  readonly found: string;
  readonly count: number;
}

/** How often an identity was compared and held. */
export interface IdentityCheck {
  readonly name: IdentityName;
  readonly held: number;
}

/** What identities compare. */
type Exact = bigint | number;

/** Names the place; asked only where something broke. */
type Where = () => string;

/** Remembers which identities broke: one entry each, so that a broken run does not fill the memory. */
export interface Witness {
  equal<Value extends Exact>(name: IdentityName, where: Where, expected: Value, found: Value): void;
  atMost<Value extends Exact>(name: IdentityName, where: Where, most: Value, found: Value): void;
  atLeast<Value extends Exact>(name: IdentityName, where: Where, least: Value, found: Value): void;
  /** In order of first occurrence. */
  violations(): readonly Violation[];
  /** In order of first comparison. */
  checks(): readonly IdentityCheck[];
}

/** A witness that has seen nothing. */
export function newWitness(): Witness {
  const seen = new Map<IdentityName, Violation>();
  const held = new Map<IdentityName, number>();
  const note = (name: IdentityName, where: Where, expected: string, found: Exact): void => {
    const first = seen.get(name) ?? { name, where: where(), expected, found: String(found), count: 0 };
    seen.set(name, { ...first, count: first.count + 1 });
  };
  const compare = (name: IdentityName, holds: boolean, where: Where, expected: () => string, found: Exact): void => {
    if (holds) held.set(name, (held.get(name) ?? 0) + 1);
    else note(name, where, expected(), found);
  };
  return {
    equal(name, where, expected, found) {
      compare(name, expected === found, where, () => String(expected), found);
    },
    atMost(name, where, most, found) {
      compare(name, found <= most, where, () => `at most ${most}`, found);
    },
    atLeast(name, where, least, found) {
      compare(name, found >= least, where, () => `at least ${least}`, found);
    },
    violations: () => [...seen.values()],
    checks: () => [...held].map(([name, times]) => ({ name, held: times })),
  };
}
