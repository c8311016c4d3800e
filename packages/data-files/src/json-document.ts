/**
 * JSON of results: two blanks of indentation, members in the order in which they were made.
 *
 * Money is a text of digits, as everywhere outside (it may leave the safe integers); a figure, which the core keeps as
 * decimal text, is a number with exactly those digits.
 */
import { assert } from "@micromarket/kernel";

const FIGURE = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** The JSON text of `value`, ended by a line feed. `figures` writes texts that are plain decimals as numbers. */
export function jsonDocument(value: unknown, { figures }: { readonly figures: boolean }): string {
  return `${textOf(value, figures, "")}\n`;
}

function textOf(value: unknown, figures: boolean, indent: string): string {
  switch (typeof value) {
    case "bigint":
      return `"${value}"`;
    case "string":
      return figures && FIGURE.test(value) ? value : JSON.stringify(value);
    case "number":
      assert(Number.isSafeInteger(value), `${value} is no safe integer: a float in a result is a bug`);
      return String(value);
    case "boolean":
      return String(value);
    case "object":
      return value === null ? "null" : membersOf(value, figures, indent);
    default:
      assert(false, `${typeof value} has no JSON`);
  }
}

function membersOf(value: object, figures: boolean, indent: string): string {
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const members = isList
    ? value.map((item: unknown) => textOf(item, figures, inner))
    : Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${textOf(member, figures, inner)}`);
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  return members.length === 0 ? open + close : `${open}\n${inner}${members.join(`,\n${inner}`)}\n${indent}${close}`;
}

/** Names outside TypeScript: `selfConsumptionAlone` is `self_consumption_alone`, at every level of `value`. */
export function withWireNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withWireNames);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [wireName(key), withWireNames(member)] as const);
  return Object.fromEntries(members);
}

function wireName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
