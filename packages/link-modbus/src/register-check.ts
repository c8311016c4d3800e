/** Asks a device whether registers hold what its profile says, and says in words what was found instead. */
import { fail, ok, type Result } from "@micromarket/kernel";
import { decodeNumber } from "./decode-point.ts";
import { SOFT_EXCEPTIONS, type LinkFailure } from "./link-failure.ts";
import type { ReadOutcome } from "./modbus-connection.ts";
import type { RegisterCheck } from "./encoding.ts";
import type { RegisterRange } from "./question.ts";

/** Reads registers of one device, or of another unit behind its address. */
export type ReadRegisters = (
  range: Pick<RegisterRange, "function" | "address" | "count"> & { readonly unit?: number | null },
) => Promise<ReadOutcome>;

/** `null` where the check holds, else what was found; a failure where the device gave no answer. */
export async function askCheck(read: ReadRegisters, check: RegisterCheck): Promise<Result<string | null, LinkFailure>> {
  const { unit, function: code, address, count } = check;
  const outcome = await read({ unit, function: code, address, count });
  if (outcome.ok) return ok(objectionOf(check, outcome.value));
  const { error } = outcome;
  if (error.code !== "EXCEPTION" || SOFT_EXCEPTIONS.has(error.exception)) return fail(error);
  return ok(`${check.what}: register ${check.address} is not there (exception ${error.exception})`);
}

/** `null` where `words` are as they should be. */
export function objectionOf(check: RegisterCheck, words: readonly number[]): string | null {
  const { what, address, expect } = check;
  if (expect.kind === "text") {
    const text = textOf(words);
    if (text.startsWith(expect.start)) return null;
    return `${what}: register ${address} says "${text}", not "${expect.start}"`;
  }
  const found = decodeNumber(expect.encoding, words);
  const value = found.kind === "value" ? found.value : Number.NaN;
  if (expect.kind === "one-of") {
    if (expect.values.includes(value)) return null;
    return `${what}: register ${address} holds ${value}, not ${listed(expect.values)}`;
  }
  if (value >= expect.min && value <= expect.max) return null;
  return `${what}: register ${address} holds ${value}, not ${boundsOf(expect)}`;
}

function listed(values: readonly number[]): string {
  return values.length === 1 ? String(values[0]) : `one of ${values.join(", ")}`;
}

function boundsOf({ min, max }: { readonly min: number; readonly max: number }): string {
  if (min === Number.MIN_SAFE_INTEGER) return `${max} or less`;
  return max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
}

/** Two characters a register, high byte first; what cannot be printed shows as "?". */
function textOf(words: readonly number[]): string {
  const codes = words.flatMap((word) => [word >> 8, word & 0xff]);
  return codes.map((code) => (code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : "?")).join("");
}
