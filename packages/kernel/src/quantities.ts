/**
 * Branded integers: the unit is part of the type, so that a price cannot be passed as an energy.
 *
 * Invariants: every quantity is a safe integer (money: a bigint); `price × energy` is money exactly
 * (micro/kWh × Wh = nano), so a trade's value never rounds. Branded values are made by the
 * constructors below and by nothing else: ESLint bans `as WattHours` and `/` on them outside the kernel.
 */
import { assert } from "./assert.ts";

declare const unit: unique symbol;
type Branded<Base, Unit extends string> = Base & { readonly [unit]: Unit };

/** Energy per slot, watt-hours. */
export type WattHours = Branded<number, "Wh">;
/** Power, watts; positive flows into the asset. */
export type Watts = Branded<number, "W">;
/** Price, millionths of the currency per kWh; may be negative. */
export type PriceMicro = Branded<number, "micro/kWh">;
/** Money, billionths of the currency. */
export type AmountNano = Branded<bigint, "nano">;
/** An instant, milliseconds since 1970-01-01T00:00Z. */
export type InstantMs = Branded<number, "instant ms">;
/** A length of time, milliseconds. */
export type DurationMs = Branded<number, "duration ms">;
/** A share, parts per million. */
export type PartsPerMillion = Branded<number, "ppm">;

/** Every quantity that is stored as a safe integer. */
export type IntegerQuantity = WattHours | Watts | PriceMicro | InstantMs | DurationMs | PartsPerMillion;

/** Asks before it writes the message: writing it each time would cost twenty times the check. */
function safeInteger(value: number, name: string): number {
  if (!Number.isSafeInteger(value)) assert(false, `${name} must be a safe integer, got ${value}`);
  return value === 0 ? 0 : value; // −0 would serialise like 0 and compare unlike it
}

/** Energy from a safe integer of watt-hours; throws on anything else. */
export function wattHours(value: number): WattHours {
  return safeInteger(value, "wattHours") as WattHours;
}

/** Power from a safe integer of watts; throws on anything else. */
export function watts(value: number): Watts {
  return safeInteger(value, "watts") as Watts;
}

/** Price from a safe integer of micro-currency per kWh; throws on anything else. */
export function priceMicro(value: number): PriceMicro {
  return safeInteger(value, "priceMicro") as PriceMicro;
}

/** Money from a bigint of nano-currency. */
export function amountNano(value: bigint): AmountNano {
  assert(typeof value === "bigint", `amountNano must be a bigint, got ${String(value)}`);
  return value as AmountNano;
}

/** An instant from a safe integer of milliseconds since the Unix epoch; throws on anything else. */
export function instantMs(value: number): InstantMs {
  return safeInteger(value, "instantMs") as InstantMs;
}

/** A length of time from a non-negative safe integer of milliseconds; throws on anything else. */
export function durationMs(value: number): DurationMs {
  if (value < 0) assert(false, `durationMs must not be negative, got ${value}`);
  return safeInteger(value, "durationMs") as DurationMs;
}

/** A share from an integer between 0 and 1 000 000; throws on anything else. */
export function partsPerMillion(value: number): PartsPerMillion {
  if (!(value >= 0 && value <= 1_000_000)) assert(false, `partsPerMillion must lie in [0, 1 000 000], got ${value}`);
  return safeInteger(value, "partsPerMillion") as PartsPerMillion;
}

/** Sum of two quantities of one unit; throws where the sum leaves the safe integers. */
export function plus<Q extends IntegerQuantity>(a: Q, b: Q): Q {
  return safeInteger(a + b, "sum") as Q;
}

/** Difference of two quantities of one unit; throws where it leaves the safe integers. */
export function minus<Q extends IntegerQuantity>(a: Q, b: Q): Q {
  return safeInteger(a - b, "difference") as Q;
}

/** The quantity a whole number of times, e.g. `times(MINUTE, 15)`; throws where it leaves the safe integers. */
export function times<Q extends IntegerQuantity>(quantity: Q, count: number): Q {
  return safeInteger(quantity * safeInteger(count, "count"), "product") as Q;
}

/** The smaller of two quantities of one unit. */
export function least<Q extends IntegerQuantity>(a: Q, b: Q): Q {
  return a < b ? a : b;
}

/** The larger of two quantities of one unit. */
export function greatest<Q extends IntegerQuantity>(a: Q, b: Q): Q {
  return a > b ? a : b;
}

/** Value of a trade: micro-currency/kWh × Wh = nano-currency, exactly. */
export function tradeValue(price: PriceMicro, energy: WattHours): AmountNano {
  return (BigInt(price) * BigInt(energy)) as AmountNano;
}

/** Sum of amounts. */
export function plusAmount(a: AmountNano, b: AmountNano): AmountNano {
  return (a + b) as AmountNano;
}

/** Difference of amounts. */
export function minusAmount(a: AmountNano, b: AmountNano): AmountNano {
  return (a - b) as AmountNano;
}

/** Energy of a constant power over a time, rounded to the nearest Wh (half up). For series use `energyOfSeries`. */
export function energyOfPower(power: Watts, time: DurationMs): WattHours {
  const doubled = 2n * BigInt(power) * BigInt(time) + 3_600_000n;
  return wattHours(Number(floorDivide(doubled, 7_200_000n)));
}

/** Whether `value` is a whole multiple of `step` of the same unit; `step` must be positive. */
export function isMultiple<Q extends IntegerQuantity>(value: Q, step: Q): boolean {
  assert(step > 0, "step must be positive");
  return value % step === 0;
}

/** Quotient rounded towards minus infinity; `divisor` must be positive. Exact. */
export function floorDivide(dividend: bigint, divisor: bigint): bigint {
  assert(divisor > 0n, "divisor must be positive");
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}
