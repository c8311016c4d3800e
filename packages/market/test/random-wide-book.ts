/**
 * Random books of limit orders, curves and market orders over every span of prices, from two ticks to nearly all safe
 * integers, and every size of energies. Without faults, which `randomBook` has.
 */
import { partyId, priceMicro, tenderId, wattHours, type RandomStream } from "@micromarket/kernel";
import type { AuctionRules, Book, Step, Tender } from "@micromarket/market";
import { pick } from "@micromarket/testkit";

/** Ticks on each side of the centre; the widest leave room for the difference of any two limits. */
const SPANS = [1, 40, 3_000, 40_000, 2 ** 20, 2 ** 31, 2 ** 34, 2 ** 50];
const ENERGIES = [1, 10, 1_000, 2 ** 31, 2 ** 36];
/** Ids in many alphabets and lengths; the number makes them distinct. */
const NAMES: readonly ((number: number) => string)[] = [
  (number) => `t${number}`,
  (number) => `home-${String(number).padStart(9, "0")}.load`,
  (number) => `${number.toString(36)}:${"x".repeat(number % 90)}`,
  (number) => `${"long-shared-start-".repeat(4)}${number * 7_919}`,
  (number) => `${String.fromCharCode(0x4e00 + (number % 700))}é${number}`,
];

/** The next book of a stream: many are drawn from one, because opening a stream takes as long as clearing a small book. */
export function randomWideBook(stream: RandomStream, tendersMax: number): Book {
  const span = pick(stream, SPANS);
  const tick = span > 2 ** 40 ? 1 : pick(stream, [1, 1, 7, 1_000]);
  const centre = span > 2 ** 40 ? 0 : pick(stream, [0, 0, span, -2 * span]);
  const bound = (ticks: number): AuctionRules["priceCap"] =>
    stream.below(2) === 0 ? null : priceMicro((centre + ticks) * tick);
  const rules: AuctionRules = {
    k: pick(stream, [
      { numerator: 0n, denominator: 1n },
      { numerator: 1n, denominator: 3n },
      { numerator: 1n, denominator: 2n },
      { numerator: 1n, denominator: 1n },
    ]),
    tick: priceMicro(tick),
    priceFloor: bound(-span),
    priceCap: bound(span),
    rationing: pick(stream, ["pro-rata", "time-priority"]),
  };
  const nameOf = pick(stream, NAMES);
  const energyMax = pick(stream, ENERGIES);
  const [marketPercent, curvePercent] = [pick(stream, [0, 5, 50]), pick(stream, [0, 0, 50])];
  const step = (): Step => ({
    price: stream.below(100) < marketPercent ? null : priceMicro((centre + upTo(stream, 2 * span) - span) * tick),
    energy: wattHours(1 + upTo(stream, energyMax - 1)),
  });
  const tenders = Array.from({ length: stream.between(0, tendersMax) }, (_, index): Tender => {
    const steps = stream.below(100) < curvePercent ? stream.between(2, 5) : 1;
    return {
      id: tenderId(nameOf(scrambled(index))),
      party: partyId(`p${stream.below(200)}`),
      side: sideOf(stream),
      steps: Array.from({ length: steps }, step),
    };
  });
  return { slot: "2026-07-01T12:00Z", rules, tenders };
}

/** Another order of the numbers below 2^15, so that ids do not arrive sorted. */
function scrambled(index: number): number {
  return (index * 12_345 + 678) % 32_768;
}

/** A whole number from 0 to `most`, which may be any safe integer: uniform, or nearly so beyond 32 bits. */
function upTo(stream: RandomStream, most: number): number {
  if (most < 2 ** 32) return stream.below(most + 1);
  const draw = stream.below(2 ** 21) * 2 ** 32 + stream.nextUint32();
  return draw % (most + 1);
}

function sideOf(stream: RandomStream): Tender["side"] {
  return stream.below(2) === 0 ? "buy" : "sell";
}
