/** What this link adds to a profile's `controls.<capability>`: what is published, and where the device tells what it holds. */
import { Type } from "@sinclair/typebox";
import { POINT_NAMES, type PointName } from "@micromarket/assets";
import { CAPABILITIES } from "@micromarket/control";
import { controlFields } from "@micromarket/device-profiles";
import { choice, integer, sourceFields, strict, text, topicText, type SourceFile } from "./schema-parts.ts";

const write = Type.Object(
  {
    topic: topicText("cmnd/{id}/POWER"),
    payload: text("the payload, with $value where the value stands", "$value"),
    pow10: Type.Optional(integer("the power of ten that the value is to be multiplied with", -12, 12, 0)),
    sign: Type.Optional(choice("as-is", "invert")),
    map: Type.Optional(
      Type.Record(Type.String({ pattern: "^-?\\d+$" }), text("the device's word", "ON"), {
        ...strict,
        title: "the device's word for each value",
        examples: [{ 0: "OFF", 1: "ON" }],
      }),
    ),
  },
  strict,
);

const readbackFields = {
  topic: topicText("go-eCharger/{id}/frc"),
  payload: choice("json", "number"),
  ...sourceFields,
  sign: Type.Optional(choice("as-is", "invert")),
  max_age_s: integer("the seconds after which it counts no more", 1, 86_400, 60),
  on_change: Type.Optional(Type.Boolean({ title: "whether it is published only when it changes" })),
};

const readback = Type.Object(readbackFields, { ...strict, title: "a topic of its own" });

const requirement = Type.Object(
  { about: text("what must hold", "ESS mode is External control"), equals: Type.Integer(), ...readbackFields },
  strict,
);

const control = Type.Object(
  {
    ...controlFields,
    write: Type.Array(write, { minItems: 1, maxItems: 5, title: "what is published, in this order" }),
    requires: Type.Optional(
      Type.Array(requirement, { maxItems: 5, title: "what must hold, or the device does not obey" }),
    ),
    state: Type.Union([choice(...POINT_NAMES), readback], { title: "the point that tells the present value" }),
    keep: Type.Optional(
      Type.Object(
        {
          topic: topicText("openWB/set/{id}/heartbeat"),
          payload: Type.String({ maxLength: 400, title: "what is published", examples: ["1"] }),
          every_s: integer("the seconds between two of them", 1, 3_600, 30),
        },
        { ...strict, title: "what is published as long as the control is held" },
      ),
    ),
  },
  strict,
);

/** The controls of a profile, by capability. */
export const controlsSchema = Type.Object(
  Object.fromEntries(CAPABILITIES.map((capability) => [capability, Type.Optional(control)])),
  { ...strict, minProperties: 1, title: "what the device can be told" },
);

/** One publication of a write as a file has it. */
export interface WriteFile {
  readonly topic: string;
  readonly payload: string;
  readonly pow10?: number;
  readonly sign?: "as-is" | "invert";
  readonly map?: Readonly<Record<string, string>>;
}

/** A topic that tells a control's present value, as a file has it. */
export interface ReadbackFile extends SourceFile {
  readonly topic: string;
  readonly payload: "json" | "number";
  readonly sign?: "as-is" | "invert";
  readonly max_age_s: number;
  readonly on_change?: boolean;
}

/** What must hold before a write, as a file has it. */
export interface RequirementFile extends ReadbackFile {
  readonly about: string;
  readonly equals: number;
}

/** What this link adds to a control, as a file has it. */
export interface ControlFile {
  readonly write: readonly WriteFile[];
  readonly requires?: readonly RequirementFile[];
  readonly state: PointName | ReadbackFile;
  readonly keep?: { readonly topic: string; readonly payload: string; readonly every_s: number };
}
