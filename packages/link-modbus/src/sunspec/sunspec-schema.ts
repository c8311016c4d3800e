/** What SunSpec profiles and their overlays may hold: the source of the published schemas, of the check and of the types. */
import { POINT_NAMES } from "@micromarket/assets";
import { CAPABILITIES } from "@micromarket/control";
import { controlFields, profileHeadFields } from "@micromarket/device-profiles";
import { Type, type Static, type TSchema } from "@sinclair/typebox";
import { QUIRKS, type Quirk } from "./sunspec-profile.ts";

const closed = { additionalProperties: false } as const;
const SAFE = Number.MAX_SAFE_INTEGER;

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

function optionalByName<Value extends TSchema>(
  names: readonly string[],
  value: Value,
): Record<string, TSchema & { static: Static<Value> }> {
  return Object.fromEntries(names.map((name) => [name, Type.Optional(value)]));
}

const unit = integer(1, 247, 1, "A unit");
const model = integer(1, 65_534, 103, "A model");

const link = Type.Object(
  {
    port: Type.Optional(integer(1, 65_535, 502, "TCP port; 502 by default")),
    unit_probe: Type.Optional(
      Type.Array(unit, { minItems: 1, maxItems: 16, description: "Units to look at, in this order" }),
    ),
    max_registers: Type.Optional(integer(67, 125, 100, "Most registers in one answer; 100 by default")),
    timeout_ms: Type.Optional(integer(10, 60_000, 2_000, "From question to answer; 2000 by default")),
    gap_ms: Type.Optional(integer(0, 10_000, 50, "Rest between an answer and the next question; 0 by default")),
    connect_delay_ms: Type.Optional(integer(0, 60_000, 1_000, "Rest after connecting; 0 by default")),
    max_clients: Type.Optional(integer(1, 100, 1, "Clients that the device serves at once")),
    single_write: Type.Optional(
      Type.Integer({ enum: [6, 16], examples: [16], description: "Function that writes one register" }),
    ),
  },
  { ...closed, description: "How the device wants to be asked", examples: ["{ unit_probe: [1] }"] },
);

const quirks = Type.Array(choice(QUIRKS, "What the make does in its own way"), {
  maxItems: QUIRKS.length,
  uniqueItems: true,
});

const point = Type.Object(
  {
    sunspec: Type.Array(
      Type.String({ pattern: "^\\d{1,5}:\\S+$", title: "a model and its point", examples: ["103:W"] }),
      {
        minItems: 1,
        maxItems: 20,
        description: "Candidates; the first that the device implements is taken",
        examples: ['["701:W", "103:W"]'],
      },
    ),
    sign: Type.Optional(choice(["as-is", "invert"], "Invert where the device counts power out of the asset positive")),
    valid: Type.Optional(
      Type.Object(
        { min: integer(-SAFE, SAFE, 0, "Least"), max: integer(-SAFE, SAFE, 100_000, "Greatest") },
        { ...closed, description: "Plausible values in the point's unit; others are missing" },
      ),
    ),
    max_age_s: Type.Optional(integer(1, 86_400, 60, "Seconds after which a value is stale; the profile's by default")),
    counter: Type.Optional(
      Type.Object(
        {
          resets: choice(["never", "possible", "unknown"], "Whether somebody may set it back"),
          balance: choice(["vector", "per-phase", "unknown"], "Phases netted against each other, or summed one by one"),
        },
        {
          ...closed,
          description: "What a counter's registers do not say",
          examples: ["{ resets: never, balance: vector }"],
        },
      ),
    ),
  },
  closed,
);

const controls = Type.Object(optionalByName(CAPABILITIES, Type.Object(controlFields, closed)), {
  ...closed,
  description: "What the device may be told, and by which rules",
});

/** A profile's file. */
export const SunspecProfileSchema = Type.Object(
  {
    ...profileHeadFields,
    link,
    bases: Type.Array(integer(0, 65_000, 40_000, "Where the mark SunS may lie"), { minItems: 1, maxItems: 5 }),
    needs_any: Type.Array(model, {
      minItems: 1,
      maxItems: 20,
      description: "Models of which the device must have one",
    }),
    quirks,
    max_age_s: integer(1, 86_400, 60, "Seconds after which a value is stale"),
    points: Type.Object(optionalByName(POINT_NAMES, point), { ...closed, minProperties: 1 }),
    controls: Type.Optional(controls),
  },
  closed,
);

/** An overlay's file: what a make does otherwise, for each profile that it lies over. */
export const SunspecOverlaySchema = Type.Object(
  {
    ...profileHeadFields,
    link: Type.Optional(link),
    over: Type.Record(
      Type.String({ pattern: "^sunspec-[a-z]+$" }),
      Type.Object(
        {
          link: Type.Optional(link),
          quirks: Type.Optional(quirks),
          points: Type.Optional(Type.Object(optionalByName(POINT_NAMES, point), closed)),
          controls: Type.Optional(controls),
          without: Type.Optional(
            Type.Array(choice(CAPABILITIES, "What the make cannot be told"), { maxItems: CAPABILITIES.length }),
          ),
        },
        closed,
      ),
      { minProperties: 1, description: "By the profile's name", examples: ["{ sunspec-inverter: { quirks: [] } }"] },
    ),
  },
  closed,
);

export type SunspecProfileFile = Static<typeof SunspecProfileSchema> & { readonly quirks: readonly Quirk[] };
export type SunspecOverlayFile = Static<typeof SunspecOverlaySchema>;
export type SunspecPointFile = Static<typeof point>;
export type SunspecLinkFile = Static<typeof link>;
export type SunspecControlsFile = Static<typeof controls>;

/** The published JSON Schemas, by the name of their file. */
export function sunspecSchemaTexts(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries({
      "sunspec-profile.schema.json": SunspecProfileSchema,
      "sunspec-overlay.schema.json": SunspecOverlaySchema,
    }).map(([name, schema]) => [name, `${JSON.stringify(schema, null, 2)}\n`]),
  );
}
