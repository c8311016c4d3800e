/**
 * The uniform call auction against sorting: the same orders as objects, sorted by price with `Array.sort` and a
 * comparator, which any auction over objects pays at least.
 */
import { partyId, priceMicro, randomStream, tenderId, wattHours } from "@micromarket/kernel";
import { clearUniform, type AuctionRules, type Book, type Tender } from "@micromarket/market";
import { compareGrowth } from "../../../tools/bench/compare-growth.ts";

const SEED = 1;
const TICKS = 4_096;
const RULES: AuctionRules = {
  k: { numerator: 1n, denominator: 2n },
  tick: priceMicro(1),
  priceFloor: priceMicro(0),
  priceCap: priceMicro(TICKS),
  rationing: "pro-rata",
};

/** Half bids, half offers; prices bell-shaped around centres 128 ticks apart, 1 to 1000 Wh. */
function randomBook(orders: number): Book {
  const stream = randomStream(SEED, "bench", "book", String(orders));
  const tenders = Array.from({ length: orders }, (_, index): Tender => {
    const side = index % 2 === 0 ? "buy" : "sell";
    const centre = TICKS / 2 + (side === "buy" ? 64 : -64);
    const bell = stream.between(-256, 256) + stream.between(-256, 256) + stream.between(-256, 256);
    const steps = [{ price: priceMicro(centre + bell), energy: wattHours(stream.between(1, 1_000)) }];
    return { id: tenderId(`t${index}`), party: partyId(`p${index}`), side, steps };
  });
  return { slot: "2026-07-01T12:00Z", rules: RULES, tenders };
}

compareGrowth({
  title: "uniform call auction, every fill and trade",
  seed: SEED,
  unit: "order",
  peer: "Array.sort of the same orders as objects",
  sizes: [1_000, 10_000, 100_000, 1_000_000],
  prepare: randomBook,
  run: (book: Book) => clearUniform(book).energy,
  runPeer: (book: Book) =>
    book.tenders
      .map(({ id, side, steps }) => ({ id, side, price: steps[0]?.price ?? 0 }))
      .sort((a, b) => a.price - b.price).length,
});
