/**
 * The units of the wire: integers in the unit of their name, money as a text of nano-currency, instants twice, as ISO
 * 8601 in UTC and as milliseconds.
 */
import { formatInstant, type InstantMs } from "@micromarket/kernel";
import { Type, type Static, type TSchema } from "@sinclair/typebox";

/** A safe integer; the unit is in the field's name. */
export const Integer = Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER });

/** A count. */
export const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** Money: billionths of the currency as a text of decimal digits, because it may leave the safe integers. */
export const Amount = Type.String({ pattern: "^-?[0-9]+$" });

/** ISO 8601 in UTC. */
export const Instant = Type.String({ pattern: "^[+-]?[0-9]{4,6}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$" });

/** A name: of a party, a tender, a device. */
export const Name = Type.String({ minLength: 1 });

/** What `schema` describes, or null. */
export function nullable<Schema extends TSchema>(schema: Schema) {
  const choices =
    "enum" in schema && Array.isArray(schema["enum"]) ? { enum: [...(schema["enum"] as unknown[]), null] } : {};
  return Type.Unsafe<Static<Schema> | null>({ ...schema, ...choices, nullable: true });
}

/** One of the given texts. */
export function oneOf<const Choice extends string>(...choices: readonly Choice[]) {
  return Type.Unsafe<Choice>({ type: "string", enum: [...choices] });
}

/** An object without further fields. */
export function closedObject<Properties extends Record<string, TSchema>>(properties: Properties) {
  return Type.Object(properties, { additionalProperties: false });
}

/** An instant as a text. */
export function instantText(instant: InstantMs): string {
  return formatInstant(instant);
}

/** What `write` makes of a value that is there. */
export function mapNullable<Value, Written>(value: Value | null, write: (value: Value) => Written): Written | null {
  return value === null ? null : write(value);
}
