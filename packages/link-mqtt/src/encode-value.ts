/** A value in the words of a device: exact, or not at all. */
import { formatDecimal } from "@micromarket/kernel";
import type { WriteStep } from "./profile.ts";

/** The payload of `step` that carries `value`; `null` where the value is no integer, or the device has no word for it. */
export function encodeValue({ payload, pow10, sign, map }: WriteStep, value: number): string | null {
  if (!Number.isSafeInteger(value)) return null;
  const word = map === null ? numberText(sign === "invert" ? -BigInt(value) : BigInt(value), pow10) : map.get(value);
  return word === undefined ? null : payload.replaceAll("$value", () => word);
}

function numberText(value: bigint, pow10: number): string {
  return pow10 < 0 ? formatDecimal(value, -pow10) : String(value * 10n ** BigInt(pow10));
}
