/** Ways to falsify a right result, each with the findings that must come of it. */
import { amountNano, priceMicro, tenderId, wattHours, type PriceMicro, type RandomStream } from "@micromarket/kernel";
import type {
  AuctionClaim,
  AuctionResult,
  Book,
  ClaimedTrade,
  Fill,
  FindingCode,
  Rejection,
} from "@micromarket/market";
import { energyAcceptable, energyBetter, readBook, type Entrant } from "../src/audit/book.ts";
import { pick } from "@micromarket/testkit";

/** One way. */
export interface Tampering {
  readonly name: string;
  /** `default`: both modes find it; `strict`: strict mode does; `strict-only`: and default mode has nothing to say. */
  readonly foundBy: "default" | "strict" | "strict-only";
  /** At least one of them is found. */
  readonly codes: readonly FindingCode[];
  /** The falsified result; `null` where this one offers no occasion. */
  readonly apply: (book: Book, result: AuctionResult, stream: RandomStream) => AuctionClaim | null;
}

type Apply = Tampering["apply"];

/** The result without what a change of price or fills makes untrue as well. */
function bare({ price, energy, fills }: AuctionResult): AuctionClaim {
  return { price, energy, fills: fills.map((fill) => ({ id: fill.id, energy: fill.energy })) };
}

function withPrice(result: AuctionResult, price: PriceMicro): AuctionClaim {
  return { ...bare(result), price };
}

const movePriceOut: Apply = (_, result, stream) => {
  const { low, high } = result.interval;
  if (result.price === null || (low === null && high === null)) return null;
  const distance = stream.between(1, 5);
  const upwards = low === null || (high !== null && stream.below(2) === 0);
  return withPrice(result, priceMicro(upwards ? (high ?? 0) + distance : low - distance));
};

const movePriceInside: Apply = (_, result, stream) => {
  const { price, interval } = result;
  if (price === null) return null;
  const low = interval.low ?? (interval.high ?? 0) - 20;
  const high = interval.high ?? low + 20;
  const moved = stream.between(low, high);
  return moved === price ? null : withPrice(result, priceMicro(moved));
};

const movePriceOffTick: Apply = (book, result, stream) => {
  const tick: number = book.rules.tick;
  const { low, high } = result.interval;
  if (result.price === null || tick === 1) return null;
  const distance = stream.between(1, tick - 1);
  if (high === null || result.price + distance <= high) return withPrice(result, priceMicro(result.price + distance));
  if (low === null || result.price - distance >= low) return withPrice(result, priceMicro(result.price - distance));
  return null;
};

const overfill: Apply = (book, result, stream) => {
  if (result.fills.length === 0) return null;
  const { id } = pick(stream, result.fills);
  const offered = readBook(book).accepted.get(id)?.offered ?? 0;
  return { ...result, fills: setFill(result, id, offered + stream.between(1, 3)) };
};

/** The fills with one of them changed; nothing is left of a fill of 0. */
function setFill(result: Pick<AuctionResult, "fills" | "price">, id: string, energy: number): Fill[] {
  const others = result.fills.filter((fill) => fill.id !== id);
  const price = result.price ?? priceMicro(0);
  const fills = energy === 0 ? others : [...others, { id: tenderId(id), energy: wattHours(energy), price }];
  return fills.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function filledOf(result: AuctionResult, id: string): number {
  return result.fills.find((fill) => fill.id === id)?.energy ?? 0;
}

/** Takes 1 Wh from a tender and gives it to another of its side, as far as price and offers allow. */
function moveUnit(
  book: Book,
  result: AuctionResult,
  stream: RandomStream,
  mayGive: (giver: Entrant, price: PriceMicro) => boolean,
) {
  const { price } = result;
  if (price === null) return null;
  const entrants = [...readBook(book).accepted.values()];
  const givers = entrants.filter((giver) => filledOf(result, giver.id) > 0 && mayGive(giver, price));
  if (givers.length === 0) return null;
  const giver = pick(stream, givers);
  const takers = entrants.filter(
    (taker) =>
      taker !== giver && taker.side === giver.side && filledOf(result, taker.id) < energyAcceptable(taker, price),
  );
  if (takers.length === 0) return null;
  const taker = pick(stream, takers);
  const less = setFill(result, giver.id, filledOf(result, giver.id) - 1);
  return { ...bare(result), fills: setFill({ price, fills: less }, taker.id, filledOf(result, taker.id) + 1) };
}

const moveFillAtMargin: Apply = (book, result, stream) =>
  moveUnit(book, result, stream, (giver, price) => filledOf(result, giver.id) > energyBetter(giver, price));

const passOver: Apply = (book, result, stream) =>
  moveUnit(
    book,
    result,
    stream,
    (giver, price) =>
      giver.offers.every(({ limit }) => Number.isFinite(limit)) &&
      filledOf(result, giver.id) <= energyBetter(giver, price),
  );

const dropFill: Apply = (_, result, stream) => {
  if (result.fills.length === 0) return null;
  return { ...result, fills: setFill(result, pick(stream, result.fills).id, 0) };
};

const phantomFill: Apply = (_, result, stream) => ({
  ...result,
  fills: setFill(result, "phantom", stream.between(1, 9)),
});

const splitFill: Apply = (_, result, stream) => {
  const large = result.fills.filter((fill) => fill.energy > 1);
  if (large.length === 0) return null;
  const { id, energy, price } = pick(stream, large);
  const part = wattHours(stream.between(1, energy - 1));
  return { ...result, fills: [...setFill(result, id, energy - part), { id, energy: part, price }] };
};

const fillRefused: Apply = (_, result, stream) => {
  if (result.rejections.length === 0) return null;
  return { ...result, fills: setFill(result, pick(stream, result.rejections).id, stream.between(1, 3)) };
};

const repriceFill: Apply = (_, result, stream) => {
  if (result.fills.length === 0) return null;
  const changed = pick(stream, result.fills);
  const price = priceMicro(changed.price + pick(stream, [-1, 1]));
  return { ...result, fills: result.fills.map((fill) => (fill === changed ? { ...fill, price } : fill)) };
};

const lowerVolume: Apply = (book, result, stream) => {
  const { accepted } = readBook(book);
  const ofSide = (side: string): Fill[] => result.fills.filter((fill) => accepted.get(fill.id)?.side === side);
  if (result.energy < 2) return null;
  const [buy, sell] = [pick(stream, ofSide("buy")), pick(stream, ofSide("sell"))];
  const less = setFill(result, buy.id, buy.energy - 1);
  const fills = setFill({ ...result, fills: less }, sell.id, sell.energy - 1);
  return { ...bare(result), fills, energy: wattHours(result.energy - 1) };
};

const denyTrade: Apply = (_, result) => {
  if (result.price === null) return null;
  return { price: null, energy: wattHours(0), fills: [], interval: result.interval, scarcity: result.scarcity };
};

const misstateVolume: Apply = (_, result, stream) => ({
  ...result,
  energy: wattHours(result.energy + pick(stream, [-1, 1, 5])),
});

const misstateSurplus: Apply = (_, { surplus, ...rest }, stream) => {
  const error = pick(stream, [-1n, 1n]);
  const { buyers, sellers } = surplus;
  return {
    ...rest,
    surplus: pick(stream, [
      { buyers: amountNano(buyers + error), sellers },
      { buyers, sellers: amountNano(sellers + error) },
      { total: amountNano(buyers + sellers + error) },
    ]),
  };
};

const misstateInterval: Apply = (_, { interval, ...rest }, stream) => {
  const end = pick(stream, ["low", "high"] as const);
  const value = interval[end];
  const moved = value === null ? pick(stream, [-1, 0, 7]) : pick(stream, [null, value - 1, value + 1]);
  return { ...rest, interval: { ...interval, [end]: moved === null ? null : priceMicro(moved) } };
};

const flipScarcity: Apply = (_, { scarcity, ...rest }, stream) => {
  const others = ([null, "demand", "supply"] as const).filter((flag) => flag !== scarcity);
  return { ...rest, scarcity: pick(stream, others) };
};

const moveTradeEnergy: Apply = (_, result, stream) => {
  if (result.trades.length < 2) return null;
  const [from, to] = [pick(stream, result.trades), pick(stream, result.trades)];
  if (from === to) return null;
  const change = (trade: ClaimedTrade, by: number): ClaimedTrade => ({
    ...trade,
    energy: wattHours(trade.energy + by),
  });
  return {
    ...result,
    trades: result.trades.map((trade) => (trade === from ? change(from, -1) : trade === to ? change(to, 1) : trade)),
  };
};

const repairTrades: Apply = (_, result, stream) => {
  if (result.trades.length < 2) return null;
  const [first, second] = [pick(stream, result.trades), pick(stream, result.trades)];
  if (first.buy === second.buy || first.sell === second.sell) return null;
  const kept = result.trades
    .map((trade) => (trade === first || trade === second ? { ...trade, energy: wattHours(trade.energy - 1) } : trade))
    .filter((trade) => trade.energy > 0);
  const crossed = [
    { ...first, sell: second.sell, energy: wattHours(1) },
    { ...second, sell: first.sell, energy: wattHours(1) },
  ];
  return { ...result, trades: [...kept, ...crossed] };
};

const misstateRejection: Apply = (_, { rejections, ...rest }, stream) => {
  const invented: Rejection = { id: tenderId("zz"), code: "STEPS_EMPTY" };
  if (rejections.length === 0) return { ...rest, rejections: [invented] };
  const changed = pick(stream, rejections);
  const code = changed.code === "PRICE_OFF_TICK" ? "STEPS_EMPTY" : "PRICE_OFF_TICK";
  return {
    ...rest,
    rejections: pick(stream, [
      [...rejections, invented],
      rejections.filter((rejection) => rejection !== changed),
      rejections.map((rejection): Rejection => (rejection === changed ? { ...changed, code } : rejection)),
    ]),
  };
};

const misstateRest: Apply = (_, result, stream) => {
  if (result.unfilled.length === 0) return null;
  const changed = pick(stream, result.unfilled);
  const reason = changed.reason === "RATIONED" ? ("CURTAILED" as const) : ("RATIONED" as const);
  const replacement = pick(stream, [
    [],
    [{ ...changed, reason }],
    [{ ...changed, energy: wattHours(changed.energy + 1) }],
  ]);
  return { ...result, unfilled: result.unfilled.flatMap((rest) => (rest === changed ? replacement : [rest])) };
};

const misstateSelfTrades: Apply = (_, { selfTrades, ...rest }, stream) => {
  if (selfTrades.length === 0) return { ...rest, selfTrades: ["nobody"] };
  const dropped = pick(stream, selfTrades);
  return { ...rest, selfTrades: selfTrades.filter((party) => party !== dropped) };
};

const reverseList: Apply = (_, result, stream) => {
  const name = pick(stream, ["fills", "unfilled", "rejections"] as const);
  const ids = new Set<string>(result[name].map(({ id }) => id));
  return ids.size < 2 ? null : { ...result, [name]: result[name].toReversed() };
};

/** All of them. */
export const TAMPERINGS: readonly Tampering[] = [
  tampering(
    "price moved out of the interval",
    "default",
    ["PRICE_OUTSIDE_INTERVAL", "PRICE_OUTSIDE_BAND"],
    movePriceOut,
  ),
  tampering("price moved inside the interval", "strict-only", ["PRICE_NOT_BY_K"], movePriceInside),
  tampering("price moved off the tick", "strict-only", ["PRICE_OFF_TICK"], movePriceOffTick),
  tampering("fill raised above the order's quantity", "default", ["OVERFILLED"], overfill),
  tampering(
    "fill moved between two marginal orders",
    "strict-only",
    ["RATIONING_NOT_PRO_RATA", "RATIONING_NOT_BY_TIME"],
    moveFillAtMargin,
  ),
  tampering("better order passed over for a worse one", "default", ["IN_THE_MONEY_UNFILLED"], passOver),
  tampering("fill dropped", "default", ["UNBALANCED"], dropFill),
  tampering("phantom fill of an unknown order", "default", ["UNKNOWN_TENDER"], phantomFill),
  tampering("fill split in two", "default", ["DUPLICATE_FILL"], splitFill),
  tampering("refused order filled", "default", ["REJECTED_TENDER_FILLED"], fillRefused),
  tampering("one fill at another price", "default", ["PRICE_NOT_UNIFORM"], repriceFill),
  tampering("volume lowered on both sides consistently", "strict", ["VOLUME_NOT_MAXIMUM"], lowerVolume),
  tampering("trade denied", "strict", ["VOLUME_NOT_MAXIMUM"], denyTrade),
  tampering("volume misstated", "default", ["VOLUME_MISSTATED"], misstateVolume),
  tampering("surplus misstated", "default", ["SURPLUS_MISSTATED"], misstateSurplus),
  tampering("interval misstated", "default", ["INTERVAL_MISSTATED"], misstateInterval),
  tampering("scarcity flag flipped", "default", ["SCARCITY_MISSTATED"], flipScarcity),
  tampering("trade energy moved", "default", ["TRADES_MISMATCH"], moveTradeEnergy),
  tampering("trades paired otherwise", "strict-only", ["TRADES_NOT_LARGEST_FIRST"], repairTrades),
  tampering("rejection missing, wrong or invented", "strict", ["REJECTION_MISSTATED"], misstateRejection),
  tampering("rest misstated", "strict-only", ["UNFILLED_MISSTATED"], misstateRest),
  tampering(
    "self-trade flag dropped or invented",
    "strict-only",
    ["SELF_TRADE_UNFLAGGED", "SELF_TRADE_INVENTED"],
    misstateSelfTrades,
  ),
  tampering("list out of order", "strict-only", ["ORDER_OF_LISTS"], reverseList),
];

function tampering(
  name: string,
  foundBy: Tampering["foundBy"],
  codes: readonly FindingCode[],
  apply: Apply,
): Tampering {
  return { name, foundBy, codes, apply };
}
