/** Random sessions from seeds: every kind of entry, every policy, faults included. */
import { plusAmount, partyId, priceMicro, tenderId, times, wattHours, type RandomStream } from "@micromarket/kernel";
import type {
  OrderEntry,
  SelfTradePolicy,
  Session,
  SessionClaim,
  SessionEntry,
  SessionResult,
  TimeInForce,
} from "@micromarket/market";
import { pick } from "@micromarket/testkit";

/** A session of `length` entries. */
export function randomSession(stream: RandomStream, length: number): Session {
  const tick = priceMicro(pick(stream, [1, 5]));
  const [selfTrade, banded] = [
    pick<SelfTradePolicy>(stream, ["allow", "cancel-newest", "cancel-oldest"]),
    stream.below(2),
  ];
  const spread = pick(stream, [2, 6, 40]);
  const band = banded === 1 ? { low: times(tick, -spread), high: times(tick, spread) } : { low: null, high: null };
  const rules = { tick, priceFloor: band.low, priceCap: band.high, selfTrade };
  const entries: SessionEntry[] = [];
  for (let index = 0; index < length; index++) entries.push(randomEntry(stream, index, tick, spread));
  return { rules, entries };
}

function randomEntry(stream: RandomStream, index: number, tick: number, spread: number): SessionEntry {
  const at = stream.below(3) === 0 ? index : null;
  const draw = stream.below(100);
  const id = stream.below(12) === 0 ? `o${stream.below(index + 2)}` : `o${Math.max(0, index - 1 - stream.below(25))}`;
  if (draw < 15) return { request: "cancel", at, id };
  const price = priceMicro(tick * stream.between(-spread, spread) + (stream.below(60) === 0 ? stream.below(tick) : 0));
  const energy = wattHours(stream.between(stream.below(40) === 0 ? -1 : 1, 30));
  if (draw >= 30) return randomOrder(stream, index, at, stream.below(10) === 0 ? null : price, energy);
  const [newPrice, newEnergy] = pick(stream, [
    [price, energy],
    [null, energy],
    [price, null],
  ] as const);
  return { request: "replace", at, id, price: newPrice, energy: newEnergy };
}

function randomOrder(
  stream: RandomStream,
  index: number,
  at: number | null,
  price: OrderEntry["price"],
  energy: OrderEntry["energy"],
): OrderEntry {
  const timeInForce = pick<TimeInForce>(stream, ["gtc", "gtc", "gtc", "gtt", "gtt", "ioc", "fok"]);
  return {
    ...{ request: "order", at, price, energy, timeInForce },
    id: tenderId(stream.below(40) === 0 ? `o${stream.below(index + 1)}` : `o${index}`),
    party: partyId(`p${stream.below(5)}`),
    side: pick(stream, ["buy", "sell"]),
    postOnly: stream.below(6) === 0,
    expires: timeInForce === "gtt" ? index + stream.between(-2, 40) : null,
    conditions: stream.below(60) === 0 ? ["allOrNone"] : [],
  };
}

/** A result as its own claim. */
export function claimOf(result: SessionResult): SessionClaim & Required<Pick<SessionClaim, "trades">> {
  const { surplus, ...rest } = result;
  return { ...rest, surplus: plusAmount(surplus.buyers, surplus.sellers) };
}
