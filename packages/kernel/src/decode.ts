/**
 * Reading values strictly from canonical text: what has an unknown field, a wrong type or a second spelling is refused,
 * with the place and what was expected there. The counterpart of `canonicalText`.
 */
import { fail, ok, type Result } from "./result.ts";

/** What is wrong with a text or a value, and where. */
export interface DecodeFailure {
  readonly code: "VALUE_MALFORMED";
  /** Where, e.g. `tender.steps[2].price`; empty for the whole. */
  readonly path: string;
  readonly expected: string;
  /** What stood there, shortened. */
  readonly found: string;
}

/** Reads a value that JSON.parse gave, standing at `path`. */
export type Decoder<Value> = (value: unknown, path: string) => Result<Value, DecodeFailure>;

/** What a decoder gives. */
export type Decoded<D> = D extends Decoder<infer Value> ? Value : never;

type Shape = Readonly<Record<string, Decoder<unknown>>>;
type DecodedObject<Required extends Shape, Optional extends Shape> = {
  readonly [Key in keyof Required]: Decoded<Required[Key]>;
} & { readonly [Key in keyof Optional]?: Decoded<Optional[Key]> };

const FOUND_LENGTH_MAX = 60;
const LONE_SURROGATE = /\p{Surrogate}/u;
const BIGINT_PATTERN = /^(?:0|-?[1-9]\d{0,39})$/;

/** The refusal of `value`, which JSON.parse gave, at `path`; `undefined` stands for a field that is not there. */
export function malformed(
  path: string,
  expected: string,
  value: unknown,
): { readonly ok: false; readonly error: DecodeFailure } {
  const found = value === undefined ? "nothing" : JSON.stringify(value);
  const short = found.length > FOUND_LENGTH_MAX ? `${found.slice(0, FOUND_LENGTH_MAX)}…` : found;
  return fail({ code: "VALUE_MALFORMED", path, expected, found: short });
}

/** A text that has a canonical form: no lone surrogates. */
export const decodeText: Decoder<string> = (value, path) =>
  typeof value === "string" && !LONE_SURROGATE.test(value) ? ok(value) : malformed(path, "a well-formed text", value);

/** A safe integer. */
export const decodeInteger: Decoder<number> = (value, path) =>
  Number.isSafeInteger(value) ? ok(Number(value)) : malformed(path, "a safe integer", value);

/** A bigint, written as a text of at most 40 decimal digits. */
export const decodeBigint: Decoder<bigint> = (value, path) =>
  typeof value === "string" && BIGINT_PATTERN.test(value)
    ? ok(BigInt(value))
    : malformed(path, "an integer of at most 40 digits, as a text", value);

/** One of the given texts. */
export function decodeOneOf<Choice extends string>(...choices: readonly Choice[]): Decoder<Choice> {
  const expected = choices.map((choice) => JSON.stringify(choice)).join(" or ");
  return (value, path) => {
    const choice = choices.find((candidate) => candidate === value);
    return choice === undefined ? malformed(path, expected, value) : ok(choice);
  };
}

/** True or false. */
export const decodeBoolean: Decoder<boolean> = (value, path) =>
  typeof value === "boolean" ? ok(value) : malformed(path, "true or false", value);

/** What `decoder` reads, or null. */
export function decodeNullable<Value>(decoder: Decoder<Value>): Decoder<Value | null> {
  return (value, path) => (value === null ? ok(null) : decoder(value, path));
}

/** What `decoder` reads and `accepts` takes. */
export function decodeChecked<Value>(
  decoder: Decoder<Value>,
  accepts: (value: Value) => boolean,
  expected: string,
): Decoder<Value> {
  return (value, path) => {
    const decoded = decoder(value, path);
    return decoded.ok && !accepts(decoded.value) ? malformed(path, expected, value) : decoded;
  };
}

/** What `make` makes of what `decoder` reads; `make` must take all of it. */
export function decodeAs<Raw, Value>(decoder: Decoder<Raw>, make: (raw: Raw) => Value): Decoder<Value> {
  return (value, path) => {
    const decoded = decoder(value, path);
    return decoded.ok ? ok(make(decoded.value)) : decoded;
  };
}

/** A list of what `decoder` reads. */
export function decodeList<Value>(decoder: Decoder<Value>): Decoder<readonly Value[]> {
  return (value, path) => {
    if (!Array.isArray(value)) return malformed(path, "a list", value);
    const items: Value[] = [];
    for (const [index, item] of value.entries()) {
      const decoded = decoder(item, `${path}[${index}]`);
      if (!decoded.ok) return decoded;
      items.push(decoded.value);
    }
    return ok(items);
  };
}

/** A list of exactly two, e.g. a key and its value. */
export function decodePair<First, Second>(
  first: Decoder<First>,
  second: Decoder<Second>,
): Decoder<readonly [First, Second]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length !== 2) return malformed(path, "a list of two", value);
    const decodedFirst = first(value[0], `${path}[0]`);
    if (!decodedFirst.ok) return decodedFirst;
    const decodedSecond = second(value[1], `${path}[1]`);
    return decodedSecond.ok ? ok([decodedFirst.value, decodedSecond.value]) : decodedSecond;
  };
}

/** An object with all fields of `required`, maybe those of `optional`, and no other. */
export function decodeObject<Required extends Shape, Optional extends Shape = Record<never, never>>(
  required: Required,
  optional?: Optional,
): Decoder<DecodedObject<Required, Optional>> {
  const decoders = new Map<string, Decoder<unknown>>(Object.entries({ ...optional, ...required }));
  const requiredKeys = Object.keys(required);
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return malformed(path, "an object", value);
    const prefix = path === "" ? "" : `${path}.`;
    const missingKey = requiredKeys.find((key) => !Object.hasOwn(value, key));
    if (missingKey !== undefined) return malformed(`${prefix}${missingKey}`, "a value", undefined);
    const members: [string, unknown][] = [];
    for (const [key, member] of Object.entries(value)) {
      const decoder = decoders.get(key);
      if (decoder === undefined) return malformed(`${prefix}${key}`, "no such field", member);
      const decoded = decoder(member, `${prefix}${key}`);
      if (!decoded.ok) return decoded;
      members.push([key, decoded.value]);
    }
    return ok(Object.fromEntries(members) as DecodedObject<Required, Optional>);
  };
}

/** Reads `text` with `decoder` and refuses every spelling but the one that `encode` writes. */
export function decodeCanonical<Value>(
  text: string,
  decoder: Decoder<Value>,
  encode: (value: Value) => string,
): Result<Value, DecodeFailure> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return malformed("", "JSON", text);
  }
  const decoded = decoder(parsed, "");
  if (decoded.ok && encode(decoded.value) !== text) return malformed("", "the canonical text of this value", text);
  return decoded;
}
