/** Decimals as bigints of 10^−digits: the pack's numbers never pass through floats. */

/**
 * The integer of 10^−digits that `text` writes; throws where it needs more digits, because a book that is drawn wrongly
 * must not become a case.
 *
 * @param {string} text
 * @param {number} digits
 */
export function scaled(text, digits) {
  const [, sign, whole = "", fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (sign === undefined || fraction.length > digits) throw new Error(`${text} is no decimal of ${digits} digits`);
  const magnitude = BigInt(whole + fraction.padEnd(digits, "0"));
  return sign === "-" ? -magnitude : magnitude;
}

/**
 * The shortest plain decimal of `value` units of 10^−digits.
 *
 * @param {bigint} value
 * @param {number} digits
 */
export function decimal(value, digits) {
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits);
  const fraction = text.slice(text.length - digits).replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
