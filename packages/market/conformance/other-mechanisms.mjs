/**
 * Worked examples of other mechanisms. The outcome of each is the one that the named source states, or, where `worked`
 * says so, follows from the rules of the mechanism by hand.
 */
import { draw } from "./book-text.mjs";

const ERELSGL = {
  name: "erelsgl/auctions, mcafee_protocol.py and mcafee_demo.py",
  url: "https://github.com/erelsgl/auctions",
};
const MITTWEIDA = {
  name: "Blockchain Academy Mittweida, course page on double auctions; the table, worked by McAfee's rule",
  url: "https://blockchain-academy.hs-mittweida.de/courses/game-theory-blockchain/lessons/auctions/topic/double-auction/",
};
const HUANG =
  "P. Huang, A. Scheller-Wolf, K. Sycara, Design of a Multi-Unit Double Auction E-Market, Computational Intelligence 18 (2002)";
const PYMARKET = {
  name: `PyMarket 0.7.6, documentation of its Huang auction, after ${HUANG}`,
  url: "https://github.com/kiedanski/pymarket",
};

const unitBook = (buyers, sellers) => {
  const orders = (letter, side, prices) =>
    prices.split(" ").map((price, index) => `${letter}${index + 1} ${side} 1@${price}`);
  return draw([...orders("b", "buy", buyers), ...orders("s", "sell", sellers)].join(";"));
};
const fillsOf = (text) =>
  text
    .split(" ")
    .filter(Boolean)
    .map((word) => word.split(":"));

/** A case of a mechanism that pays one price to all sellers and takes one from all buyers. */
const twoPrices = (mechanism, name, about, source, book, [quantity, buyerPrice, sellerPrice, fills]) => ({
  mechanism,
  name,
  about,
  source,
  book,
  // Where nobody trades, engines may name the prices that would have held, or none.
  outcome: { quantity, fills: fillsOf(fills), ...(quantity === "0" ? {} : { buyerPrice, sellerPrice }) },
});

const mcafee = [
  [
    "no-reduction",
    "the average of the next pair lies between the last: all four trade",
    ERELSGL,
    unitBook("17 14 13 9 6", "1 4 5 8 11"),
    ["4", "8.5", "8.5", "b1:1 b2:1 b3:1 b4:1 s1:1 s2:1 s3:1 s4:1"],
  ],
  [
    "reduction",
    "the average of the next pair lies outside: the last pair only sets the prices",
    ERELSGL,
    unitBook("17 14 13 9 6", "1 4 5 8 13"),
    ["3", "9", "8", "b1:1 b2:1 b3:1 s1:1 s2:1 s3:1"],
  ],
  ["one-pair", "nobody is left to set a price", ERELSGL, unitBook("9", "4"), ["0", null, null, ""]],
  [
    "second-buyer-only",
    "nobody is left to set the sellers' price",
    ERELSGL,
    unitBook("9 8", "4"),
    ["0", null, null, ""],
  ],
  [
    "second-seller-only",
    "nobody is left to set the buyers' price",
    ERELSGL,
    unitBook("9", "4 3"),
    ["0", null, null, ""],
  ],
  [
    "two-pairs",
    "the second pair sets the prices of the first",
    ERELSGL,
    unitBook("9 8", "4 3"),
    ["1", "8", "4", "b1:1 s2:1"],
  ],
  [
    "next-pair-between",
    "the next pair's average serves",
    ERELSGL,
    unitBook("9 4", "8 3"),
    ["1", "6", "6", "b1:1 s2:1"],
  ],
  [
    "mittweida",
    "break-even index 2: (80 + 95) / 2 lies between 85 and 90",
    MITTWEIDA,
    unitBook("100 90 80 70 60", "80 85 95 100 110"),
    ["2", "87.5", "87.5", "b1:1 b2:1 s1:1 s2:1"],
  ],
].map(([name, ...rest]) => twoPrices("mcafee", `mcafee-${name}`, ...rest));

const huang = [
  [
    "notebook",
    "the long side gives up the same amount each",
    PYMARKET,
    draw(
      "b1 buy 1@6.7; b2 buy 1@6.6; b3 buy 1@6.5; b4 buy 1@6.4; b5 buy 1@6.3; b6 buy 1@6; " +
        "s1 sell 1@1; s2 sell 1@2; s3 sell 2@3; s4 sell 2@4; s5 sell 1@6.1",
    ),
    ["4", "6", "4", "b1:0.8 b2:0.8 b3:0.8 b4:0.8 b5:0.8 s1:1 s2:1 s3:2"],
  ],
  [
    "price-setters",
    "the price setters do not trade",
    PYMARKET,
    draw("0 buy 1@3; 1 buy 2@1; 2 sell 2@2"),
    ["0", null, null, ""],
  ],
  [
    "small-first",
    "small orders trade at the prices of those behind them",
    PYMARKET,
    draw("0 buy 1@3; 1 buy 2@1; 2 sell 2@2; 3 sell 0.3@1; 4 buy 0.2@3.3"),
    ["0.2", "3", "2", "3:0.2 4:0.2"],
  ],
].map(([name, ...rest]) => twoPrices("huang", `huang-${name}`, ...rest));

const bookOf = (mechanism, rows) =>
  `{\n  "mechanism": "${mechanism}",\n  "orders": [\n${rows.map((row) => `    { ${row} }`).join(",\n")}\n  ]\n}\n`;

const demandCurve = [
  [
    "cookies",
    "demand 10 − 2p, supply 3p",
    { name: "acemicro.org, Equilibrium", url: "https://www.acemicro.org/perfect_competition/equilibrium" },
    [
      ["demand", "[[0, 10], [5, 0]]"],
      ["supply", "[[0, 0], [5, -15]]"],
    ],
    ["6", "2"],
  ],
  [
    "linear",
    "demand 20 − 2p, supply −10 + 2p",
    {
      name: "economicshelp.org, How to determine supply and demand equilibrium",
      url: "https://www.economicshelp.org/blog/glossary/how-to-determine-supply-and-demand-equilibrium-equations/",
    },
    [
      ["demand", "[[0, 20], [10, 0]]"],
      ["supply", "[[5, 0], [15, -20]]"],
    ],
    ["5", "7.5"],
  ],
  [
    "steep-supply",
    "demand 110 − 10p, supply −100 + 20p",
    {
      name: "byjus.com, exercise on demand and supply equations",
      url: "https://byjus.com/question-answer/suppose-the-demand-and-supply-equations-are-given-by-qd-110-10p-and-qs-100",
    },
    [
      ["demand", "[[0, 110], [11, 0]]"],
      ["supply", "[[5, 0], [11, -120]]"],
    ],
    ["40", "7"],
  ],
].map(([name, about, source, orders, [quantity, price]]) => ({
  mechanism: "demand-curve",
  name: `demand-curve-${name}`,
  about,
  source,
  text: bookOf(
    "demand-curve",
    orders.map(([id, points]) => `"id": "${id}", "points": ${points}`),
  ),
  outcome: { quantity, price },
}));

const entry = (text) => {
  const [id, side, size] = text.trim().split(" ");
  const [quantity, price] = size.split("@");
  const limit = price === "market" ? '"type": "market", "price": null' : `"type": "limit", "price": ${price}`;
  return `"id": "${id}", "party": "${id}", "side": "${side}", ${limit}, "quantity": ${quantity}`;
};
const tradesOf = (text) => text.split(" ").map((word) => word.split(/[/:@]/));

const cda = [
  [
    "market-liquidity",
    "nine orders arrive one after the other; market orders walk the book",
    {
      name: "Textbook exercise on a continuous order-driven market, chapter 1 exercise 2, with its solution",
      url: "https://www.scribd.com/document/344746408/ch1",
    },
    "b1 buy 100@3; b2 buy 200@4; b3 buy 200@3.5; b4 buy 500@2.5; " +
      "s1 sell 500@5; s2 sell 600@3; s3 sell 500@4; b5 buy 500@market; s4 sell 200@market",
    "b2/s2:200@4 b3/s2:200@3.5 b1/s2:100@3 b5/s2:100@3 b5/s3:400@4 b4/s4:200@2.5",
  ],
  [
    "tsx-limit-order",
    "an incoming offer takes the best bid and rests",
    {
      name: "TSX Order Types and Functionality Guide, 4.3 Limit Orders",
      url: "https://tsx.com/ebooks/en/order-types-guide/28",
    },
    "001 buy 100@10; 002 buy 100@9.99; 003 sell 400@10.02; 004 sell 100@10.02; 005 sell 500@10",
    "001/005:100@10",
  ],
  [
    "order-sequence",
    "six limit orders on an empty book",
    {
      name: "Exercise on a continuous auction; the table, worked by price-time priority at the resting order's price",
      url: "https://www.solutioninn.com/study-help/questions/a-continuous-auction-starts-with-an-empty-order-book-the-17049578",
    },
    "b1 buy 2@10; b2 buy 3@11; s1 sell 2@12; s2 sell 2@9; b3 buy 4@12; s3 sell 3@10",
    "b2/s2:2@11 b3/s1:2@12 b3/s3:2@12 b2/s3:1@11",
  ],
].map(([name, about, source, text, trades]) => ({
  mechanism: "cda",
  name: `cda-${name}`,
  about,
  source,
  text: bookOf("cda", text.split(";").map(entry)),
  outcome: { trades: tradesOf(trades) },
}));

/** Cases of mechanisms other than the uniform auction. */
export const otherCases = [...mcafee, ...huang, ...demandCurve, ...cda];
