/** What a profile file may hold below `controls`: the fields that all links share, and how the value gets into a frame. */
import { CAPABILITIES } from "@micromarket/control";
import { choice, closed, controlFields, integer } from "@micromarket/device-profiles";
import { Type, type Static } from "@sinclair/typebox";
import { checkSchema, encodingFields, readFields, SAFE } from "./schema-parts.ts";

const VARIABLES = ["$value", "$fallback", "$reversion_s"] as const;
const variable = choice(VARIABLES, "What goes out with the write");
const number = Type.Union([integer(-SAFE, SAFE, 1, "A number"), variable]);
const typed = (type: string): ReturnType<typeof Type.Object> => Type.Object({ [type]: number }, closed);

/** The short names of types in a frame. */
export const STEP_TYPES = { u16: "uint16", i16: "int16", u32: "uint32", i32: "int32", f32: "float32" } as const;

const stepValue = Type.Unsafe<number | string | Readonly<Record<string, number | string>>>(
  Type.Union(
    [integer(-0x8000, 0xffff, 1, "One register"), variable, ...Object.keys(STEP_TYPES).map((type) => typed(type))],
    { title: "a number, $value, $fallback, $reversion_s, or one of them with its type", examples: ["{ u32: 60 }"] },
  ),
);

const step = Type.Object(
  {
    function: Type.Unsafe<6 | 16>({ type: "integer", enum: [6, 16], examples: [16], description: "6 one, 16 several" }),
    address: readFields.address,
    bit: Type.Optional(integer(0, 15, 0, "Only this bit is changed: the register is read before")),
    write_only: Type.Optional(Type.Boolean({ description: "It cannot be read, and is not put back" })),
    values: Type.Array(stepValue, { minItems: 1, maxItems: 60, description: "What the registers get, in their order" }),
  },
  { ...closed, title: "a frame", examples: ['{ function: 6, address: 40, values: ["$value"] }'] },
);

const control = Type.Object(
  {
    ...controlFields,
    readback: Type.Object(
      { ...readFields, ...encodingFields },
      { ...closed, description: "Where the device tells its value; $value is written in the same way" },
    ),
    precheck: Type.Optional(Type.Array(checkSchema, { maxItems: 10, description: "What must hold before a write" })),
    activation: Type.Optional(checkSchema),
    write: Type.Array(step, { minItems: 1, maxItems: 8, description: "The frames, in their order" }),
  },
  { ...closed, title: "a control" },
);

export const controlsSchema = Type.Object(
  Object.fromEntries(CAPABILITIES.map((name) => [name, Type.Optional(control)])),
  { ...closed, description: "What can be written, by capability; the unit is in the name" },
);

/** One control as a file has it. */
export type RegisterControlSection = Static<typeof control>;
/** One of its frames. */
export type StepSection = Static<typeof step>;
