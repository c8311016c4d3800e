/** Parts of the profile's schema that several sections share. Examples become part of the error messages. */
import { choice, closed, integer } from "@micromarket/device-profiles";
import { Type, type Static, type TObject, type TSchema } from "@sinclair/typebox";

export const SAFE = Number.MAX_SAFE_INTEGER;
export const TYPES = ["int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"] as const;

/** Where registers stand. */
export const readFields = {
  function: Type.Unsafe<3 | 4>({
    type: "integer",
    enum: [3, 4],
    examples: [4],
    description: "3 holding, 4 input registers",
  }),
  address: integer(0, 65_535, 52, "First register, as on the wire, from 0"),
};

const endFirst = (description: string): TSchema & { static: "big" | "little" } =>
  choice(["big", "little"], description);

/** How a number stands in its registers. */
export const encodingFields = {
  type: choice(TYPES, "How the number is kept"),
  word_order: Type.Optional(endFirst("Which register comes first; the profile's by default")),
  byte_order: Type.Optional(endFirst("Which byte of a register comes first; the profile's by default")),
  pow10: Type.Optional(integer(-12, 12, 3, "Value in the point's unit = raw × multiply × 10^pow10; 0 by default")),
  multiply: Type.Optional(integer(1, 1_000_000, 1, "1 by default")),
  sign: Type.Optional(choice(["as-is", "invert"], "Invert where the device counts power out of the asset positive")),
  map: Type.Optional(
    Type.Record(Type.String({ pattern: "^-?(?:0|[1-9]\\d{0,9})$" }), integer(-SAFE, SAFE, 2, "What it stands for"), {
      ...closed,
      minProperties: 1,
      title: "raw: value",
      description: "What each raw number stands for; others stand for nothing",
      examples: ["{ 1: 0, 2: 2 }"],
    }),
  ),
  not_available: Type.Optional(
    Type.Array(
      Type.String({
        pattern: "^0x(?:[0-9A-Fa-f]{4}){1,4}$",
        title: "registers in hexadecimal, in quotes,",
        examples: ["0x80000000"],
      }),
      { description: "Registers, in their order on the wire, that stand for no value" },
    ),
  ),
};

/** The fields of an encoding as a file has them. */
export type EncodingSection = Static<TObject<typeof encodingFields>>;

const numberType = (types: readonly (typeof TYPES)[number][]): TSchema & { static: (typeof TYPES)[number] } =>
  choice(types, "How the number is kept; uint16 by default");

/** What registers must hold. */
export const checkSchema = Type.Object(
  {
    what: Type.String({ minLength: 1, maxLength: 200, examples: ["the meter is of the EM24-E1 family"] }),
    unit: Type.Optional(integer(0, 255, 100, "Another unit behind the same address; the device's own by default")),
    ...readFields,
    type: Type.Optional(numberType(["int16", "uint16", "int32", "uint32"])),
    one_of: Type.Optional(
      Type.Array(integer(-SAFE, SAFE, 7, "A raw number"), { minItems: 1, maxItems: 50, description: "Raw numbers" }),
    ),
    min: Type.Optional(integer(-SAFE, SAFE, 0, "Least raw number")),
    max: Type.Optional(integer(-SAFE, SAFE, 100, "Greatest raw number")),
    starts_with: Type.Optional(Type.String({ minLength: 1, maxLength: 100, examples: ["SUN2000"] })),
  },
  { ...closed, title: "a check", examples: ["{ what: the model, function: 3, address: 11, one_of: [1648] }"] },
);

/** A check as a file has it. */
export type CheckSection = Static<typeof checkSchema>;
