/**
 * Settling a slot of a market with rules of settlement, when its last reading is in: trades by what was delivered of
 * them, deviations at the imbalance price, levies on what was imported.
 *
 * What a party took less than it had bought is a shortfall of its purchases, shared out over them in proportion; what it
 * gave less than it had sold, of its sales. What goes beyond its trades is bought from or sold to the covering account:
 * the residual counterparty, or `imbalance` where that one's account has to mirror an award.
 *
 * Invariant: each party's money changes by the value of its trades, its whole deviation at the imbalance price, its
 * penalty and its levies, whatever the neighbours did.
 */
import {
  apportion,
  assert,
  compareText,
  hashText,
  minus,
  plus,
  wattHours,
  type InstantMs,
  type PartyId,
  type WattHours,
} from "@micromarket/kernel";
import { execute, forgetRequests, type AccountName, type Transfer } from "@micromarket/ledger";
import { DELIVERED, IMBALANCE, levyAccount, partyAccount, PENALTIES, tradingAccount } from "./accounts.ts";
import { postOwed, repayArrears, voidHolds } from "./funds.ts";
import { tradeHolds } from "./hold-trades.ts";
import { imbalancePrices, penaltyOf } from "./imbalance-prices.ts";
import { settleTrade, type Shortfall } from "./settle-trade.ts";
import type { SettlementRules } from "./settlement-rules.ts";
import type { MeterSettlement, SettledTrade } from "./event.ts";
import type { ClearedSlot, OpenTrade, OpenTrades, PricePair, SlotReading, State } from "./state.ts";
import { flow, saleBetween } from "./transfers.ts";
import { pricesFor } from "./unmetered-terms.ts";

/** A settlement with all that was posted for it. */
export interface PostedSettlement extends MeterSettlement {
  readonly transfers: readonly Transfer[];
  /** Net import of the ordinary parties, summed. */
  readonly metered: WattHours;
}

const NOTHING = wattHours(0);

/** Settles trades, deviations and levies of the slot. Holds that it leaves are none. */
export function settleByMeter(
  state: State,
  settlement: SettlementRules,
  slot: InstantMs,
  record: ClearedSlot,
  now: InstantMs,
): PostedSettlement {
  const { open } = record;
  assert(open !== null, "a market with rules of settlement keeps its trades open");
  const deviations = deviationsOf(state, record, open);
  const total = deviations.reduce((sum, { deviation }) => plus(sum, deviation), NOTHING);
  const prices = imbalancePrices(settlement.imbalance, open, total);
  const cover = coverOf(state, record.flow !== null);
  const shortfalls = shortfallsOf(slot, open.trades, deviations);
  const trades = settleTrades(state, slot, { ...open, shortfalls, flow: record.flow }, prices, now);
  const own = deviations.flatMap(({ party, deviation, beyond, reading }) => [
    ...deviationTransfers(party, beyond, pricesFor(state, party, prices, open.price), cover, "deviation"),
    ...flow("money", partyAccount(party), PENALTIES, penaltyOf(settlement.imbalance, open.price, deviation), "penalty"),
    ...(state.unmetered.has(party) ? [] : levyTransfers(party, reading.imported, settlement, "levy")),
    ...flow("energy", partyAccount(party), DELIVERED, BigInt(netOf(reading)), "delivery"),
  ]);
  const posted = postOwed(state, [...trades.owed, ...own]);
  const repaid = repayArrears(
    state,
    deviations.map(({ party }) => party),
  );
  forgetRequests(state.ledger, now);
  const metered = deviations.reduce((sum, { reading }) => plus(sum, netOf(reading)), NOTHING);
  // what a trade posted from its hold is told with the rest of the trade
  const transfers = [...trades.told, ...posted.slice(trades.owed.length), ...repaid];
  return { prices, trades: trades.settled, readings: open.readings, transfers, metered };
}

/** With whom deviations are settled. */
export function coverOf({ rules }: Pick<State, "rules">, isByAward: boolean): AccountName {
  return isByAward ? IMBALANCE : partyAccount(rules.residual.party);
}

/** Energy that a party drew beyond what it had bought, bought at one price; or less, sold at the other. */
export function deviationTransfers(
  party: PartyId,
  deviation: WattHours,
  { taking, giving }: PricePair,
  cover: AccountName,
  reason: "deviation" | "adjustment",
): readonly Transfer[] {
  if (deviation >= 0) return saleBetween(partyAccount(party), cover, taking, deviation, reason);
  return saleBetween(cover, partyAccount(party), giving, minus(NOTHING, deviation), reason);
}

/** The levies on what was imported; back where it is negative. */
export function levyTransfers(
  party: PartyId,
  imported: WattHours,
  { levies }: SettlementRules,
  reason: "levy" | "adjustment",
): readonly Transfer[] {
  return levies.flatMap(({ name, price }) =>
    flow("money", partyAccount(party), levyAccount(name), BigInt(price) * BigInt(imported), reason),
  );
}

/** What a party drew, net. */
export function netOf({ imported, exported }: Pick<SlotReading, "imported" | "exported">): WattHours {
  return minus(imported, exported);
}

interface Deviation {
  readonly party: PartyId;
  readonly reading: SlotReading;
  /** Drawn beyond what was bought, net. */
  readonly deviation: WattHours;
  /** The part of it that is no shortfall of a trade. */
  readonly beyond: WattHours;
  /** Of its purchases, and of its sales. */
  readonly short: Shortfall;
}

/** Every ordinary party's, in order of name. */
function deviationsOf(
  { rules }: State,
  { traded }: ClearedSlot,
  { trades, readings }: OpenTrades,
): readonly Deviation[] {
  const bought = new Map<PartyId, WattHours>();
  const sold = new Map<PartyId, WattHours>();
  for (const { buyer, seller, energy } of trades) {
    bought.set(buyer, plus(bought.get(buyer) ?? NOTHING, energy));
    sold.set(seller, plus(sold.get(seller) ?? NOTHING, energy));
  }
  const parties = [...traded.keys()].filter((party) => party !== rules.residual.party).sort(compareText);
  return parties.map((party) => {
    const reading = readings.get(party);
    assert(reading !== undefined, `${party} has reported`);
    const deviation = minus(netOf(reading), traded.get(party) ?? NOTHING);
    const within = (amount: number, most: WattHours | undefined): WattHours =>
      wattHours(Math.max(0, Math.min(amount, most ?? 0)));
    const short = { buyer: within(-deviation, bought.get(party)), seller: within(deviation, sold.get(party)) };
    return { party, reading, deviation, beyond: minus(plus(deviation, short.buyer), short.seller), short };
  });
}

/** What each trade fell short by, from what its two parties did. */
function shortfallsOf(
  slot: InstantMs,
  trades: readonly OpenTrade[],
  deviations: readonly Deviation[],
): readonly Shortfall[] {
  const shares = (side: "buyer" | "seller"): readonly number[] => {
    const share = trades.map(() => 0);
    const numbers = new Map<PartyId, number[]>();
    for (const [number, trade] of trades.entries()) {
      const others = numbers.get(trade[side]);
      if (others === undefined) numbers.set(trade[side], [number]);
      else others.push(number);
    }
    for (const { party, short } of deviations) {
      const own = numbers.get(party) ?? [];
      const weights = own.map((number) => trades[number]?.energy ?? 0);
      const parts = apportion(short[side], weights, (index) => hashText(`${slot}\0${String(own[index])}`));
      for (const [index, number] of own.entries()) share[number] = parts[index] ?? 0;
    }
    return share;
  };
  const [byBuyer, bySeller] = [shares("buyer"), shares("seller")];
  return trades.map((_, number) => {
    return { buyer: wattHours(byBuyer[number] ?? 0), seller: wattHours(bySeller[number] ?? 0) };
  });
}

/** All trades of a slot, and what each fell short by. */
interface KeptTrades extends Pick<OpenTrades, "trades" | "price">, Pick<ClearedSlot, "flow"> {
  readonly shortfalls: readonly Shortfall[];
}

/** What came of all trades of a slot. */
interface SettledTrades {
  readonly settled: readonly SettledTrade[];
  /** What was not held and is still to be posted. */
  readonly owed: readonly Transfer[];
  /** Everything, trade by trade. */
  readonly told: readonly Transfer[];
}

/** Posts what is held for the delivered part of each trade and releases the rest. */
function settleTrades(
  state: State,
  slot: InstantMs,
  { trades, price, shortfalls, flow: crossing }: KeptTrades,
  prices: PricePair,
  now: InstantMs,
): SettledTrades {
  const cover = coverOf(state, crossing !== null);
  const accountOf = (party: PartyId): AccountName => tradingAccount(party, state.rules, crossing);
  const settled: SettledTrade[] = [];
  const [owed, told]: [Transfer[], Transfer[]] = [[], []];
  for (const [number, trade] of trades.entries()) {
    const short = shortfalls[number];
    assert(short !== undefined, "each trade has its shortfalls");
    const [buying, selling] = [accountOf(trade.buyer), accountOf(trade.seller)];
    const { taking } = pricesFor(state, trade.seller, prices, price);
    const { giving } = pricesFor(state, trade.buyer, prices, price);
    const { delivered, due, transfers } = settleTrade({ ...trade, buying, selling }, short, { taking, giving }, cover);
    const money = flow("money", buying, selling, due, "trade");
    const { money: hold, bond, levy } = tradeHolds(slot, number);
    const held = postHeld(state, hold, money[0]?.amount ?? 0n, now);
    voidHolds(state, [bond, levy], now);
    const rest = money.flatMap((transfer) => {
      return held < transfer.amount ? [{ ...transfer, amount: transfer.amount - held }] : [];
    });
    owed.push(...rest, ...transfers);
    const before = told.length;
    if (held > 0n) told.push(...money.map((transfer) => ({ ...transfer, amount: held })));
    told.push(...rest, ...transfers);
    settled.push({ ...trade, delivered, transfers: told.length - before });
  }
  return { settled, owed, told };
}

/** Posts as much of the hold as there is of `amount`, and releases the rest: what was posted. */
function postHeld({ ledger }: State, hold: string, amount: bigint, now: InstantMs): bigint {
  const request = ledger.known.get(hold)?.request;
  if (request?.kind !== "hold") return 0n;
  const posted = amount < request.amount ? amount : request.amount;
  const [result] = execute(ledger, [{ kind: "post-hold", id: `post/${hold}`, hold, amount: posted }], now).results;
  assert(result?.ok === true, `the hold ${hold} is open until its slot is settled`);
  return posted;
}
