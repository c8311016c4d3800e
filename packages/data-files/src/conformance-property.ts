/** The properties by which engines are scored, in the order of the table. */

/** Label of each property. */
export const CONFORMANCE_PROPERTIES = {
  answered: "answers in time with a result",
  refused: "malformed input gives no result",
  digits: "exact decimals",
  feasible: "feasible fills",
  rational: "nobody trades at a loss",
  passedOver: "nobody in the money is passed over",
  balance: "energy balances",
  onePrice: "one price for all",
  price: "price in the competitive interval",
  interval: "stated interval is true",
  priceAtK: "price at the book's k",
  volume: "volume in range",
  surplus: "largest surplus",
  statedSurplus: "stated surplus is true",
  scarcity: "scarcity flagged",
  rejections: "refused orders named",
  rejectionCodes: "refusal codes of the contract",
  orders: "each order within its bounds",
  trades: "trades match fills",
  sidePrices: "buyers' and sellers' price",
  sequence: "the example's trades",
  permutation: "order of arrival changes nothing",
  repetition: "the same answer twice",
} as const;

/** A property's id. */
export type ConformanceProperty = keyof typeof CONFORMANCE_PROPERTIES;

/** What became of one property in one case. */
export interface ConformanceCheck {
  readonly property: ConformanceProperty;
  readonly outcome: "passed" | "failed" | "not stated";
  /** What the case asks for and what came, where it failed. */
  readonly expected?: string;
  readonly found?: string;
}

/** A check that holds. */
export function passed(property: ConformanceProperty): ConformanceCheck {
  return { property, outcome: "passed" };
}

/** A check that does not. */
export function failed(property: ConformanceProperty, expected: string, found: string): ConformanceCheck {
  return { property, outcome: "failed", expected, found };
}

/** A check that the answer gives no occasion for. */
export function notStated(property: ConformanceProperty): ConformanceCheck {
  return { property, outcome: "not stated" };
}
