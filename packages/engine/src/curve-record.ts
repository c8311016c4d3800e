/**
 * Net demand curves, ties and prices' parts as canonical values, and back: they stand in commands, snapshots and messages
 * between markets. A step at any price has the price `null`: demand stands above every price, supply below.
 */
import {
  decodeAs,
  decodeChecked,
  decodeInteger,
  decodeList,
  decodeNullable,
  decodeObject,
  decodeOneOf,
  partsPerMillion,
  type CanonicalValue,
  type Decoder,
} from "@micromarket/kernel";
import type { PriceParts, Tie } from "@micromarket/grid";
import { BUY, dropsOf, SELL, type StepCurve } from "@micromarket/market";
import { decodeEnergy, decodePrice } from "./decode-quantities.ts";
import type { NumberedPosition } from "./state.ts";

/** The record of a curve whose steps at any price are demand above and supply below, as every position's are. */
export function curveRecord(curve: StepCurve): CanonicalValue {
  const steps = dropsOf(curve).map(({ price, kind, energy }) => {
    return { price: Number.isFinite(price) ? price : null, side: kind === BUY ? "buy" : "sell", energy };
  });
  return { top: curve.top, steps };
}

/** Restores a curve. Whether it is one is the receiver's business. */
export const decodeCurve: Decoder<StepCurve> = decodeAs(
  decodeObject({
    top: decodeEnergy,
    steps: decodeList(
      decodeObject({
        price: decodeNullable(decodePrice),
        side: decodeOneOf("buy", "sell"),
        energy: decodeEnergy,
      }),
    ),
  }),
  ({ top, steps }) => ({
    top,
    prices: Float64Array.from(steps, ({ price, side }) => price ?? (side === "buy" ? Infinity : -Infinity)),
    kinds: Uint8Array.from(steps, ({ side }) => (side === "buy" ? BUY : SELL)),
    drops: Float64Array.from(steps, ({ energy }) => energy),
  }),
);

/** The record of a numbered position. */
export function positionRecord({ number, curve }: NumberedPosition): CanonicalValue {
  return { number, curve: curveRecord(curve) };
}

/** Restores a numbered position. */
export const decodePosition: Decoder<NumberedPosition> = decodeObject({ number: decodeInteger, curve: decodeCurve });

/** The record of a tie; `null` is islanded. */
export function tieRecord(tie: Tie | null): CanonicalValue {
  if (tie === null) return null;
  const { importLimit, exportLimit, feeIn, feeOut, loss } = tie;
  return { importLimit, exportLimit, feeIn, feeOut, loss };
}

/** Restores a tie that is not islanded. */
export const decodeTie: Decoder<Tie> = decodeObject({
  importLimit: decodeNullable(decodeEnergy),
  exportLimit: decodeNullable(decodeEnergy),
  feeIn: decodePrice,
  feeOut: decodePrice,
  loss: decodeAs(
    decodeChecked(decodeInteger, (loss) => loss >= 0 && loss <= 1_000_000, "parts per million"),
    partsPerMillion,
  ),
});

/** The record of what a price is made of. */
export function partsRecord({ energy, congestion, loss, fee }: PriceParts): CanonicalValue {
  return { energy, congestion, loss, fee };
}

/** Restores what a price is made of. */
export const decodeParts: Decoder<PriceParts> = decodeObject({
  energy: decodePrice,
  congestion: decodePrice,
  loss: decodePrice,
  fee: decodePrice,
});
