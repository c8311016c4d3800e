/**
 * What a profile file may hold: the one source of the published JSON Schema (`profiles/schema/`), of the check at run
 * time and of the type that the reader works with. Examples become part of the error messages.
 */
import { POINT_NAMES } from "@micromarket/assets";
import { choice, closed, counterSchema, integer, profileHeadFields } from "@micromarket/device-profiles";
import { Type, type Static } from "@sinclair/typebox";
import { controlsSchema } from "./control-schema.ts";
import { linkSchema } from "./link-section.ts";
import { ALL_ZERO } from "./profile.ts";
import { checkSchema, encodingFields, readFields, SAFE } from "./schema-parts.ts";

const maxAge = integer(1, 172_800, 60, "Seconds after which a value is stale");
const addresses = (description: string) =>
  Type.Optional(Type.Array(integer(0, 65_535, 54, "First register"), { minItems: 1, maxItems: 4, description }));

const point = Type.Object(
  {
    ...readFields,
    ...encodingFields,
    plus: addresses("Further numbers kept in the same way, which are added"),
    minus: addresses("Further numbers kept in the same way, which are taken off"),
    poll: Type.Optional(
      choice(
        ["fast", "normal", "slow", "static"],
        "Each poll, every 3rd, every 30th, once a connection and a day; fast by default",
      ),
    ),
    valid: Type.Optional(
      Type.Object(
        { min: integer(-SAFE, SAFE, 0, "Least"), max: integer(-SAFE, SAFE, 100_000, "Greatest") },
        { ...closed, description: "Plausible values in the point's unit; others are missing" },
      ),
    ),
    max_age_s: Type.Optional(maxAge),
    counter: Type.Optional(counterSchema),
  },
  closed,
);

const points = Object.fromEntries(POINT_NAMES.map((name) => [name, Type.Optional(point)]));

/** The whole file. */
export const ProfileSchema = Type.Object(
  {
    ...profileHeadFields,
    link: linkSchema,
    identify: Type.Optional(
      Type.Array(checkSchema, { maxItems: 10, description: "Must all hold, or it is another device" }),
    ),
    all_zero: Type.Optional(choice(ALL_ZERO, "Whether answers of nothing but zeros are readings; valid by default")),
    max_age_s: maxAge,
    points: Type.Object(points, { ...closed, minProperties: 1, description: "By name; the unit is in the name" }),
    controls: Type.Optional(controlsSchema),
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
