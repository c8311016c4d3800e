/**
 * JSON that a stranger sent: bounded in size and depth, valid UTF-8, no key with two meanings, numbers kept as text.
 * Never throws on any bytes.
 */
import { parse } from "lossless-json";
import { fail, ok, type Result } from "@micromarket/kernel";

/** A number as it is written. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A JSON value; numbers keep their text. */
export type JsonValue = null | boolean | string | NumberText | readonly JsonValue[] | JsonObject;
/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Why a payload is no JSON that is read. */
export type PayloadFailure = "too-large" | "no-utf-8" | "too-deep" | "no-json";

/** Longest payload that is decoded, bytes. The largest message of a known meter is about a tenth of it. */
export const PAYLOAD_BYTES_MAX = 65_536;
const DEPTH_MAX = 32;

const UTF_8 = new TextDecoder("utf-8", { fatal: true });

/** The text of `payload`. */
export function readText(payload: Uint8Array): Result<string, PayloadFailure> {
  if (payload.length > PAYLOAD_BYTES_MAX) return fail("too-large");
  try {
    return ok(UTF_8.decode(payload));
  } catch {
    return fail("no-utf-8");
  }
}

/** The JSON value in `payload`. Of a key that stands twice with two values there is none. */
export function readJson(payload: Uint8Array): Result<JsonValue, PayloadFailure> {
  const text = readText(payload);
  if (!text.ok) return text;
  if (isDeeperThan(text.value, DEPTH_MAX)) return fail("too-deep");
  try {
    return ok(parse(text.value, null, (number) => new NumberText(number)) as JsonValue);
  } catch (error) {
    if (error instanceof SyntaxError) return fail("no-json");
    throw error;
  }
}

const INDEX = /^(?:0|[1-9]\d{0,5})$/;

/**
 * The value at `path`, keys and indices from the root; `undefined` where there is none. Only what was sent is found. A key
 * of digits stands for an index where there is a list, as in a JSON pointer (RFC 6901).
 */
export function valueAt(value: JsonValue, path: readonly (string | number)[]): JsonValue | undefined {
  let found: JsonValue | undefined = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null || found instanceof NumberText) return undefined;
    const isIndex = typeof key === "number" || (Array.isArray(found) && INDEX.test(key));
    if (Array.isArray(found) !== isIndex) return undefined;
    found = Object.hasOwn(found, key) ? (found as JsonObject)[key] : undefined;
  }
  return found;
}

/** Whether a value is an object. */
export function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof NumberText);
}

/** Counts open brackets outside of strings; the parser recurses once for each. */
function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '"') inString = !inString;
    else if (inString && character === "\\") index++;
    else if (!inString && (character === "{" || character === "[")) depth++;
    else if (!inString && (character === "}" || character === "]")) depth--;
    if (depth > limit) return true;
  }
  return false;
}
