/**
 * Quantities as people write them in scenario files: a plain decimal, blanks or none, and the unit (`15m`, `4 kW`,
 * `0.21 EUR/kWh`). They are read from their text, exactly; what the core's integers cannot hold is refused.
 *
 * The patterns stand in the published schema, so that an editor knows them too.
 */
import {
  type AmountNano,
  amountNano,
  type Complaint,
  type DurationMs,
  durationMs,
  fail,
  ok,
  parseDecimal,
  type PriceMicro,
  priceMicro,
  type Result,
} from "@micromarket/kernel";

const NUMBER = "[+-]?\\d+(?:\\.\\d+)?";
/** `0.21 EUR/kWh` */
export const PRICE_PATTERN = `^${NUMBER}\\s*[A-Z]{3}/[kM]Wh$`;
/** `15m` */
export const DURATION_PATTERN = "^\\d{1,7}\\s*(?:s|m|min|h|d)$";
/** `4 kW` */
export const POWER_PATTERN = `^${NUMBER}\\s*[kM]?W$`;
/** `10 kWh` */
export const ENERGY_PATTERN = `^${NUMBER}\\s*[kM]?Wh$`;
/** `4 kW` or `1 kWh` */
export const POWER_OR_ENERGY_PATTERN = `^${NUMBER}\\s*[kM]?Wh?$`;
/** `50 EUR` */
export const AMOUNT_PATTERN = `^${NUMBER}\\s*[A-Z]{3}$`;
/** `380 g/kWh` */
export const CARBON_PATTERN = `^${NUMBER}\\s*k?g/kWh$`;

const QUANTITY = /^([+-]?\d+(?:\.\d+)?)\s*(\S+)$/;
const DIGITS_OF_UNIT: Readonly<Record<string, number>> = {
  W: 6,
  kW: 9,
  MW: 12,
  Wh: 0,
  kWh: 3,
  MWh: 6,
  "g/kWh": 6,
  "kg/kWh": 9,
};
const MILLISECONDS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A price in `currency`. */
export function readPrice(text: string, currency: string): Result<PriceMicro, Complaint> {
  const { number, unit } = split(text);
  const wrong = checkPriceUnit(unit, currency);
  if (wrong !== null) return fail(wrong);
  const micro = readScaled(number, priceDigits(unit));
  return micro.ok ? ok(priceMicro(Number(micro.value))) : micro;
}

/** An amount of `currency`. */
export function readAmount(text: string, currency: string): Result<AmountNano, Complaint> {
  const { number, unit } = split(text);
  if (unit !== currency) {
    const mend = `write ${currency}, or change market.currency`;
    return fail({ code: "UNIT_WRONG", what: `"${unit}" is not the market's currency`, mend });
  }
  const nano = readScaled(number, 9);
  return nano.ok ? ok(amountNano(nano.value)) : nano;
}

/** Whether `unit` is a price in `currency`; else what is wrong with it. */
export function checkPriceUnit(unit: string, currency: string): Complaint | null {
  if (unit === `${currency}/kWh` || unit === `${currency}/MWh`) return null;
  const mend = `write ${currency}/kWh or ${currency}/MWh, or change market.currency`;
  return { code: "UNIT_WRONG", what: `"${unit}" is not the market's unit of price`, mend };
}

/** Digits after the point of a price in `unit` that make a micro-currency per kWh. */
export function priceDigits(unit: string): number {
  return unit.endsWith("/MWh") ? 3 : 6;
}

/** Digits after the point of a carbon intensity in `unit` (`g/kWh`, `kg/kWh`) that make a microgram per kWh. */
export function carbonDigits(unit: string): number {
  return DIGITS_OF_UNIT[unit] ?? 0;
}

/** A length of time. */
export function readDuration(text: string): DurationMs {
  const { number, unit } = split(text);
  return durationMs(Number(number) * (MILLISECONDS[unit] ?? 0));
}

/** A power in microwatts, an energy in watt-hours (`unit` tells which), or a carbon intensity in micrograms per kWh. */
export function readQuantity(text: string): Result<{ readonly value: bigint; readonly unit: string }, Complaint> {
  const { number, unit } = split(text);
  const value = readScaled(number, DIGITS_OF_UNIT[unit] ?? 0);
  return value.ok ? ok({ value: value.value, unit }) : value;
}

function split(text: string): { readonly number: string; readonly unit: string } {
  const [, number = "", unit = ""] = QUANTITY.exec(text) ?? [];
  return { number, unit };
}

/** A decimal as an integer of 10^−digits that is a safe integer. */
export function readScaled(number: string, digits: number): Result<bigint, Complaint> {
  const parsed = parseDecimal(number, digits);
  if (parsed.ok && Number.isSafeInteger(Number(parsed.value))) return parsed;
  if (!parsed.ok && parsed.error.code === "DECIMAL_TOO_PRECISE") {
    const what = `${number} has more than the ${digits} digits after the point that this unit can keep`;
    return fail({ code: "NUMBER_TOO_PRECISE", what, mend: "round it yourself; nothing is rounded here" });
  }
  if (!parsed.ok && parsed.error.code === "DECIMAL_MALFORMED") {
    const what = `${JSON.stringify(number)} is no number`;
    return fail({ code: "NUMBER_MALFORMED", what, mend: "write plain digits with a point, such as 0.25" });
  }
  return fail({ code: "NUMBER_TOO_LARGE", what: `${number} is too large`, mend: "check the unit" });
}
