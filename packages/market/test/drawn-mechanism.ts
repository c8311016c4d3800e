/** Results as text, for tables that a reader can check by hand. */
import { partyId, priceMicro, tenderId, wattHours } from "@micromarket/kernel";
import type { Book, MechanismResult, SharingBook, Tender } from "@micromarket/market";
import { drawBook } from "./drawn-book.ts";

/** `id:energy@price` of each fill. */
export function drawnFills({ fills }: MechanismResult): string {
  return fills.map(({ id, energy, price }) => `${id}:${energy}@${price}`).join(" ");
}

/** `buyer/seller:energy@price` of each trade. */
export function drawnTrades({ trades }: MechanismResult): string {
  return trades.map(({ buy, sell, energy, price }) => `${buy}/${sell}:${energy}@${price}`).join(" ");
}

/** One unit each: bids and offers by price, named b1, b2, … and s1, s2, … */
export function unitBook(bids: readonly number[], offers: readonly number[], rules = {}): Book {
  const side = (name: string, word: string, prices: readonly number[]): string[] =>
    prices.map((price, index) => `${name}${index + 1} ${name}${index + 1} ${word} 1@${price}`);
  return drawBook([...side("b", "buy", bids), ...side("s", "sell", offers)].join("; "), rules);
}

/** A tender with points, `price:netDemand …`. */
export function drawCurve(id: string, text: string): Tender {
  const points = text.split(" ").map((word) => {
    const [price = "", energy = ""] = word.split(":");
    return { price: priceMicro(Number(price)), netDemand: wattHours(Number(energy)) };
  });
  return { id: tenderId(id), party: partyId(id), side: "buy", steps: [], points, conditions: ["points"] };
}

/** A community from readings drawn as a book; prices of readings are not looked at. */
export function drawCommunity(
  text: string,
  retailPrice: number,
  feedInPrice: number,
  keys: Record<string, number> | null = null,
): SharingBook {
  return {
    ...drawBook(text),
    retailPrice: priceMicro(retailPrice),
    feedInPrice: priceMicro(feedInPrice),
    keys: keys === null ? null : new Map(Object.entries(keys)),
    communityPrice: null,
  };
}
