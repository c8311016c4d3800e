/** Books drawn by hand, each for one trap. */
import { draw } from "./book-text.mjs";

const TRAPS = [
  ["one-pair", "one buyer and one seller, a wide interval", "b1 buy 5@40; s1 sell 5@15"],
  ["one-pair-k-0", "k 0 takes the low end", "b1 buy 5@40; s1 sell 5@15", { k: "0" }],
  ["one-pair-k-1", "k 1 takes the high end", "b1 buy 5@40; s1 sell 5@15", { k: "1" }],
  ["k-third", "a k that is no binary fraction: 10 + 0.1 × 0.2", "b1 buy 1@10.2; s1 sell 1@10", { k: "0.1" }],
  ["k-floor", "k × (high − low) is cut off at the last digit", "b1 buy 1@3; s1 sell 1@0", { k: "0.5", scale: "0" }],
  [
    "k-floor-negative",
    "cut off from the low end also below zero",
    "b1 buy 1@0; s1 sell 1@-3",
    { k: "0.5", scale: "0" },
  ],
  ["k-on-tick", "the k-point moves to the nearest tick", "b1 buy 1@1; s1 sell 1@0", { k: "0.3", tick: "0.25" }],
  ["k-between-ticks", "of two equally near ticks the lower", "b1 buy 1@1; s1 sell 1@0", { k: "0.5", tick: "1" }],
  ["touching", "bid and offer at one price: trade without gain", "b1 buy 5@20; s1 sell 5@20"],
  ["apart", "no bid reaches an offer; the interval lies between them", "b1 buy 5@10; s1 sell 5@30"],
  ["empty", "no order at all", ""],
  ["buyers-only", "one side is empty", "b1 buy 5@10; b2 buy 1@12"],
  ["sellers-only", "one side is empty", "s1 sell 5@10; s2 sell 1@12"],
  [
    "volume-choice",
    "a pair without gain: 5 to 8 are all efficient",
    "b1 buy 5@30; b2 buy 3@20; s1 sell 5@10; s2 sell 3@20",
  ],
  [
    "marginal-buyers",
    "three equal bids share 10: no third is whole",
    "b1 buy 9@20; b2 buy 9@20; b3 buy 9@20; s1 sell 10@5",
  ],
  [
    "marginal-sellers",
    "seven equal offers share 3",
    "b1 buy 3@9; s1 sell 1@4; s2 sell 1@4; s3 sell 1@4; s4 sell 1@4; s5 sell 1@4; s6 sell 1@4; s7 sell 1@4",
    { scale: "0" },
  ],
  [
    "marginal-both",
    "both margins meet at one price",
    "b1 buy 4@30; b2 buy 6@20; b3 buy 6@20; s1 sell 5@10; s2 sell 4@20; s3 sell 4@20",
  ],
  ["indivisible-unit", "two equal bids, one last unit", "b1 buy 1@8; b2 buy 1@8; s1 sell 1@2", { scale: "0" }],
  [
    "time-priority",
    "the first of equal bids is served first",
    "b1 buy 6@20; b2 buy 6@20; s1 sell 8@5",
    { rationing: "time-priority" },
  ],
  [
    "zero-price-sellers",
    "PV at a price of zero, more than is wanted",
    "b1 buy 3@30; b2 buy 2@20; s1 sell 4@0; s2 sell 4@0",
  ],
  ["zero-price-everybody", "everything at zero", "b1 buy 3@0; s1 sell 2@0"],
  [
    "negative-supply",
    "sellers pay to get rid of their energy",
    "b1 buy 2@10; b2 buy 4@-5; s1 sell 5@-20; s2 sell 5@-1",
  ],
  ["negative-both", "all prices below zero", "b1 buy 5@-1; b2 buy 5@-7; s1 sell 6@-9; s2 sell 9@-2"],
  ["negative-around-zero", "the interval spans zero", "b1 buy 5@4; s1 sell 5@-4"],
  [
    "must-run-short",
    "demand at the cap exceeds all supply",
    "b1 buy 8@50; b2 buy 4@50; b3 buy 5@20; s1 sell 6@10; s2 sell 2@50",
    { priceFloor: "0", priceCap: "50" },
  ],
  [
    "must-run-met",
    "demand at the cap is met: no scarcity",
    "b1 buy 4@50; b2 buy 5@20; s1 sell 6@10",
    { priceFloor: "0", priceCap: "50" },
  ],
  ["must-run-alone", "demand at the cap and nobody sells", "b1 buy 4@50", { priceCap: "50" }],
  [
    "surplus-at-floor",
    "supply at the floor that nobody takes",
    "b1 buy 3@10; s1 sell 5@-10; s2 sell 4@-10; s3 sell 2@5",
    { priceFloor: "-10", priceCap: "50" },
  ],
  ["surplus-alone", "supply at the floor and nobody buys", "s1 sell 4@0", { priceFloor: "0" }],
  ["floor-is-cap", "one price is allowed", "b1 buy 5@7; s1 sell 3@7", { priceFloor: "7", priceCap: "7" }],
  ["market-buy", "a market order without a cap takes the offer", "b1 buy 4@market; s1 sell 6@15"],
  ["market-sell", "a market order without a floor takes the bid", "b1 buy 6@15; s1 sell 4@market"],
  [
    "market-both",
    "market orders meet with limits between them",
    "b1 buy 4@market; b2 buy 4@12; s1 sell 5@market; s2 sell 5@8",
  ],
  ["market-short", "market bids exceed all offers, no cap", "b1 buy 9@market; b2 buy 5@30; s1 sell 4@10; s2 sell 2@20"],
  ["market-long", "market offers exceed all bids, no floor", "b1 buy 4@10; b2 buy 2@3; s1 sell 9@market; s2 sell 3@1"],
  [
    "market-at-cap",
    "a market order stands at the cap",
    "b1 buy 4@market; b2 buy 4@50; s1 sell 5@50",
    { priceCap: "50" },
  ],
  ["market-only", "market orders and no price at all", "b1 buy 4@market; s1 sell 5@market"],
  ["curve", "a curve of three steps is cut inside its second", "b1 buy 2@40 3@30 5@10; s1 sell 4@20; s2 sell 4@35"],
  ["curve-unordered", "steps in any order", "b1 buy 5@10 2@40 3@30; s1 sell 4@35 4@20"],
  ["curve-repeated-price", "two steps of one order at the margin", "b1 buy 2@20 4@20; b2 buy 3@20; s1 sell 5@10"],
  ["curve-with-market-step", "a curve that begins with a market step", "b1 buy 2@market 3@15; s1 sell 4@10"],
  [
    "self-trade",
    "one party on both sides: legal, the price does not care",
    "x/A buy 5@30; y/A sell 5@10; z/B buy 1@20",
  ],
  ["duplicate-id", "two orders of one id: both are refused", "b1 buy 5@40; b1 buy 5@30; b2 buy 5@20; s1 sell 5@10"],
  [
    "duplicate-across-sides",
    "one id on both sides: both are refused",
    "a buy 5@40; a sell 5@10; b2 buy 5@20; s1 sell 5@15",
  ],
  ["quantity-zero", "nothing is offered", "b1 buy 0@40; b2 buy 2@30; s1 sell 2@10"],
  ["quantity-negative", "less than nothing is offered", "b1 buy -3@40; b2 buy 2@30; s1 sell 2@10"],
  [
    "curve-with-empty-step",
    "one step of a curve offers nothing: the order is refused",
    "b1 buy 2@40 0@30; b2 buy 2@30; s1 sell 2@10",
  ],
  ["no-steps", "a curve without steps", "b1 buy; b2 buy 2@30; s1 sell 2@10"],
  [
    "off-tick",
    "prices between the ticks are refused",
    "b1 buy 2@40.1; b2 buy 2@30.25; s1 sell 2@10.5; s2 sell 1@9.99",
    { tick: "0.25" },
  ],
  [
    "out-of-band",
    "prices beyond floor and cap are refused",
    "b1 buy 2@60; b2 buy 2@50; s1 sell 2@-1; s2 sell 2@0",
    { priceFloor: "0", priceCap: "50" },
  ],
  ["all-refused", "nothing is left", "b1 buy 0@40; s1 sell -1@10"],
  ["tenths", "0.1 + 0.2 against 0.3", "b1 buy 0.1@0.3; b2 buy 0.2@0.3; s1 sell 0.3@0.1"],
  ["tenths-surplus", "0.1 × 0.2 is 0.02", "b1 buy 0.1@0.3; s1 sell 0.1@0.1", { scale: "2" }],
  [
    "ten-times-a-tenth",
    "ten tenths against one",
    ["s1 sell 1@0.7", ...[..."0123456789"].map((digit) => `b${digit} buy 0.1@0.9`)].join(";"),
  ],
  [
    "last-digit",
    "prices that differ in the sixth digit",
    "b1 buy 1@0.300001; b2 buy 1@0.3; s1 sell 1@0.299999; s2 sell 1@0.300001",
  ],
  [
    "twelve-digits",
    "twelve digits after the point",
    "b1 buy 0.000000000003@1.000000000001; s1 sell 0.000000000007@0.999999999999",
    { scale: "12" },
  ],
  [
    "largest-quantity",
    "a side that sums to 2^53 − 1",
    "b1 buy 9007199254740990@2; b2 buy 1@1; s1 sell 9007199254740991@1",
    { scale: "0" },
  ],
  [
    "odd-beyond-float-products",
    "quantities whose products need more than 53 bits",
    "b1 buy 9007199254740881@9007199254740879; s1 sell 9007199254740881@9007199254740877",
    { scale: "0", k: "0.5" },
  ],
  [
    "largest-price",
    "prices near 2^53 on both sides of zero",
    "b1 buy 3@9007199254740991; s1 sell 3@-9007199254740991",
    { scale: "0", k: "0.5" },
  ],
  [
    "rounding-at-scale",
    "shares of a level down to the sixth digit",
    "b1 buy 0.333333@2; b2 buy 0.333333@2; b3 buy 0.333333@2; s1 sell 0.5@1",
  ],
  [
    "identifiers",
    "ids that need quoting or look like numbers",
    'Ünï€ buy 1@9; 007 buy 1@8; a\\"b sell 1@2; __proto__ sell 1@3; constructor buy 1@7',
  ],
];

/** What the runner also does with a book: run it twice, shuffle its orders, look at the digits. */
const REPEATED = new Set(["marginal-buyers", "must-run-short", "curve", "tenths", "market-both"]);
const PERMUTED = new Set(
  [
    "marginal-buyers",
    "marginal-sellers",
    "marginal-both",
    "volume-choice",
    "must-run-short",
    "surplus-at-floor",
  ].concat([
    ...["market-short", "curve-repeated-price", "duplicate-id", "tenths", "rounding-at-scale", "indivisible-unit"],
  ]),
);

/** Cases that are drawn by hand. */
export const handCases = TRAPS.map(([name, about, text, rules]) => ({
  name,
  about,
  book: draw(text, rules),
  also: [...(REPEATED.has(name) ? ["repeat"] : []), ...(PERMUTED.has(name) ? ["permute"] : [])],
}));
