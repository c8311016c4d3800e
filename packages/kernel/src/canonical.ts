/**
 * Canonical bytes: one value, one byte string.
 *
 * The form is RFC 8785 (JSON Canonicalization Scheme) over a closed set of values: no floats, no −0, no
 * undefined, no lone surrogates. A bigint is written as a string of decimal digits, as money is on the wire.
 */
import { assert } from "./assert.ts";
import { compareText } from "./order.ts";

/** What has a canonical form. */
export type CanonicalValue =
  null | boolean | number | bigint | string | readonly CanonicalValue[] | { readonly [key: string]: CanonicalValue };

const LONE_SURROGATE = /\p{Surrogate}/u;

/** The canonical text of `value`; throws on a value that has none. */
export function canonicalText(value: CanonicalValue): string {
  switch (typeof value) {
    case "string":
      assert(!LONE_SURROGATE.test(value), "a lone surrogate has no canonical form");
      return JSON.stringify(value);
    case "number":
      assert(
        Number.isSafeInteger(value) && !Object.is(value, -0),
        `${value} is no safe integer and has no canonical form`,
      );
      return String(value);
    case "bigint":
      return `"${value}"`;
    case "boolean":
      return value ? "true" : "false";
    case "object":
      return objectText(value);
    default:
      assert(false, `${typeof value} has no canonical form`);
  }
}

function objectText(value: null | readonly CanonicalValue[] | { readonly [key: string]: CanonicalValue }): string {
  if (value === null) return "null";
  if (isList(value)) return `[${value.map(canonicalText).join(",")}]`;
  const keys = Object.keys(value).sort(compareText);
  return `{${keys.map((key) => memberText(key, value[key])).join(",")}}`;
}

function memberText(key: string, member: CanonicalValue | undefined): string {
  assert(member !== undefined, `member ${JSON.stringify(key)} is undefined and has no canonical form`);
  return `${canonicalText(key)}:${canonicalText(member)}`;
}

function isList(value: object): value is readonly CanonicalValue[] {
  return Array.isArray(value);
}
