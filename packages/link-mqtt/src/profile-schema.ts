/**
 * The form of a profile file, as JSON Schema. Data only: no expressions, no scripts, no templates but named parameters.
 * Titles and examples become the mends that a user reads.
 */
import { Type, type Static, type TObject } from "@sinclair/typebox";
import { COUNTER_NAMES, POINT_NAMES, type PointName } from "@micromarket/assets";
import { UNITS } from "./exact-value.ts";

const strict = { additionalProperties: false };
const text = (title: string, example: string) =>
  Type.String({ minLength: 1, maxLength: 400, title, examples: [example] });
const choice = <Choice extends string>(...choices: Choice[]) => Type.Unsafe<Choice>({ type: "string", enum: choices });
const path = Type.Array(Type.Union([text("a key", "Power"), Type.Integer({ minimum: 0, maximum: 999 })]), {
  minItems: 1,
  maxItems: 16,
  title: "the keys from the root of the JSON to the value",
  examples: [["SML", "Power_curr"]],
});
const integer = (title: string, minimum: number, maximum: number, example: number) =>
  Type.Integer({ minimum, maximum, title, examples: [example] });

const counter = Type.Object(
  {
    resolution_wh: integer("the counter's step in Wh, rounded up", 1, 1_000_000, 1),
    resets: choice("never", "possible", "unknown"),
    balance: choice("vector", "per-phase", "unknown"),
  },
  {
    ...strict,
    title: "what the counter counts, and how finely",
    examples: [{ resolution_wh: 1, resets: "never", balance: "vector" }],
  },
);

function pointSchema(name: PointName) {
  return {
    path: Type.Optional(path),
    unit: choice(...Object.keys(UNITS[name])),
    pow10: Type.Optional(integer("the power of ten that the number is to be multiplied with", -12, 12, 0)),
    sign: choice("as-is", "invert"),
    range: Type.Array(Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }), {
      minItems: 2,
      maxItems: 2,
      title: "the lowest and the highest plausible value in the unit of the point's name",
      examples: [[-100_000, 100_000]],
    }),
    max_age_s: integer("the seconds after which a reading counts no more", 1, 86_400, 60),
  };
}

const isCounter = (name: PointName): boolean => COUNTER_NAMES.some((counted) => counted === name);

const points: TObject = Type.Object(
  Object.fromEntries(
    POINT_NAMES.map((name) => {
      const fields = isCounter(name) ? { ...pointSchema(name), counter } : pointSchema(name);
      return [name, Type.Optional(Type.Object(fields, strict))];
    }),
  ),
  { ...strict, minProperties: 1, title: "the points that this topic carries" },
);

const topic = Type.Object(
  {
    topic: text("the topic with {id} where the device's name stands", "tele/{id}/SENSOR"),
    payload: choice("json", "number"),
    partial: Type.Optional(Type.Boolean({ title: "whether a message may carry only some of the points" })),
    all_zero: Type.Optional(choice("valid", "missing")),
    time: Type.Optional(Type.Object({ path, format: choice("unix-s", "unix-ms", "iso-8601") }, strict)),
    points,
  },
  strict,
);

const parameter = Type.Object(
  { about: text("what it is", "group name of the meter"), default: Type.Optional(text("its usual value", "SML")) },
  strict,
);

/** What a profile file must look like. */
export const PROFILE_SCHEMA = Type.Object(
  {
    schema: Type.Unsafe<1>({ type: "integer", enum: [1] }),
    profile: Type.String({ pattern: "^[a-z0-9]+(-[a-z0-9]+)*$", title: "a name", examples: ["tasmota-sml"] }),
    version: Type.String({ pattern: "^\\d+\\.\\d+\\.\\d+$", title: "a version", examples: ["1.0.0"] }),
    kind: choice("meter", "inverter", "battery", "hybrid", "charger", "heat-pump", "plug", "gateway"),
    vendor: text("who makes it", "Shelly"),
    models: Type.Array(text("a model", "Pro 3EM"), { minItems: 1, maxItems: 50 }),
    verified: choice("facts", "single", "lab", "field"),
    sources: Type.Array(
      Type.Object({ title: text("a title", "manual"), url: text("a place", "example.org/manual") }, strict),
      { minItems: 1, maxItems: 20, title: "where the facts are from" },
    ),
    requirements: Type.Array(text("what the installer must do", "enable MQTT"), { maxItems: 20 }),
    caveats: Type.Array(text("what to know", "not balanced"), { maxItems: 20 }),
    params: Type.Optional(Type.Record(Type.String({ pattern: "^[a-z][a-z_]{0,30}$" }), parameter, strict)),
    availability: Type.Optional(
      Type.Object(
        {
          topic: text("the topic with {id}", "tele/{id}/LWT"),
          online: text("its payload while the device is there", "Online"),
          offline: text("its payload when the device is gone", "Offline"),
        },
        strict,
      ),
    ),
    topics: Type.Array(topic, { minItems: 1, maxItems: 20 }),
  },
  { ...strict, $id: "https://micromarket.example/schema/mqtt-profile-1.json", title: "MQTT device profile" },
);

/** A point as the file has it. */
export interface PointFile {
  readonly path?: readonly (string | number)[];
  readonly unit: string;
  readonly pow10?: number;
  readonly sign: "as-is" | "invert";
  readonly range: readonly [number, number];
  readonly max_age_s: number;
  readonly counter?: Static<typeof counter>;
}

/** A topic as the file has it. */
export type TopicFile = Omit<Static<typeof topic>, "points"> & {
  readonly points: Readonly<Partial<Record<PointName, PointFile>>>;
};

/** A profile as the file has it. */
export type ProfileFile = Omit<Static<typeof PROFILE_SCHEMA>, "topics"> & { readonly topics: readonly TopicFile[] };
