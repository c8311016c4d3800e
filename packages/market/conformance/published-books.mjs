/**
 * Books whose figures stand in a published table. Only figures are taken; `states` is what the source says of the
 * outcome, and what the judge works out must agree with it (the generator checks), unless `differs` says why it cannot.
 */
import { draw } from "./book-text.mjs";

const SOURCES = {
  smith: {
    name:
      "V. L. Smith, An Experimental Study of Competitive Market Behavior, Journal of Political Economy 70 (1962), test 1; " +
      "limits as listed in a classroom replication",
    url: "https://studylib.net/doc/8142329/results-from-experiments",
  },
  mittweida: {
    name: "Blockchain Academy Mittweida, course page on double auctions",
    url: "https://blockchain-academy.hs-mittweida.de/courses/game-theory-blockchain/lessons/auctions/topic/double-auction/",
  },
  dauction: { name: "kchristidis/dauction, README and test", url: "https://github.com/kchristidis/dauction" },
  iso: {
    name: "Exercise on a two-sided electricity auction with unit bids",
    url:
      "https://smartsolve.ai/question/you-are-the-independent-system-operator-iso-in-an-electricity-market-" +
      "that-runs-by-auction-you-have-received-th-3aab6a52c6",
  },
  liquidity: {
    name: "Textbook exercise on a call auction with limit and market orders (problem 7); the table only",
    url: "https://solutioninn.com/study-help/questions/problem-7-call-auction-graph-total-market-demand-and-supply-1115777",
  },
  investing: {
    name: "InvestingAnswers, Call Market",
    url: "https://investinganswers.com/financial-dictionary/stock-market/call-market-2837",
  },
  shmoop: {
    name: "Shmoop finance glossary, Call Market",
    url: "https://www.shmoop.com/finance-glossary/call-market.html",
  },
  gsy: {
    name: "gridsingularity/gsy-framework, test_pay_as_clear_matching_algorithm.py; the table only",
    url: "https://github.com/gridsingularity/gsy-framework",
  },
};

const SMITH_SELLERS = ["0.75", "1", "1.25", "1.5", "1.75", "2", "2.25", "2.5", "2.75", "3", "3.25"];
const SMITH_BUYERS = [...SMITH_SELLERS].reverse();
const units = (side, prices) => prices.map((price, index) => `${side[0]}${index + 1} ${side} 1@${price}`);
const unitBook = (buyers, sellers) => draw([...units("buy", buyers), ...units("sell", sellers)].join(";"));
const words = (text) => text.split(" ");

/** Cases of the uniform auction. `states` is what the source says of the outcome. */
export const publishedCases = [
  {
    name: "smith-1962-test-1",
    about: "eleven buyers and eleven sellers of one unit; the sixth pair trades without gain",
    source: { ...SOURCES.smith, states: { price: "2", quantity: "6" } },
    book: unitBook(SMITH_BUYERS, SMITH_SELLERS),
  },
  {
    name: "smith-1962-test-1-buyer-absent",
    about: "the replication itself, where the lowest buyer was absent",
    source: { ...SOURCES.smith, states: { price: "2", quantity: "6" } },
    book: unitBook(SMITH_BUYERS.slice(0, -1), SMITH_SELLERS),
  },
  {
    name: "mittweida-average",
    about: "break-even index 2, price span 85 to 90",
    source: { ...SOURCES.mittweida, states: { price: "87.5", quantity: "2" } },
    book: unitBook(words("100 90 80 70 60"), words("80 85 95 100 110")),
  },
  {
    name: "dauction-readme",
    about: "two bids and two offers of two units",
    source: { ...SOURCES.dauction, states: { price: "8.25", quantity: "2" } },
    book: draw("b1 buy 2@6.5; b2 buy 2@10; s1 sell 2@6.5; s2 sell 2@11"),
  },
  {
    name: "dauction-bilateral",
    about: "bilateral trade, mid-point price",
    source: { ...SOURCES.dauction, states: { price: "9", quantity: "1" } },
    book: draw("b1 buy 1@10; s1 sell 1@8"),
  },
  {
    name: "unit-bids-exercise",
    about: "unit bids; the last seller's price clears",
    source: { ...SOURCES.iso, states: { price: "10", quantity: "2" } },
    book: unitBook(words("1 3 20 10 3"), words("17 15 5 10 16")),
  },
  {
    name: "call-auction-exercise",
    about: "limit and market orders on both sides of a call auction",
    source: SOURCES.liquidity,
    book: draw(
      "b1 buy 100@3; b2 buy 200@4; b3 buy 200@3.5; b4 buy 500@2.5; " +
        "s1 sell 500@5; s2 sell 600@3; s3 sell 500@4; b5 buy 500@market; s4 sell 200@market",
    ),
  },
  {
    name: "call-market-investinganswers",
    about: "a call market with equal bids and offers at the price",
    source: { ...SOURCES.investing, states: { price: "4.25" } },
    book: draw(
      "b1 buy 1000@4.25; b2 buy 500@4; b3 buy 700@4.5; b4 buy 500@4.25; " +
        "s1 sell 1000@4.25; s2 sell 500@4; s3 sell 700@4.5; s4 sell 500@4.25",
    ),
  },
  {
    name: "call-market-shmoop",
    about: "three bids, three offers, one price in common",
    source: { ...SOURCES.shmoop, states: { price: "5.25" } },
    book: draw("b1 buy 900@5.25; b2 buy 400@5; b3 buy 500@5.5; s1 sell 900@5.25; s2 sell 300@5; s3 sell 700@5.5"),
  },
  {
    name: "gsy-pay-as-clear-market-1",
    about: "an offer that lies 0.00001 above the lowest bid",
    source: SOURCES.gsy,
    book: draw("1 buy 10@1; 2 buy 15@2; 3 buy 20@3; 4 sell 25@1.00001; 5 sell 30@5; 6 sell 35@2.4"),
  },
  {
    name: "gsy-pay-as-clear-market-2",
    about: "two equal offers exceed the two best bids",
    source: SOURCES.gsy,
    book: draw("7 buy 40@1.5; 8 buy 45@2; 9 buy 50@6; 10 sell 55@1; 11 sell 60@5; 12 sell 65@1"),
  },
].map((entry) => ({ also: [], ...entry }));
