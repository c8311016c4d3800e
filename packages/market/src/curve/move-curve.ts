/** Net demand curves seen from the other end of a line: prices shifted by a fee, energies and prices scaled by a loss. */
import { assert, floorDivide, wattHours, type PartsPerMillion, type PriceMicro } from "@micromarket/kernel";
import { bottomOf, curveOfDrops, CurveWriter, type Drop, type StepCurve } from "./step-curve.ts";

const WHOLE = 1_000_000;

/** The curve with every price moved by `by`, which may be negative. */
export function shiftCurve({ top, prices, kinds, drops }: StepCurve, by: PriceMicro): StepCurve {
  return { top, prices: prices.map((price) => price + by), kinds, drops };
}

/**
 * Imports as the sending end sees them. To receive X, X / (1 − loss) must be sent, rounded up, of which exactly X
 * arrives; a buyer who pays λ for what arrives pays λ × (1 − loss) for what is sent, rounded down, so that at every whole
 * price the same buyers are in the money as exactly.
 *
 * @param imports a curve that is nowhere negative
 * @param loss less than the whole
 */
export function importsBeforeLoss(imports: StepCurve, loss: PartsPerMillion): StepCurve {
  assert(bottomOf(imports) === 0, "imports are nowhere negative");
  return scale(
    imports,
    loss,
    (received) => sentFor(received, loss),
    (price) => floorOf(price, WHOLE - loss, WHOLE),
  );
}

/**
 * Exports as the receiving end sees them: of X that is sent, (1 − loss) × X arrives, rounded down; a seller who takes λ
 * for what is sent takes λ / (1 − loss) for what arrives, rounded up.
 *
 * @param exports a curve that is nowhere positive
 */
export function exportsAfterLoss(exports: StepCurve, loss: PartsPerMillion): StepCurve {
  assert(exports.top === 0, "exports are nowhere positive");
  return scale(
    exports,
    loss,
    (sent) => receivedOf(sent, loss),
    (price) => ceilOf(price, WHOLE, WHOLE - loss),
  );
}

/** Least energy that must be sent so that `received` arrives, Wh. */
export function sentFor(received: number, loss: PartsPerMillion): number {
  return ceilOf(received, WHOLE, WHOLE - loss);
}

/** What arrives of `sent`, Wh. */
export function receivedOf(sent: number, loss: PartsPerMillion): number {
  return floorOf(sent, WHOLE - loss, WHOLE);
}

/** Levels go through `level` (for both signs), prices through `price`. Neither may change their order. */
function scale(
  curve: StepCurve,
  loss: PartsPerMillion,
  level: (energy: number) => number,
  price: (price: number) => number,
): StepCurve {
  assert(loss < WHOLE, "a line that loses everything carries nothing");
  if (loss === 0) return curve;
  const signed = (energy: number): number => (energy < 0 ? -level(-energy) : level(energy));
  const drops: Drop[] = [];
  let before: number = curve.top;
  for (let at = 0; at < curve.drops.length; at++) {
    const after = before - (curve.drops[at] ?? 0);
    drops.push({
      price: price(curve.prices[at] ?? 0),
      kind: curve.kinds[at] ?? 0,
      energy: signed(before) - signed(after),
    });
    before = after;
  }
  return curveOfDrops(wattHours(signed(curve.top)), drops);
}

/** value × numerator / denominator, rounded down. */
export function floorOf(value: number, numerator: number, denominator: number): number {
  if (!Number.isFinite(value)) return value;
  const product = value * numerator;
  if (Number.isSafeInteger(product)) return Math.floor(product / denominator) + 0; // exact below 2^53; not −0
  return Number(floorDivide(BigInt(value) * BigInt(numerator), BigInt(denominator)));
}

/** value × numerator / denominator, rounded up. */
export function ceilOf(value: number, numerator: number, denominator: number): number {
  return 0 - floorOf(-value, numerator, denominator); // not −0, which has no canonical form
}

/**
 * Imports and exports of one line joined to one curve. Where exporting begins at a lower price than importing ends, the
 * two would flow against each other: a line carries one direction, so up to some price it imports and above it exports,
 * whichever is worth more. That is the case only where sending energy round in a circle would earn: with fees that sum to
 * less than nothing, or with losses and negative prices.
 */
export function joinAtZero({ imports, exports }: { readonly imports: StepCurve; readonly exports: StepCurve }): {
  readonly curve: StepCurve;
  /** The price from which on exporting is worth more; `null` where the directions do not meet. */
  readonly turn: number | null;
} {
  const turn = turningPrice(imports, exports);
  const drops: Drop[] = [];
  const append = (curve: StepCurve, bounded: (price: number) => number): void => {
    for (let at = 0; at < curve.drops.length; at++) {
      drops.push({ price: bounded(curve.prices[at] ?? 0), kind: curve.kinds[at] ?? 0, energy: curve.drops[at] ?? 0 });
    }
  };
  append(imports, (price) => (turn === null ? price : Math.min(price, turn)));
  append(exports, (price) => (turn === null ? price : Math.max(price, turn)));
  if (turn !== null) return { curve: curveOfDrops(imports.top, drops), turn };
  const writer = new CurveWriter(drops.length);
  if (isInOrder(drops)) for (const { price, kind, energy } of drops) writer.add(price, kind, energy);
  else return { curve: curveOfDrops(imports.top, drops), turn };
  return { curve: writer.curve(imports.top), turn };
}

/** Two parts that meet at one price may stand there in the wrong order of kinds. */
function isInOrder(drops: readonly Drop[]): boolean {
  return drops.every(({ price, kind }, at) => {
    const last = drops[at - 1];
    return last === undefined || last.price < price || (last.price === price && last.kind >= kind);
  });
}

/** The lowest whole price at which exporting gains more than importing, where both would gain. */
function turningPrice(imports: StepCurve, exports: StepCurve): number | null {
  let [low, high] = [exports.prices[0] ?? Infinity, imports.prices.at(-1) ?? -Infinity];
  if (low >= high) return null;
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    if (gain(exports, middle, -1) > gain(imports, middle, 1)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What the energies of `curve` are worth beyond `price`: demand above it (sign 1), supply below it (sign −1). */
function gain({ prices, drops }: StepCurve, price: number, sign: 1 | -1): bigint {
  let sum = 0n;
  for (let at = 0; at < drops.length; at++) {
    const worth = sign * ((prices[at] ?? 0) - price);
    if (worth > 0) sum += BigInt(worth) * BigInt(drops[at] ?? 0);
  }
  return sum;
}
