/**
 * From a number to registers, exactly: what the registers cannot hold to the last digit is refused, never rounded and never
 * cut. The opposite of `decodeNumber`.
 */
import { fail, ok, unreachable, type Result } from "@micromarket/kernel";
import { registersOf, type Encoding, type RegisterType } from "./encoding.ts";

/** Words as they go onto the wire, or in words why there are none. */
export type EncodeOutcome = Result<readonly number[], string>;

/** A value in its canonical unit, scaled or mapped. */
export function encodeNumber(encoding: Encoding, value: number): EncodeOutcome {
  if (!Number.isSafeInteger(value)) return fail(`${value} is no whole number`);
  if (encoding.map !== null) {
    const found = [...encoding.map].find(([, mapped]) => mapped === value);
    return found === undefined ? fail(`the device knows no ${value}`) : encodeRaw(encoding, found[0]);
  }
  const { multiply, pow10, sign, type } = encoding;
  const power = 10n ** BigInt(Math.abs(pow10));
  const numerator = BigInt(value) * BigInt(sign) * (pow10 < 0 ? power : 1n);
  const denominator = BigInt(multiply) * (pow10 > 0 ? power : 1n);
  if (type === "float32" || type === "float64") return encodeRaw(encoding, Number(numerator) / Number(denominator));
  if (numerator % denominator !== 0n) {
    return fail(`the device counts in steps of ${multiply} × 10^${pow10}: ${value} lies between two`);
  }
  return encodeRaw(encoding, Number(numerator / denominator));
}

/** A raw number as it is. */
export function encodeRaw(encoding: Pick<Encoding, "type" | "wordOrder" | "byteOrder">, raw: number): EncodeOutcome {
  const { type, wordOrder, byteOrder } = encoding;
  const view = new DataView(new ArrayBuffer(2 * registersOf(type)));
  if (!put(view, type, raw)) return fail(`${type} does not hold ${raw}`);
  const words = Array.from({ length: registersOf(type) }, (_, index) =>
    view.getUint16(2 * index, byteOrder === "little"),
  );
  return ok(wordOrder === "big" ? words : words.reverse());
}

/** `false` where the type does not hold the number; a float is the nearest one. */
function put(view: DataView, type: RegisterType, raw: number): boolean {
  switch (type) {
    case "float32":
      view.setFloat32(0, raw);
      return Number.isFinite(view.getFloat32(0));
    case "float64":
      view.setFloat64(0, raw);
      return Number.isFinite(raw);
    case "int16":
    case "uint16":
    case "int32":
    case "uint32":
    case "int64":
    case "uint64":
      return putInteger(view, BigInt(view.byteLength), type.startsWith("u"), raw);
    default:
      return unreachable(type);
  }
}

function putInteger(view: DataView, bytes: bigint, isUnsigned: boolean, raw: number): boolean {
  if (!Number.isSafeInteger(raw)) return false;
  const bits = 8n * bytes;
  const min = isUnsigned ? 0n : -(1n << (bits - 1n));
  const value = BigInt(raw);
  if (value < min || value >= min + (1n << bits)) return false;
  const pattern = BigInt.asUintN(Number(bits), value);
  for (let index = 0; index < view.byteLength; index++) {
    view.setUint8(index, Number((pattern >> (bits - 8n * BigInt(index + 1))) & 0xffn));
  }
  return true;
}
