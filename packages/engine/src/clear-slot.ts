/**
 * Clearing a slot whose gate is closed, in one of three ways: against the tie party's tenders at the tariff, with the
 * energy that the market above awarded, or as an island. The trades are posted, and the slot waits for deliveries.
 */
import {
  flowOfAward,
  localPrice,
  pricesBelow,
  rootPrice,
  tieMoney,
  type NodePrice,
  type Tie,
  type TieFlow,
} from "@micromarket/grid";
import {
  assert,
  formatInstant,
  minus,
  plus,
  priceMicro,
  wattHours,
  type InstantMs,
  type PartyId,
  type PriceMicro,
  type TenderId,
  type WattHours,
} from "@micromarket/kernel";
import type { AccountName, Transfer } from "@micromarket/ledger";
import {
  boundedBy,
  clearNode,
  curveOfBook,
  clearUniform,
  kPoint,
  type AuctionResult,
  type NodeBook,
  type NodeResult,
  type Tender,
  type Trade,
} from "@micromarket/market";
import { FEES, LOSSES, partyAccount, RENT, tradingAccount } from "./accounts.ts";
import type { ClearingMode, GateClosed, NodeClearing } from "./event.ts";
import { positionId, residualTenders, TIE_FLOW } from "./residual-tenders.ts";
import { holdTrades } from "./hold-trades.ts";
import type { StandingTenders } from "./standing-tenders.ts";
import type { ClearedSlot, NumberedPosition, OpenTrade, PricePair, Prices, State } from "./state.ts";
import { flow, postAll, saleBetween } from "./transfers.ts";

/** What is cleared. */
export interface SlotSheet extends Prices {
  readonly slot: InstantMs;
  /** When it is cleared. */
  readonly now: InstantMs;
  /** In order of arrival. */
  readonly tenders: readonly Tender[];
  /** What stood in the book: the same, as it came. */
  readonly standing: StandingTenders;
  readonly positions: ReadonlyMap<PartyId, NumberedPosition>;
  readonly parties: ReadonlySet<PartyId>;
}

/** What a sheet says of a book's tenders. */
export function sheetOfBook(standing: StandingTenders): Pick<SlotSheet, "tenders" | "standing"> {
  return { tenders: [...standing.values()], standing };
}

/** The award that a slot is cleared with. */
export interface TakenAward {
  readonly tie: Tie;
  readonly above: NodePrice;
  readonly energy: WattHours;
}

/** Clears against the tie party's standing tenders, within the limits of `tie` where there is one. */
export function clearAtTariff(state: State, sheet: SlotSheet, mode: ClearingMode, tie: Tie | null): GateClosed {
  const rules = tie === null ? state.rules : withinTie(state.rules, tie);
  const standing = residualTenders(rules, sheet, sheet.tenders, sheet.positions.values());
  const full = { ...sheet, tenders: [...sheet.tenders, ...standing] };
  const { auction } = state.rules;
  const crossing = mode === "fallback-tariff" ? NOTHING : null;
  if (sheet.positions.size === 0) {
    const result = clearUniform({ slot: formatInstant(sheet.slot), rules: auction, tenders: full.tenders });
    const node = state.rules.node === undefined ? undefined : nodeOf(state, full, result, mode);
    return finish(state, full, { result, node, above: supplierPrices(sheet), crossing });
  }
  const result = clearNode(nodeBook(state, full, wattHours(0)), (interval) =>
    kPoint(boundedBy(interval, auction), auction),
  );
  const node = nodeOf(state, full, result, mode);
  return finish(state, full, { result, node, above: supplierPrices(sheet), crossing });
}

function supplierPrices({ tariff, feedIn }: Prices): PricePair {
  return { taking: tariff, giving: feedIn };
}

const NOTHING = { above: wattHours(0), below: wattHours(0) };

/** Clears with nothing across the tie: the tie party takes no part, and no deviation is settled with it. */
export function clearAsIsland(state: State, sheet: SlotSheet, mode: ClearingMode): GateClosed {
  const result = clearNode(nodeBook(state, sheet, wattHours(0)), (own) =>
    kPoint(boundedBy(own, state.rules.auction), state.rules.auction),
  );
  const node = nodeOf(state, sheet, result, mode);
  return finish(state, sheet, { result, node, above: { taking: node.price, giving: node.price }, crossing: NOTHING });
}

/** Clears with what the award brings or takes, at the local price that follows from the price above. */
export function clearWithAward(state: State, sheet: SlotSheet, { tie, above, energy }: TakenAward): GateClosed {
  const crossing = flowOfAward(energy, tie, curveOfBook(nodeBook(state, sheet, wattHours(0))));
  let local: NodePrice = above;
  const result = clearNode(nodeBook(state, sheet, crossing.below), (own) => {
    local = localPrice(own, above, tie, crossing, state.rules.auction);
    return local.price;
  });
  const money = tieMoney(crossing, above.price, local.price, tie);
  const node: NodeClearing = {
    mode: "award",
    ...local,
    awards: awardsOf(sheet, result, local),
    tie: { flow: crossing, money },
  };
  const party = partyAccount(state.rules.residual.party);
  const tieTransfers = [
    ...flow("energy", party, LOSSES, BigInt(crossing.lost), "loss"),
    ...flow("money", party, FEES, money.fees, "fee"),
    ...flow("money", party, RENT, money.rent, "rent"),
    ...flow("money", party, LOSSES, money.residue, "loss"),
  ];
  const { importing, exporting } = pricesBelow(above.price, tie);
  const ends = { taking: importing, giving: exporting };
  return finish(state, sheet, { result, node, above: ends, tieTransfers, crossing });
}

function withinTie(rules: State["rules"], { importLimit, exportLimit }: Tie): State["rules"] {
  const within = (own: WattHours, limit: WattHours | null): WattHours => (limit === null || limit > own ? own : limit);
  const { residual } = rules;
  return {
    ...rules,
    residual: {
      party: residual.party,
      importLimit: within(residual.importLimit, importLimit),
      exportLimit: within(residual.exportLimit, exportLimit),
    },
  };
}

function nodeBook({ rules }: State, { slot, tenders, positions }: SlotSheet, energy: WattHours): NodeBook {
  return {
    slot: formatInstant(slot),
    rules: rules.auction,
    tenders,
    positions: [...positions].map(([party, { curve }]) => ({ id: positionId(party), curve })),
    inflow: { id: TIE_FLOW, energy },
  };
}

/** A clearing without a market above: the whole price is energy. */
function nodeOf(state: State, sheet: SlotSheet, result: AuctionResult | NodeResult, mode: ClearingMode): NodeClearing {
  const { auction } = state.rules;
  const price: PriceMicro = result.price ?? kPoint(result.interval, auction);
  const whole = rootPrice({ low: price, high: price }, { ...auction, tick: priceMicro(1) });
  return { mode, ...whole, awards: "awards" in result ? awardsOf(sheet, result, whole) : [], tie: null };
}

function awardsOf(
  { positions }: SlotSheet,
  { awards }: NodeResult,
  { price, parts }: NodePrice,
): NodeClearing["awards"] {
  return [...positions].map(([party, { number }], at) => {
    return { party, number, price, parts, energy: awards[at]?.energy ?? wattHours(0) };
  });
}

/** A clearing before it is booked. */
interface Clearing {
  readonly result: AuctionResult;
  readonly node: NodeClearing | undefined;
  /** What energy costs and brings at the other end of the tie. */
  readonly above: PricePair;
  readonly tieTransfers?: readonly Transfer[];
  /** What crosses the tie by an award; nothing without one; `null`: above is no market. */
  readonly crossing: Pick<TieFlow, "above" | "below"> | null;
}

function finish(state: State, sheet: SlotSheet, clearing: Clearing): GateClosed {
  const { result, node, above, tieTransfers = [] } = clearing;
  assert(result.rejections.length === 0, "what was refused at submission cannot be in the book");
  const { slot, tariff, feedIn, tenders } = sheet;
  const { auction, settlement } = state.rules;
  const owners = new Map<TenderId, PartyId>(tenders.map(({ id, party }) => [id, party]));
  for (const party of sheet.positions.keys()) owners.set(positionId(party), party);
  if (clearing.crossing !== null) owners.set(TIE_FLOW, state.rules.residual.party);
  const crossing =
    clearing.crossing === null ? null : { above: clearing.crossing.above, below: clearing.crossing.below };
  const record = { ...clearedSlot(sheet, result.trades, owners), flow: crossing };
  const closed = { type: "GateClosed", slot, tariff, feedIn, tenders, result, owners } as const;
  const ofNode = node === undefined ? {} : { node };
  const price = node?.price ?? result.price ?? kPoint(boundedBy(result.interval, auction), auction);
  if (settlement === undefined) {
    const accountOf = (party: PartyId): AccountName => tradingAccount(party, state.rules, crossing);
    const transfers = [...result.trades.flatMap((trade) => tradeTransfers(trade, owners, accountOf)), ...tieTransfers];
    postAll(state.ledger, transfers);
    state.cleared.set(slot, { ...record, open: null, price: hasTrader(state, sheet) ? price : null });
    return { ...closed, transfers, ...ofNode };
  }
  postAll(state.ledger, tieTransfers);
  const trades = openTrades(result.trades, owners);
  state.cleared.set(slot, { ...record, open: { trades, price, above, readings: new Map() }, price: null });
  const held = holdTrades(state, settlement, { ...sheet, flow: crossing }, trades, sheet.now);
  return { ...closed, transfers: tieTransfers, held, ...ofNode };
}

/** Whether somebody of the slot is settled by its price. */
function hasTrader({ unmetered }: State, { parties }: SlotSheet): boolean {
  return [...unmetered].some(([party, basis]) => basis === "financial" && parties.has(party));
}

/** The trades between two parties, in their order. */
function openTrades(trades: readonly Trade[], owners: ReadonlyMap<TenderId, PartyId>): readonly OpenTrade[] {
  return trades
    .map(({ buy, sell, price, energy }) => {
      return { buy, sell, buyer: ownerOf(buy, owners), seller: ownerOf(sell, owners), price, energy };
    })
    .filter(({ buyer, seller }) => buyer !== seller);
}

function tradeTransfers(
  { buy, sell, price, energy }: Trade,
  owners: ReadonlyMap<TenderId, PartyId>,
  accountOf: (party: PartyId) => AccountName,
): readonly Transfer[] {
  const [buyer, seller] = [ownerOf(buy, owners), ownerOf(sell, owners)];
  return buyer === seller ? [] : saleBetween(accountOf(buyer), accountOf(seller), price, energy, "trade");
}

function clearedSlot(
  { parties, tariff, feedIn }: SlotSheet,
  trades: readonly Trade[],
  owners: ReadonlyMap<TenderId, PartyId>,
): Omit<ClearedSlot, "flow" | "open" | "price"> {
  const traded = new Map([...parties].map((party) => [party, wattHours(0)]));
  for (const { buy, sell, energy } of trades) {
    const [buyer, seller] = [ownerOf(buy, owners), ownerOf(sell, owners)];
    traded.set(buyer, plus(traded.get(buyer) ?? wattHours(0), energy));
    traded.set(seller, minus(traded.get(seller) ?? wattHours(0), energy));
  }
  return { tariff, feedIn, traded, awaiting: new Set(parties), metered: wattHours(0), tie: null };
}

function ownerOf(tender: TenderId, owners: ReadonlyMap<TenderId, PartyId>): PartyId {
  const owner = owners.get(tender);
  assert(owner !== undefined, `nobody stands behind tender ${tender}`);
  return owner;
}
