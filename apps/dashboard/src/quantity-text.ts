/**
 * Quantities as a reader sees them.
 *
 * Invariants: every digit comes from the integer on the wire by moving the decimal point, nothing is rounded and nothing
 * passes through a float; the same number is the same text in every browser (point as decimal sign, minus as −).
 */
import { formatDecimal } from "@micromarket/kernel";

const MINUS = "\u2212";
/** Narrow no-break space. */
const GROUP = "\u202f";

/** What stands where there is no number. */
export const NOTHING = "\u2013";

const INTEGER = /^-?\d+$/;

/** The integer `text` of 10^−digits as a decimal with at least `least` digits after the point. */
export function decimalText(text: string, digits: number, least: number): string {
  if (!INTEGER.test(text)) return text; // shown as it came: a number that was made up would be worse
  const plain = formatDecimal(BigInt(text), digits);
  const [whole = "", fraction = ""] = plain.replace("-", "").split(".");
  const padded = fraction.padEnd(least, "0");
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(?:\d{3})+$)/g, GROUP) : whole;
  return `${plain.startsWith("-") ? MINUS : ""}${grouped}${padded === "" ? "" : `.${padded}`}`;
}

/** Price in the currency per kWh, at least four digits after the point; no price is a dash. */
export function priceText(microPerKwh: number | null): string {
  return microPerKwh === null ? NOTHING : decimalText(String(microPerKwh), 6, 4);
}

/** Energy in kWh to the last watt-hour. */
export function energyText(wattHours: number): string {
  return decimalText(String(wattHours), 3, 3);
}

/** Money, at least `least` digits after the point, more where there are more. */
export function amountText(nano: string, least = 2): string {
  return decimalText(nano, 9, least);
}

/** How many digits after the point the longest of `amounts` has, so that a column can line up. At least 2. */
export function fractionDigits(amounts: readonly string[]): number {
  const digits = amounts.map((nano) => (amountText(nano).split(".")[1] ?? "").length);
  return Math.max(2, ...digits);
}
