/** What the auditor has to say: a code, whom it concerns, what the book implies and what the result states. */

const SENTENCES = {
  UNKNOWN_TENDER: "is filled but is not in the book",
  DUPLICATE_FILL: "is filled more than once",
  REJECTED_TENDER_FILLED: "is filled but has to be refused",
  FILL_NOT_POSITIVE: "has a fill that is not positive",
  OVERFILLED: "is filled beyond what it offers",
  PRICE_WORSE_THAN_LIMIT: "is filled at a price that its limits do not accept for that much energy",
  IN_THE_MONEY_UNFILLED: "is strictly in the money and not filled in full",
  UNBALANCED: "energy bought differs from energy sold",
  VOLUME_MISSTATED: "the stated volume differs from the sum of the fills",
  PRICE_MISSING: "there are fills but no price",
  PRICE_WITHOUT_TRADE: "there is a price but no fill",
  PRICE_NOT_UNIFORM: "trades at another price than the clearing price",
  PRICE_OUTSIDE_BAND: "the price lies outside floor and cap",
  PRICE_OUTSIDE_INTERVAL: "the price lies outside the competitive interval",
  INTERVAL_MISSTATED: "the stated price interval is not the competitive interval of the book",
  SURPLUS_MISSTATED: "surplus differs from what the fills yield",
  SCARCITY_MISSTATED: "the scarcity flag does not follow from the book",
  REJECTION_MISSTATED: "is not refused as it has to be",
  TRADES_MISMATCH: "the trades do not add up to the fills",
  LAST_PRICE_MISSTATED: "the stated price is not that of the last trade",
  FILL_OR_KILL_PARTIAL: "is filled in part, but asked for all or nothing",
  REST_NOT_ALLOWED: "rests, but may not",
  REST_MISSTATED: "does not rest as its order says",
  BOOK_CROSSED: "the book at the end is crossed: orders that rest would trade",
  POST_ONLY_TOOK: "is post-only, but traded on its arrival",
  SELF_TRADE_PREVENTED: "is a trade of one party with itself, which the book's policy prevents",
  // Mechanisms beside the uniform auction.
  WORSE_OFF: "pays more, or receives less, than its limits accept for that much energy",
  WORSE_THAN_SUPPLIER: "is worse off than with the supplier alone",
  MONEY_UNBALANCED: "the money of buyers, sellers and whoever stands between them does not add up",
  DEFICIT: "sellers receive more than buyers pay",
  AUCTIONEER_MISSTATED: "what the auctioneer keeps is not what buyers pay beyond what sellers receive",
  AMOUNT_MISSTATED: "the amount is not what price and energy, or the trades, add up to",
  TRADE_PRICES_MISMATCH: "the trades' prices do not add up to the fill's amount",
  PAYMENT_NOT_AS_BID: "does not pay its own bids",
  NOT_SERVED: "does not trade all that it consumes or produces",
  SHARE_LEFT_UNUSED: "lacks energy that its key entitles it to and that was exported instead",
  SUPPLIER_MISSTATED: "what is traded with the supplier does not follow from the readings",
  OWN_USE_MISSTATED: "own use is not the smaller of what a party consumes and produces",
  CURVE_NOT_FOLLOWED: "is filled off its curve at that price",
  // Strict mode only, from here on.
  TRADE_NOT_BY_PRIORITY: "the trade is not the next one by price and time",
  SESSION_MISSTATED: "does not follow from the entries",
  PRICES_NOT_BY_RULE: "the prices are not those that the mechanism's rule gives",
  FILL_NOT_BY_RULE: "does not get what the mechanism's rule gives",
  TRADES_NOT_BEST_FIRST: "the trades do not pair the dearest bids with the cheapest offers",
  PRICE_NOT_BY_K: "the price is not the tick nearest to the k-point of the interval",
  PRICE_OFF_TICK: "the price is not a multiple of the tick",
  VOLUME_NOT_MAXIMUM: "the volume is not the largest that the book allows",
  RATIONING_NOT_PRO_RATA: "does not get its pro-rata share by largest remainder",
  RATIONING_NOT_BY_TIME: "does not get what its time of arrival gives it",
  TRADES_NOT_LARGEST_FIRST: "the trades do not pair the fills largest first, ties by id",
  UNFILLED_MISSTATED: "the unfilled rest is not what the fills leave over",
  SELF_TRADE_UNFLAGGED: "bought and sold without being flagged",
  SELF_TRADE_INVENTED: "is flagged as a self-trader but did not both buy and sell",
  ORDER_OF_LISTS: "the list is not in order of id",
} as const;

/** What does not hold. */
export type FindingCode = keyof typeof SENTENCES;

/** One fault of a result. `expected` and `found` are texts in the units of the caller's notation. */
export interface Finding {
  readonly code: FindingCode;
  /** A tender's or party's id, a trade as `buyer/seller`, or `null` where the whole result is meant. */
  readonly subject: string | null;
  readonly expected: string;
  readonly found: string;
}

/** How integers are written in findings: a command that scaled its input writes them back in the units of its file. */
export interface Notation {
  /** Energy in Wh. */
  energy(wh: bigint): string;
  /** Price in micro-currency per kWh. */
  price(micro: bigint): string;
  /** Money in nano-currency. */
  amount(nano: bigint): string;
}

/** Plain integers in the units of the core: Wh, micro-currency per kWh, nano-currency. */
export const PLAIN_NOTATION: Notation = { energy: String, price: String, amount: String };

/** The finding as one English line without a full stop. */
export function describeFinding(finding: Finding): string {
  const who = finding.subject === null ? "" : `${finding.subject}: `;
  return `${finding.code} ${who}${SENTENCES[finding.code]}; expected ${finding.expected}, found ${finding.found}`;
}
