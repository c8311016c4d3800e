/**
 * The identities that every run of a tree is held to, at every level and over the whole: what is bought is what is sold and
 * lost; what is paid is what is earned, and rent, fees and residues; both ends of a tie tell the same story.
 *
 * Each compares two figures that were come by on different ways: trades with awards, awards with flows, prices with
 * postings, accounts of one market with those of another.
 */
import {
  amountNano,
  assert,
  formatInstant,
  minus,
  partsPerMillion,
  plusAmount,
  tradeValue,
  wattHours,
} from "@micromarket/kernel";
import type { AmountNano } from "@micromarket/kernel";
import {
  FEES,
  IMBALANCE,
  LOSSES,
  partyAccount,
  RENT,
  RESIDUAL_BUY,
  RESIDUAL_SELL,
  UNACCOUNTED,
} from "@micromarket/engine";
import type { Tie } from "@micromarket/grid";
import { balanceOf, balanceSheet, LEDGER_NAMES, type LedgerName } from "@micromarket/ledger";
import { receivedOf } from "@micromarket/market";
import type { Postings } from "../postings.ts";
import type { BillRow } from "../results.ts";
import type { Scenario, ScenarioSlot } from "../scenario.ts";
import type { Witness } from "../violations.ts";
import type { NodeMarket } from "./node-markets.ts";
import { netOf } from "./node-row.ts";
import type { NodeOutcome } from "./tree-slot.ts";

/** Checks what must hold in a settled slot. */
export function checkTreeSlot(
  slot: ScenarioSlot,
  outcomes: readonly NodeOutcome[],
  scenario: Scenario,
  witness: Witness,
): void {
  for (const outcome of outcomes) {
    const where = (): string => `${formatInstant(slot.start)} ${outcome.market.party}`;
    checkNode(outcome, where, witness);
    checkTie(outcome, slot, where, witness);
    checkHomes(outcome, scenario, where, witness);
    for (const child of outcome.market.below) {
      const below = outcomes[child.index];
      assert(below !== undefined, `${child.party} has an outcome`);
      checkMirror(outcome, below, witness);
    }
  }
  checkWhole(slot, outcomes, witness);
}

function checkNode({ closed, homes, market }: NodeOutcome, where: () => string, witness: Witness): void {
  const { node, result } = closed;
  assert(node !== undefined, "a node of a tree has a clearing of its own");
  const traded = result.trades.reduce((sum, { energy }) => sum + energy, 0);
  witness.equal("FILLS_EQUAL_TRADES", where, result.energy, wattHours(traded));
  const { energy, congestion, loss, fee } = node.parts;
  witness.equal("PARTS_SUM_TO_PRICE", where, Number(node.price), energy + congestion + loss + fee);
  if (result.price !== null) witness.equal("PARTS_SUM_TO_PRICE", where, node.price, result.price);
  if (market.plan.parent === null) return;
  witness.equal("NODE_ENERGY_BALANCES", where, Number(node.tie?.flow.below ?? 0), netOf(homes, closed));
}

function checkTie(
  { closed, market, metered }: NodeOutcome,
  slot: ScenarioSlot,
  where: () => string,
  witness: Witness,
): void {
  const { tie } = closed.node ?? { tie: null };
  const rule = market.plan.ties[slot.index] ?? null;
  if (tie === null) return;
  const [sent, received] = metered.below < 0 ? [-metered.below, -metered.above] : [metered.above, metered.below];
  witness.equal("TIE_ENERGY_BALANCES", where, receivedOf(sent, rule?.loss ?? partsPerMillion(0)), received);
  checkAward(tie, rule, where, witness);
}

function checkAward(
  tie: NonNullable<NonNullable<NodeOutcome["closed"]["node"]>["tie"]>,
  rule: Tie | null,
  where: () => string,
  witness: Witness,
): void {
  const { above, below, lost, sent } = tie.flow;
  witness.equal("TIE_ENERGY_BALANCES", where, minus(above, below), lost);
  witness.atLeast("TIE_ENERGY_BALANCES", where, wattHours(0), lost);
  witness.atMost("TIE_WITHIN_LIMITS", where, Number(rule === null ? 0 : (rule.importLimit ?? Infinity)), Number(sent));
  witness.atMost("TIE_WITHIN_LIMITS", where, Number(rule === null ? 0 : (rule.exportLimit ?? Infinity)), -sent);
  witness.atLeast("RENT_NOT_NEGATIVE", where, amountNano(0n), tie.money.rent);
}

function checkHomes({ homes }: NodeOutcome, { forecast }: Scenario, where: () => string, witness: Witness): void {
  for (const home of homes) {
    const metered = minus(home.imported, home.exported);
    witness.equal("HOME_ENERGY_BALANCES", where, metered, wattHours(home.bought - home.sold + home.deviation));
    if (forecast === "perfect") witness.equal("HOME_ENERGY_BALANCES", where, wattHours(0), home.deviation);
  }
}

/** The market's account above and the tie party's account below are each other's negative. */
function checkMirror(above: NodeOutcome, below: NodeOutcome, witness: Witness): void {
  const child = below.market;
  const where = (): string => `${child.party} and ${above.market.party}`;
  const mirror = (name: LedgerName): bigint =>
    balance(above.market, name, child.party) + balance(child, name, above.market.party);
  witness.equal("MIRROR_ACCOUNTS_AGREE", where, 0n, mirror("money"));
  witness.equal("MIRROR_ACCOUNTS_AGREE", where, 0n, mirror("energy"));
  const awarded = above.closed.node?.awards.find(({ party }) => party === child.party)?.energy ?? wattHours(0);
  witness.equal("TIE_ENERGY_BALANCES", where, awarded, below.closed.node?.tie?.flow.above ?? wattHours(0));
}

function balance(market: NodeMarket, name: LedgerName, party: NodeMarket["party"]): bigint {
  return balanceOf(market.session.state().ledger, name, partyAccount(party)) ?? 0n;
}

/** Over the tree: homes take what the supplier gives less what ties lose, and pay what it gets, rent, fees and residues. */
function checkWhole(slot: ScenarioSlot, outcomes: readonly NodeOutcome[], witness: Witness): void {
  const where = (): string => formatInstant(slot.start);
  let [energy, money] = [0, 0n];
  for (const { closed, homes, market } of outcomes) {
    const tie = closed.node?.tie ?? null;
    const ofHomes = homes.reduce((sum, { bought, sold }) => sum + bought - sold, 0);
    energy += ofHomes + (tie?.flow.lost ?? 0);
    if (closed.result.price !== null) money += tradeValue(closed.result.price, wattHours(ofHomes));
    if (tie !== null) money -= tie.money.rent + tie.money.fees + tie.money.residue;
    if (market.plan.parent !== null) continue;
    const supplied = suppliedAt(closed.result.trades);
    energy -= supplied;
    if (closed.result.price !== null) money -= tradeValue(closed.result.price, wattHours(supplied));
  }
  witness.equal("TREE_ENERGY_BALANCES", where, 0, energy);
  witness.equal("TREE_MONEY_BALANCES", where, 0n, money);
}

function suppliedAt(
  trades: readonly { readonly buy: string; readonly sell: string; readonly energy: number }[],
): number {
  let supplied = 0;
  for (const { buy, sell, energy } of trades) {
    if (sell === RESIDUAL_SELL) supplied += energy;
    if (buy === RESIDUAL_BUY) supplied -= energy;
  }
  return supplied;
}

/** Checks what must hold of a finished run. */
export function checkTreeRun(
  markets: readonly NodeMarket[],
  bills: readonly BillRow[],
  postings: Postings,
  { rules, grid, homes, forecast }: Scenario,
  witness: Witness,
): void {
  let kept = 0n;
  for (const market of markets) {
    const { ledger } = market.session.state();
    for (const name of LEDGER_NAMES)
      witness.equal("LEDGER_SUMS_TO_ZERO", () => `${name} of ${market.party}`, 0n, balanceSheet(ledger, name).total);
    for (const account of [FEES, RENT, LOSSES, IMBALANCE]) kept += balanceOf(ledger, "money", account) ?? 0n;
    const unaccounted = balanceOf(ledger, "energy", UNACCOUNTED) ?? 0n;
    if (forecast === "perfect") witness.equal("TIE_ENERGY_BALANCES", () => market.party, 0n, unaccounted);
  }
  for (const [index, bill] of bills.entries()) {
    const market = markets[grid?.places[index] ?? 0];
    assert(market !== undefined, `${homes[index]?.id} has a market`);
    const owed: AmountNano = amountNano(-balance(market, "money", bill.party));
    witness.equal("BILL_EQUALS_BALANCE", () => bill.party, owed, bill.billMarket);
  }
  const paid = bills
    .map(({ billMarket }) => billMarket)
    .reduce(plusAmount, postings.paidBy(partyAccount(rules.residual.party)));
  witness.equal("BILLS_SUM_TO_ZERO", () => "run", amountNano(kept), paid);
}
