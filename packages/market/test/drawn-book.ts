/** Books, claims and findings as text, for tables that a reader can check by hand. */
import { partyId, priceMicro, tenderId, wattHours } from "@micromarket/kernel";
import {
  auditUniform,
  type AuctionClaim,
  type AuctionRules,
  type Book,
  type ClaimedFill,
  type ClaimedTrade,
  type Side,
  type Step,
  type Tender,
} from "@micromarket/market";

const PLAIN_RULES: AuctionRules = {
  k: { numerator: 1n, denominator: 2n },
  tick: priceMicro(1),
  priceFloor: null,
  priceCap: null,
  rationing: "pro-rata",
};

/**
 * One tender a line, or between semicolons: `id party side energy@price …`, with `market` for a market order and `!` for
 * an all-or-none one.
 */
export function drawBook(text: string, rules: Partial<AuctionRules> = {}): Book {
  const lines = text.split(/[\n;]/).filter((line) => line.trim() !== "");
  return { slot: "2026-07-01T12:00Z", rules: { ...PLAIN_RULES, ...rules }, tenders: lines.map(drawTender) };
}

function drawTender(line: string): Tender {
  const [id = "", party = "", side = "", ...steps] = line.trim().split(/\s+/);
  const conditional = steps.includes("!");
  return {
    id: tenderId(id),
    party: partyId(party),
    side: side as Side,
    steps: steps.filter((step) => step !== "!").map(drawStep),
    ...(conditional ? { conditions: ["allOrNone"] } : {}),
  };
}

function drawStep(text: string): Step {
  const [energy = "", price = ""] = text.split("@");
  return { energy: wattHours(Number(energy)), price: price === "market" ? null : priceMicro(Number(price)) };
}

/** Fills without prices: `b1:5 s1:5`. */
export function drawFills(text: string): ClaimedFill[] {
  return words(text).map((word) => {
    const [id = "", energy = ""] = word.split(":");
    return { id, energy: wattHours(Number(energy)) };
  });
}

/** What any engine states: price, volume and fills. */
export function drawClaim(price: number | null, energy: number, fills: string): AuctionClaim {
  return { price: price === null ? null : priceMicro(price), energy: wattHours(energy), fills: drawFills(fills) };
}

/** Trades without prices: `b1/s1:5`. */
export function drawTrades(text: string): ClaimedTrade[] {
  return drawFills(text).map(({ id, energy }) => {
    const [buy = "", sell = ""] = id.split("/");
    return { buy, sell, energy };
  });
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** `CODE subject` of each finding. */
export function findingsOf(book: Book, claim: AuctionClaim, strict: boolean): string[] {
  return auditUniform(book, claim, { strict }).map(({ code, subject }) =>
    subject === null ? code : `${code} ${subject}`,
  );
}
