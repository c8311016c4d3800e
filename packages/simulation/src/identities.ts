/**
 * The identities that every run is held to: conservation of energy and money, slot by slot and over the whole.
 *
 * Each compares two figures that were come by on different ways: fills with trades, postings with meters, bills with
 * balances. A violation is a bug, of this package or of one below it.
 */
import { amountNano, formatInstant, minus, plus, plusAmount, wattHours, type AmountNano } from "@micromarket/kernel";
import { balanceSheet, LEDGER_NAMES, type LedgerView } from "@micromarket/ledger";
import type { Kpis } from "./kpis.ts";
import type { BillRow } from "./results.ts";
import type { Scenario } from "./scenario.ts";
import type { SlotOutcome } from "./slot-outcome.ts";
import type { Witness } from "./violations.ts";

/** Checks what must hold in a settled slot. */
export function checkSlot(slot: SlotOutcome, scenario: Scenario, witness: Witness): void {
  const { totals, grid } = slot;
  const where = (): string => formatInstant(slot.start);
  witness.equal("LOCAL_TRADES_BALANCE", where, totals.localSold, totals.localBought);
  checkFills(slot, where, witness);
  checkPrice(slot, scenario, where, witness);
  checkHomes(slot, scenario, witness);
  witness.equal("TIE_ENERGY_BALANCES", where, minus(totals.load, totals.pv), minus(grid.imported, grid.exported));
  witness.equal("TIE_ENERGY_BALANCES", where, minus(totals.bought, totals.sold), minus(grid.sold, grid.bought));
  if (scenario.forecast === "perfect")
    witness.atMost("TRADED_WITHIN_BOUND", where, totals.localBound, totals.localBought);
}

function checkFills({ result }: SlotOutcome, where: () => string, witness: Witness): void {
  const traded = result.trades.map(({ energy }) => energy).reduce(plus, wattHours(0));
  const filled = result.fills.map(({ energy }) => energy).reduce(plus, wattHours(0));
  witness.equal("FILLS_EQUAL_TRADES", where, result.energy, traded);
  witness.equal("FILLS_EQUAL_TRADES", where, plus(result.energy, result.energy), filled);
}

function checkPrice({ result }: SlotOutcome, { rules }: Scenario, where: () => string, witness: Witness): void {
  const { price, interval } = result;
  if (price === null) return;
  const { priceFloor, priceCap } = rules.auction;
  if (interval.low !== null) witness.atLeast("PRICE_IN_INTERVAL", where, interval.low, price);
  if (interval.high !== null) witness.atMost("PRICE_IN_INTERVAL", where, interval.high, price);
  if (priceFloor !== null) witness.atLeast("PRICE_IN_BAND", where, priceFloor, price);
  if (priceCap !== null) witness.atMost("PRICE_IN_BAND", where, priceCap, price);
}

function checkHomes(slot: SlotOutcome, scenario: Scenario, witness: Witness): void {
  for (const [index, home] of slot.homes.entries()) {
    const where = (): string => `${formatInstant(slot.start)} ${scenario.homes[index]?.id ?? ""}`;
    const metered = minus(home.imported, home.exported);
    const net = scenario.meters === undefined ? minus(home.load, home.pv) : metered;
    witness.equal("HOME_ENERGY_BALANCES", where, net, plus(minus(home.bought, home.sold), home.deviation));
    witness.equal("HOME_ENERGY_BALANCES", where, net, metered);
  }
}

/** A finished run, with what its postings came to. */
export interface RunAccounts {
  readonly bills: readonly BillRow[];
  readonly kpis: Kpis;
  /** What the residual counterparty, levies and penalties paid, less what they got; a negative amount is their income. */
  readonly gridBill: AmountNano;
  readonly ledger: LedgerView;
  /** What each home has, in the order of `bills`, less what it paid in. */
  readonly balances: readonly AmountNano[];
}

/** Checks what must hold of a finished run. */
export function checkRun(run: RunAccounts, witness: Witness): void {
  const { bills, kpis, ledger } = run;
  for (const [index, bill] of bills.entries()) {
    const balance = run.balances[index] ?? amountNano(0n);
    witness.equal("BILL_EQUALS_BALANCE", () => bill.party, amountNano(-balance), bill.billMarket);
  }
  witness.equal("BILLS_SUM_TO_ZERO", () => "run", amountNano(0n), plusAmount(kpis.bills.marketNano, run.gridBill));
  for (const name of LEDGER_NAMES) {
    witness.equal("LEDGER_SUMS_TO_ZERO", () => name, 0n, balanceSheet(ledger, name).total);
  }
  checkPartition(bills, kpis, witness);
  checkEfficiency(kpis, witness);
}

function checkPartition(bills: readonly BillRow[], { energy, settlement }: Kpis, witness: Witness): void {
  const sum = (valueOf: (bill: BillRow) => number): number =>
    bills.reduce((partial, bill) => partial + valueOf(bill), 0);
  const check = (name: string, whole: number, parts: number): void => {
    witness.equal("PARTITION_SUMS_TO_WHOLE", () => name, whole, parts);
  };
  check(
    "load",
    energy.loadWh,
    sum(({ load }) => load),
  );
  check(
    "PV",
    energy.pvWh,
    sum(({ pv }) => pv),
  );
  check(
    "covered alone",
    energy.coveredAloneWh,
    sum(({ selfConsumed }) => selfConsumed),
  );
  check(
    "bought locally",
    energy.localWh,
    sum(({ localBought }) => localBought),
  );
  check(
    "sold locally",
    energy.localWh,
    sum(({ localSold }) => localSold),
  );
  check(
    "metered import",
    settlement?.meteredImportWh ?? energy.loadWh - energy.coveredAloneWh,
    sum(({ metered }) => metered.imported),
  );
  check(
    "metered export",
    settlement?.meteredExportWh ?? energy.pvWh - energy.coveredAloneWh,
    sum(({ metered }) => metered.exported),
  );
}

function checkEfficiency({ bills, efficiency }: Kpis, witness: Witness): void {
  witness.equal("SAVINGS_EQUAL_GAIN", () => "run", efficiency.gainNano, bills.savingNano);
  witness.atMost("EFFICIENCY_AT_MOST_ONE", () => "gain", efficiency.gainBoundNano, efficiency.gainNano);
  witness.atMost("EFFICIENCY_AT_MOST_ONE", () => "welfare", efficiency.welfareBoundNano, efficiency.welfareNano);
}
