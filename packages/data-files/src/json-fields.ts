/**
 * Fields of JSON objects: each function returns the field's value, or logs where and what is wrong and returns what
 * stands for "cannot be used". An absent field and `null` are the same, as the file contracts have it.
 */
import {
  type Complaint,
  isIdentifier,
  parseDecimal,
  priceMicro,
  type PriceMicro,
  type ProblemLog,
  suggest,
} from "@micromarket/kernel";
import type { JSONPath } from "jsonc-parser";
import { isJsonList, isJsonObject, NumberText, type JsonObject, type JsonText, type JsonValue } from "./json-text.ts";

/** A JSON text under examination. */
export interface JsonReading {
  readonly json: JsonText;
  readonly problems: ProblemLog;
  /** In books: the mechanisms that know the key. */
  readonly mechanismsOf?: (key: string) => readonly string[];
}

/** One object in it. */
export interface JsonFields {
  readonly reading: JsonReading;
  readonly object: JsonObject;
  readonly path: JSONPath;
}

/** Logs what is wrong with the member `key` of an object; without a key with the object itself. */
export function complain(fields: JsonFields, key: string | number | null, complaint: Complaint): null {
  const place = fields.reading.json.placeOf(key === null ? fields.path : [...fields.path, key]);
  fields.reading.problems.add(place, complaint);
  return null;
}

/** What messages call a member: `orders[3].price`. */
export function nameOf(fields: JsonFields, key: string | number | null): string {
  const path = key === null ? fields.path : [...fields.path, key];
  if (path.length === 0) return "the file";
  const words = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`));
  return words.join("").replace(/^\./, "");
}

/** Logs that a member is missing or of the wrong type; `wanted` says what to write. */
export function complainOfType(
  fields: JsonFields,
  key: string | number | null,
  value: JsonValue | undefined,
  wanted: string,
): null {
  const name = nameOf(fields, key);
  if (value === undefined) {
    const complaint = { code: "KEY_MISSING", what: `${name} is missing`, mend: `add "${key ?? ""}": ${wanted}` };
    return complain(fields, key, complaint);
  }
  return complain(fields, key, {
    code: "WRONG_TYPE",
    what: `${name} is ${describeJson(value)}`,
    mend: `write ${wanted}`,
  });
}

/** Logs every key that is not `known`. One that other mechanisms have is named as such; it may be there as `null`. */
export function checkKeys(fields: JsonFields, known: readonly string[]): void {
  for (const key of Object.keys(fields.object)) {
    if (known.includes(key)) continue;
    const owners = fields.reading.mechanismsOf?.(key) ?? [];
    if (owners.length > 0 && fields.object[key] === null) continue;
    const complaint = owners.length > 0 ? foreignKey(fields, key, owners) : unknownKey(fields, key, known);
    fields.reading.problems.add(fields.reading.json.placeOfKey([...fields.path, key]), complaint);
  }
}

function unknownKey(fields: JsonFields, key: string, known: readonly string[]): Complaint {
  return { code: "UNKNOWN_KEY", what: `unknown key ${shortened(nameOf(fields, key))}`, mend: suggest(key, known) };
}

function foreignKey(fields: JsonFields, key: string, owners: readonly string[]): Complaint {
  const what = `${nameOf(fields, key)} belongs to another mechanism: ${owners.join(", ")}`;
  return { code: "KEY_OF_ANOTHER_MECHANISM", what, mend: "delete it, or choose that mechanism" };
}

function describeJson(value: JsonValue): string {
  if (value instanceof NumberText) return `the number ${shortened(value.text)}`;
  if (isJsonList(value)) return "a list";
  return isJsonObject(value) ? "an object" : shortened(JSON.stringify(value));
}

/** A text of the file as messages repeat it: whole unless it is long. */
export function shortened(text: string): string {
  return text.length <= REPEATED_MAX ? text : `${text.slice(0, REPEATED_MAX)}… (${text.length} characters)`;
}

const REPEATED_MAX = 60;

/** A text that may serve as an identifier; `fallback` where the field is absent (`null`: it must be there). */
export function identifierField(fields: JsonFields, key: string, fallback: string | null): string | null {
  const value = fields.object[key] ?? fallback ?? undefined;
  if (typeof value !== "string") return complainOfType(fields, key, value, "a text in double quotes");
  if (isIdentifier(value)) return value;
  const what = `${nameOf(fields, key)} is ${shortened(JSON.stringify(value))}`;
  const mend = "write 1 to 128 printable characters without blanks at the ends";
  return complain(fields, key, { code: "IDENTIFIER_MALFORMED", what, mend });
}

/** One of a few texts. */
export function choiceField<Choice extends string>(
  fields: JsonFields,
  key: string,
  choices: readonly Choice[],
  fallback: Choice | null,
): Choice | null {
  const value = fields.object[key] ?? fallback ?? undefined;
  const chosen = choices.find((choice) => choice === value);
  if (chosen !== undefined) return chosen;
  if (typeof value !== "string") return complainOfType(fields, key, value, choices.map(quoted).join(" or "));
  const what = `${nameOf(fields, key)} is ${shortened(quoted(value))}`;
  return complain(fields, key, { code: "VALUE_UNKNOWN", what, mend: suggest(value, choices) });
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A decimal as an integer of 10^−scale that is a safe integer; `null` after a complaint. */
export function scaledField(
  fields: JsonFields,
  key: string | number,
  value: JsonValue | undefined,
  scale: number,
): number | null {
  if (!(value instanceof NumberText)) return complainOfType(fields, key, value, "a number without quotes");
  const parsed = parseDecimal(value.text, scale);
  if (!parsed.ok && parsed.error.code === "DECIMAL_TOO_PRECISE") {
    const what = `${nameOf(fields, key)} is ${shortened(value.text)}, which has more than ${scale} digits after the point`;
    const mend = 'round it yourself, or set a larger "scale" (at most 12); nothing is rounded here';
    return complain(fields, key, { code: "NUMBER_TOO_PRECISE", what, mend });
  }
  const scaled = parsed.ok ? Number(parsed.value) : Number.NaN;
  if (Number.isSafeInteger(scaled)) return scaled;
  return complain(fields, key, tooLarge(`${nameOf(fields, key)} is ${shortened(value.text)}, which`, scale));
}

/** Whether a member is there: `null` says that it is not. */
export function isPresent({ object }: JsonFields, key: string): boolean {
  return (object[key] ?? null) !== null;
}

/** A price that may be left out; `null` where it is, and after a complaint. */
export function priceField(fields: JsonFields, key: string, scale: number): PriceMicro | null {
  const value = fields.object[key] ?? null;
  const scaled = value === null ? null : scaledField(fields, key, value, scale);
  return scaled === null ? null : priceMicro(scaled);
}

/** True or false; an absent flag is false. */
export function flagField(fields: JsonFields, key: string): boolean {
  const value = fields.object[key] ?? false;
  if (typeof value === "boolean") return value;
  complainOfType(fields, key, value, "true or false");
  return false;
}

/** A complaint about a number beyond what the scale allows. */
export function tooLarge(subject: string, scale: number): Complaint {
  const what = `${subject} is beyond ${Number.MAX_SAFE_INTEGER} units of the last of ${scale} digits`;
  return { code: "NUMBER_TOO_LARGE", what, mend: 'set a smaller "scale", or choose a larger unit' };
}
