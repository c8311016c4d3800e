/** Writes what the mechanisms beside the uniform auction add to the common answer. */
import { plusAmount } from "@micromarket/kernel";
import type { CurveResult, PoolResult, SharingResult, TwoPriceResult } from "@micromarket/market";
import type { ResultContext } from "./mechanism.ts";
import { greatestCommonDivisor } from "./ratio-text.ts";
import { fillLines, jsonLines, numbersOf, quoted, writeResult } from "./result-text.ts";

/** Two prices, and what the auctioneer keeps; the surplus of all holds it. */
export function writeTwoPrices(result: TwoPriceResult, context: ResultContext): string {
  const { decimal, amount } = numbersOf(context);
  const { buyers, sellers } = result.surplus;
  return writeResult(result, context, {
    surplus: amount(plusAmount(plusAmount(buyers, sellers), result.auctioneer)),
    buyerPrice: decimal(result.buyerPrice),
    sellerPrice: decimal(result.sellerPrice),
    auctioneerSurplus: amount(result.auctioneer),
  });
}

/** The average prices of both sides, and what the pool trades with the supplier. */
export function writePool(result: PoolResult, context: ResultContext): string {
  const { decimal } = numbersOf(context);
  return writeResult(result, context, {
    buyerPrice: decimal(result.buyerPrice),
    sellerPrice: decimal(result.sellerPrice),
    imported: decimal(result.imported),
    exported: decimal(result.exported),
    ownUse: jsonLines(result.ownUse, ({ id, energy }) => [
      ["id", quoted(id)],
      ["quantity", decimal(energy)],
    ]),
  });
}

/** What everybody trades with the supplier. */
export function writeSharing(result: SharingResult, context: ResultContext): string {
  const { decimal } = numbersOf(context);
  return writeResult(result, context, {
    imported: decimal(result.imported),
    exported: decimal(result.exported),
    residual: fillLines(result.residual, context),
  });
}

/** Longest fraction that is written, in digits: where thousands of curves meet it may have a million. */
const EXACT_DIGITS_MAX = 60;

/** The zero of the curves as a fraction in lowest terms: `[31, 3]`; `null` where it is too long to read. */
export function writeCurves(result: CurveResult, context: ResultContext): string {
  return writeResult(result, context, { exactPrice: fractionText(result.exactPrice, context.scale) });
}

function fractionText(price: CurveResult["exactPrice"], scale: number): string {
  if (price === null || price.denominator >= 10n ** BigInt(EXACT_DIGITS_MAX)) return "null";
  const denominator = price.denominator * 10n ** BigInt(scale);
  const divisor = greatestCommonDivisor(price.numerator < 0n ? -price.numerator : price.numerator, denominator);
  return `[${price.numerator / divisor}, ${denominator / divisor}]`;
}
