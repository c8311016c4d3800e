/** Random books of the mechanisms that take more than bids: readings with prices of the supplier and keys, and curves. */
import { priceMicro, randomStream, wattHours, type RandomStream } from "@micromarket/kernel";
import type { Book, CurvePoint, SharingBook, Tender } from "@micromarket/market";
import { pick, randomBook } from "@micromarket/testkit";

/** Most books small, so that many can be tried; every tenth larger. */
export const sizeOf = (seed: number): { readonly tendersMax: number } => ({ tendersMax: seed % 10 === 0 ? 9 : 4 });

/** A book of bids, some of whose tenders are curves: sloped, flat, with jumps, off the tick, and now and then rising. */
export function randomCurveBook(seed: number): Book {
  const stream = randomStream(seed, "curves");
  const book = randomBook(seed, sizeOf(seed));
  const percent = pick(stream, [0, 50, 100]);
  return {
    ...book,
    tenders: book.tenders.map((tender) => (stream.below(100) < percent ? curved(stream, tender) : tender)),
  };
}

function curved(stream: RandomStream, { id, party, side }: Tender): Tender {
  const count = stream.between(stream.below(20) === 0 ? 0 : 1, 4);
  let price = stream.between(-60, 40);
  let energy = stream.between(-3, 12);
  const points = Array.from({ length: count }, (): CurvePoint => {
    const point = { price: priceMicro(price), netDemand: wattHours(energy) };
    price += pick(stream, [0, 1, 3, 10, 37]);
    energy -= stream.below(60) === 0 ? -1 : pick(stream, [0, 1, 2, 7]);
    return point;
  });
  return { id, party, side, steps: [], points, conditions: ["points"] };
}

/** A community: the readings of a random book, prices at times negative, keys for some, a price of its own at times. */
export function randomCommunity(seed: number): SharingBook {
  const stream = randomStream(seed, "community");
  const feedIn = stream.between(-20, 30);
  const retail = feedIn + pick(stream, [0, 1, 7, 25]);
  const parties = Array.from({ length: 12 }, (_, index) => `p${index}`);
  const keyed = parties.filter(() => stream.below(4) > 0);
  const keys = new Map(keyed.map((party) => [party, pick(stream, [0, 1, 1, 2, 10, 333_333_333])] as const));
  return {
    ...randomBook(seed, sizeOf(seed)),
    feedInPrice: priceMicro(feedIn),
    retailPrice: priceMicro(retail),
    keys: stream.below(3) === 0 ? null : keys,
    communityPrice: stream.below(2) === 0 ? null : priceMicro(stream.between(feedIn, retail)),
  };
}
