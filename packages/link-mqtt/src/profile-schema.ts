/**
 * The form of a profile file, as JSON Schema. Data only: no expressions, no scripts, no templates but named parameters.
 * Titles and examples become the mends that a user reads.
 */
import { Type, type Static, type TObject } from "@sinclair/typebox";
import { COUNTER_NAMES, POINT_NAMES, type PointName } from "@micromarket/assets";
import type { Capability } from "@micromarket/control";
import {
  counterSchema,
  profileHeadFields,
  type ControlSection,
  type CounterSection,
} from "@micromarket/device-profiles";
import { controlsSchema, type ControlFile } from "./control-schema.ts";
import { UNITS } from "./exact-value.ts";
import { choice, integer, sourceFields, strict, text, topicText, type SourceFile } from "./schema-parts.ts";

function pointSchema(name: PointName) {
  return {
    ...sourceFields,
    unit: choice(...Object.keys(UNITS[name])),
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
      const fields = isCounter(name) ? { ...pointSchema(name), counter: counterSchema } : pointSchema(name);
      return [name, Type.Optional(Type.Object(fields, strict))];
    }),
  ),
  { ...strict, minProperties: 1, title: "the points that this topic carries" },
);

const topic = Type.Object(
  {
    topic: topicText("tele/{id}/SENSOR"),
    payload: choice("json", "number"),
    partial: Type.Optional(Type.Boolean({ title: "whether a message may carry only some of the points" })),
    on_change: Type.Optional(
      Type.Boolean({ title: "whether the device publishes, and the broker may store, only what has changed" }),
    ),
    all_zero: Type.Optional(choice("valid", "missing")),
    time: Type.Optional(
      Type.Object({ path: sourceFields.path.anyOf[0], format: choice("unix-s", "unix-ms", "iso-8601") }, strict),
    ),
    points,
  },
  strict,
);

const parameter = Type.Object(
  {
    about: text("what it is", "group name of the meter"),
    type: Type.Optional(choice("text", "integer")),
    default: Type.Optional(Type.Union([text("its usual value", "SML"), Type.Integer()])),
    optional: Type.Optional(Type.Boolean({ title: "whether what it stands in is left out where it is not given" })),
  },
  strict,
);

/** The part of a profile that is read before all others, because it fills them. */
export const PARAMS_SCHEMA = Type.Object({
  params: Type.Optional(Type.Record(Type.String({ pattern: "^[a-z][a-z0-9_]{0,30}$" }), parameter, strict)),
});

/** What a profile file must look like. */
export const PROFILE_SCHEMA = Type.Object(
  {
    ...profileHeadFields,
    params: PARAMS_SCHEMA.properties.params,
    availability: Type.Optional(
      Type.Object(
        {
          topic: topicText("tele/{id}/LWT"),
          path: sourceFields.path,
          online: text("what it says while the device is there", "Online"),
          offline: text("what it says when the device is gone", "Offline"),
        },
        strict,
      ),
    ),
    heartbeat: Type.Optional(
      Type.Object({ topic: topicText("N/{id}/heartbeat") }, { ...strict, title: "a topic that only shows it alive" }),
    ),
    wake: Type.Optional(
      Type.Object(
        {
          topic: topicText("R/{id}/keepalive"),
          payload: Type.String({ maxLength: 400, title: "the first payload of a connection", examples: [""] }),
          again: Type.Optional(Type.String({ maxLength: 400, title: "every later payload; the first one by default" })),
          every_s: integer("the seconds between two of them", 1, 3_600, 30),
        },
        { ...strict, title: "what makes the device speak" },
      ),
    ),
    topics: Type.Array(topic, { minItems: 1, maxItems: 40 }),
    controls: Type.Optional(controlsSchema),
  },
  { ...strict, $id: "https://micromarket.example/schema/mqtt-profile-1.json", title: "MQTT device profile" },
);

/** A point as the file has it. */
export interface PointFile extends SourceFile {
  readonly unit: string;
  readonly sign: "as-is" | "invert";
  readonly range: readonly [number, number];
  readonly max_age_s: number;
  readonly counter?: CounterSection;
}

/** A topic as the file has it. */
export type TopicFile = Omit<Static<typeof topic>, "points"> & {
  readonly points: Readonly<Partial<Record<PointName, PointFile>>>;
};

/** A parameter as the file has it. */
export type ParameterFile = Static<typeof parameter>;

/** A profile as the file has it. */
export type ProfileFile = Omit<Static<typeof PROFILE_SCHEMA>, "topics" | "controls"> & {
  readonly topics: readonly TopicFile[];
  readonly controls?: Readonly<Partial<Record<Capability, ControlSection & ControlFile>>>;
};

/** The published JSON Schema, as text. */
export function profileSchemaText(): string {
  return `${JSON.stringify(PROFILE_SCHEMA, null, 2)}\n`;
}
