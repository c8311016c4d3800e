/** What is wrong with a frame: by its schema, and by what schemas do not say. */
import { Ajv, type ValidateFunction } from "ajv";
import type { TSchema } from "@sinclair/typebox";
import { SERVER_MESSAGES } from "@micromarket/protocol";
import type { HeardFrame } from "./raw-client.ts";

const ajv = new Ajv({ strict: false, allErrors: false });
const compiled = new Map<TSchema, ValidateFunction>();

/** What of `value` is against the schema; `null`: nothing. */
export function faultOf(schema: TSchema, value: unknown): string | null {
  const validate = compiled.get(schema) ?? ajv.compile(schema);
  compiled.set(schema, validate);
  if (validate(value)) return null;
  const [first] = validate.errors ?? [];
  return `${first?.instancePath ?? ""} ${first?.message ?? "does not fit its schema"} ${JSON.stringify(first?.params ?? {})}`;
}

/** What of the frame is against the schema of its type; of types that are not known nothing. */
export function frameFault(frame: HeardFrame): string | null {
  const schema = Object.entries(SERVER_MESSAGES).find(([type]) => type === frame.type)?.[1];
  if (schema === undefined) return null;
  const fault = faultOf(schema, JSON.parse(frame.text));
  return fault === null ? null : `${frame.type}${fault}`;
}

/** The first number that is no safe integer, with its place; `null`: there is none. */
export function fractionIn(value: unknown, path = ""): string | null {
  if (typeof value === "number") return Number.isSafeInteger(value) ? null : `${path} is ${value}`;
  if (typeof value !== "object" || value === null) return null;
  for (const [name, member] of Object.entries(value)) {
    const found = fractionIn(member, `${path}/${name}`);
    if (found !== null) return found;
  }
  return null;
}

/** The first instant that says another time than its twin in milliseconds; `null`: there is none. */
export function instantFault(value: unknown, path = ""): string | null {
  if (typeof value !== "object" || value === null) return null;
  const members = Object.entries(value as Record<string, unknown>);
  for (const [name, member] of members) {
    const twin = (value as Record<string, unknown>)[`${name}_ms`];
    if (typeof member === "string" && /^\d{4}-/.test(member) && typeof twin === "number" && Date.parse(member) !== twin)
      return `${path}/${name} is ${member}, ${name}_ms is ${twin}`;
    const found = instantFault(member, `${path}/${name}`);
    if (found !== null) return found;
  }
  return null;
}
