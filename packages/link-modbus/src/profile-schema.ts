/**
 * What a profile file may hold: the one source of the published JSON Schema (`profiles/schema/`), of the check at run
 * time and of the type that the reader works with. Examples become part of the error messages.
 */
import { POINT_NAMES } from "@micromarket/assets";
import { Type, type Static, type TSchema } from "@sinclair/typebox";

const closed = { additionalProperties: false } as const;

function choice<const Choice extends string>(
  choices: readonly Choice[],
  description: string,
): TSchema & { static: Choice } {
  return Type.Unsafe<Choice>({ type: "string", enum: [...choices], description, examples: [choices[0]] });
}

function integer(
  minimum: number,
  maximum: number,
  example: number,
  description: string,
): ReturnType<typeof Type.Integer> {
  return Type.Integer({ minimum, maximum, examples: [example], description });
}

const SAFE = Number.MAX_SAFE_INTEGER;
const endFirst = (description: string): TSchema & { static: "big" | "little" } =>
  choice(["big", "little"], description);
const maxAge = integer(1, 86_400, 60, "Seconds after which a value is stale");

const counter = Type.Object(
  {
    resolution_wh: integer(1, 1_000_000, 10, "Smallest step that shows, Wh"),
    width_bits: integer(8, 64, 32, "Bits of the counter"),
    wraps_at_wh: Type.Optional(integer(1, SAFE, 655_360, "Reading at which it starts again from 0, Wh")),
    resets: choice(["never", "possible", "unknown"], "Whether somebody may set it back"),
    balance: choice(["vector", "per-phase", "unknown"], "Phases netted against each other, or summed one by one"),
  },
  { ...closed, description: "How an energy counter behaves", examples: ["{ resolution_wh: 10, … }"] },
);

const point = Type.Object(
  {
    function: Type.Integer({ enum: [3, 4], examples: [4], description: "3 holding, 4 input registers" }),
    address: integer(0, 65_535, 52, "First register, as on the wire, from 0"),
    type: choice(
      ["int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"],
      "How the number is kept",
    ),
    word_order: Type.Optional(endFirst("Which register comes first; the profile's by default")),
    byte_order: Type.Optional(endFirst("Which byte of a register comes first; the profile's by default")),
    pow10: Type.Optional(integer(-12, 12, 3, "Value in the point's unit = raw × multiply × 10^pow10; 0 by default")),
    multiply: Type.Optional(integer(1, 1_000_000, 1, "1 by default")),
    sign: Type.Optional(choice(["as-is", "invert"], "Invert where the device counts power out of the asset positive")),
    not_available: Type.Optional(
      Type.Array(
        Type.String({
          pattern: "^0x(?:[0-9A-Fa-f]{4}){1,4}$",
          title: "registers in hexadecimal, in quotes,",
          examples: ["0x80000000"],
        }),
        {
          description: "Registers, in their order on the wire, that stand for no value",
        },
      ),
    ),
    valid: Type.Optional(
      Type.Object(
        { min: integer(-SAFE, SAFE, 0, "Least"), max: integer(-SAFE, SAFE, 100_000, "Greatest") },
        { ...closed, description: "Plausible values in the point's unit; others are missing" },
      ),
    ),
    max_age_s: Type.Optional(maxAge),
    counter: Type.Optional(counter),
  },
  closed,
);

const points = Object.fromEntries(POINT_NAMES.map((name) => [name, Type.Optional(point)]));

/** The whole file. */
export const ProfileSchema = Type.Object(
  {
    id: Type.String({ pattern: "^[a-z0-9]+(?:-[a-z0-9]+)*$", examples: ["eastron-sdm630"] }),
    name: Type.String({ minLength: 1, maxLength: 128, examples: ["Eastron SDM630"] }),
    protocol: choice(["modbus"], "What the device speaks"),
    verified: choice(
      ["facts", "single", "lab", "field"],
      "Two sources agree; one source; an independent simulator; a real device",
    ),
    sources: Type.Array(
      Type.Object(
        {
          title: Type.String({ minLength: 1, examples: ["Maker's protocol document"] }),
          url: Type.Optional(Type.String()),
          note: Type.Optional(Type.String()),
        },
        closed,
      ),
      { minItems: 1, description: "Where the facts come from", examples: ["[{ title: Maker's protocol document }]"] },
    ),
    unit: integer(0, 255, 1, "The unit that devices have when they leave the factory"),
    word_order: endFirst("Which register of a longer number comes first: the high or the low one"),
    byte_order: Type.Optional(endFirst("Which byte of a register comes first; big by default")),
    max_registers: integer(1, 125, 80, "Most registers in one answer"),
    max_gap_registers: Type.Optional(integer(0, 124, 16, "Registers without a point to read along; 0 by default")),
    all_zero: Type.Optional(
      choice(["valid", "missing"], "Whether answers of nothing but zeros are readings; valid by default"),
    ),
    timeout_ms: Type.Optional(integer(10, 60_000, 1_000, "From question to answer; 1000 by default")),
    gap_ms: Type.Optional(integer(0, 10_000, 50, "Rest between an answer and the next question; 0 by default")),
    connect_delay_ms: Type.Optional(integer(0, 60_000, 1_000, "Rest after connecting; 0 by default")),
    max_age_s: maxAge,
    points: Type.Object(points, { ...closed, minProperties: 1, description: "By name; the unit is in the name" }),
  },
  closed,
);

/** A file that holds the schema. */
export type ProfileFile = Static<typeof ProfileSchema>;
/** One of its points. */
export type PointFile = Static<typeof point>;

/** The published JSON Schema, as text. */
export function profileSchemaText(): string {
  return `${JSON.stringify(ProfileSchema, null, 2)}\n`;
}
