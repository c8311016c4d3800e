/**
 * `positionAcross` on columns: cuts a curve to the limits of a tie and moves it by fees and losses. Levels are moved, so
 * no drop is touched twice. Where both directions would earn at once, `positionAcross` itself decides.
 */
import { ceilOf, floorOf, receivedOf, sentFor } from "@micromarket/market";
import { positionAcross } from "../position.ts";
import type { Tie } from "../tie.ts";
import type { CurveColumns } from "./curve-columns.ts";
import { isBuyKey, keyOf, movedKey, PRICE_MOST, priceOfKey, unitsIn } from "./drop-key.ts";

const WHOLE = 1_000_000;

/** What became of the crossing; prices `beyond` the reach of keys end the whole clearing. */
export type Crossed = "plain" | "turned" | "beyond";

/** Writes the position of `curve` in `own` behind `tie` to the same number in `above`. Prices are in `unit`, PriceMicro. */
export function crossTie(own: CurveColumns, above: CurveColumns, curve: number, tie: Tie, unit: number): Crossed {
  const most = (own.ends[curve] ?? 0) - (own.starts[curve] ?? 0) + 1;
  above.open(curve, sentFor(own.tops[curve] ?? 0, tie.loss), most);
  const zero = own.firstBelow(curve, 0);
  const [writeImports, writeExports] = tie.loss === 0 ? [moveImports, moveExports] : [shrinkImports, shrinkExports];
  writeImports(own, above, curve, zero, tie, unit);
  if (!writeExports(own, above, curve, zero, tie, unit)) return turn(own, above, curve, tie, unit);
  above.close(curve);
  return isWithin(above, curve) ? "plain" : "beyond";
}

/** Without losses: levels from the limit to 0, the drop through 0 (at `zero`) down to there. */
function moveImports(
  own: CurveColumns,
  above: CurveColumns,
  curve: number,
  zero: number,
  { importLimit, feeIn }: Tie,
  unit: number,
): void {
  const limit = importLimit ?? Infinity;
  const by = -2 * unitsIn(feeIn, unit);
  above.capTop(curve, limit);
  above.append(own, own.firstBelow(curve, limit), zero, by);
  if (zero < (own.ends[curve] ?? 0)) above.dropTo(movedKey(own.keys[zero] ?? 0, by), 0);
}

/** Without losses: levels from 0 to the limit; `false` where exporting begins below the price at which importing ends. */
function moveExports(
  own: CurveColumns,
  above: CurveColumns,
  curve: number,
  zero: number,
  { exportLimit, feeOut }: Tie,
  unit: number,
): boolean {
  const limit = exportLimit ?? Infinity;
  const by = 2 * unitsIn(feeOut, unit);
  const { keys, levels } = own;
  const end = own.ends[curve] ?? 0;
  if (zero === end || limit === 0) return true;
  const first = movedKey(keys[zero] ?? 0, by);
  if (priceOfKey(first) < priceOfKey(above.lastKey())) return false;
  above.dropTo(first, Math.max(-limit, levels[zero] ?? 0));
  const full = own.firstBelow(curve, 1 - limit);
  above.append(own, zero + 1, full, by);
  if (full > zero && full < end) above.dropTo(movedKey(keys[full] ?? 0, by), -limit);
  return true;
}

/** With losses, which come before the limit: they move drops past others. */
function shrinkImports(
  own: CurveColumns,
  above: CurveColumns,
  curve: number,
  zero: number,
  { importLimit, feeIn, loss }: Tie,
  unit: number,
): void {
  const fee = unitsIn(feeIn, unit);
  const { keys, levels } = own;
  const end = Math.min(zero + 1, own.ends[curve] ?? 0);
  for (let at = own.starts[curve] ?? 0; at < end; at++) {
    above.dropTo(lossyKey(keys[at] ?? 0, loss, -fee, "import"), sentFor(Math.max(0, levels[at] ?? 0), loss));
  }
  above.capTop(curve, importLimit ?? Infinity);
}

/** With losses; what leaves is limited, not what arrives. */
function shrinkExports(
  own: CurveColumns,
  above: CurveColumns,
  curve: number,
  zero: number,
  { exportLimit, feeOut, loss }: Tie,
  unit: number,
): boolean {
  const limit = exportLimit ?? Infinity;
  const fee = unitsIn(feeOut, unit);
  const { keys, levels } = own;
  const lastImport = priceOfKey(above.lastKey());
  let before = 0;
  for (let at = zero; at < (own.ends[curve] ?? 0) && before > -limit; at++) {
    const sent = Math.min(limit, -(levels[at] ?? 0));
    const level = 0 - receivedOf(sent, loss);
    before = -sent;
    const key = lossyKey(keys[at] ?? 0, loss, fee, "export");
    if (level < 0 && priceOfKey(key) < lastImport) return false;
    above.dropTo(key, level);
  }
  return true;
}

/** Prices of imports fall by the loss and then by the fee, those of exports rise by the fee and then by the loss. */
function lossyKey(key: number, loss: Tie["loss"], by: number, way: "import" | "export"): number {
  const price = priceOfKey(key);
  const kind = isBuyKey(key) ? 0 : 1;
  const moved = way === "import" ? floorOf(price, WHOLE - loss, WHOLE) + by : ceilOf(price + by, WHOLE, WHOLE - loss);
  return keyOf(moved, kind);
}

function turn(own: CurveColumns, above: CurveColumns, curve: number, tie: Tie, unit: number): Crossed {
  const { curve: position, turn: price } = positionAcross(own.stepCurve(curve, unit), tie);
  above.open(curve, position.top, position.drops.length);
  let level: number = position.top;
  for (const [at, drop] of position.drops.entries()) {
    level -= drop;
    above.dropTo(keyOf((position.prices[at] ?? 0) / unit, position.kinds[at] ?? 0), level);
  }
  above.close(curve);
  if (!isWithin(above, curve)) return "beyond";
  return price === null ? "plain" : "turned";
}

/** Whether no price, orders at any price apart, lies beyond what keys can hold: keys ascend, so the ends tell. */
function isWithin({ keys, starts, ends }: CurveColumns, curve: number): boolean {
  let [first, last] = [starts[curve] ?? 0, (ends[curve] ?? 0) - 1];
  while (first <= last && priceOfKey(keys[first] ?? 0) === -Infinity) first += 1;
  while (last >= first && priceOfKey(keys[last] ?? 0) === Infinity) last -= 1;
  if (first > last) return true;
  return priceOfKey(keys[first] ?? 0) >= -PRICE_MOST && priceOfKey(keys[last] ?? 0) <= PRICE_MOST;
}
