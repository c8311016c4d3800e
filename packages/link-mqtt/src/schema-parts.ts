/** Small parts of the profile's schema, and what every value that is read has. */
import { Type } from "@sinclair/typebox";

export const strict = { additionalProperties: false };

export const text = (title: string, example: string) =>
  Type.String({ minLength: 1, maxLength: 400, title, examples: [example] });

export const topicText = (example: string) => text("the topic, with {id} where the device's name stands", example);

export const choice = <Choice extends string>(...choices: Choice[]) =>
  Type.Unsafe<Choice>({ type: "string", enum: choices });

export const integer = (title: string, minimum: number, maximum: number, example: number) =>
  Type.Integer({ minimum, maximum, title, examples: [example] });

const keys = Type.Array(Type.Union([text("a key", "Power"), Type.Integer({ minimum: 0, maximum: 999 })]), {
  minItems: 1,
  maxItems: 16,
  title: "the keys from the root of the JSON to the value",
  examples: [["SML", "Power_curr"]],
});

const pointer = Type.String({
  pattern: "^(?:/|\\{[a-z0-9_]+\\}$)",
  maxLength: 400,
  title: "a JSON pointer",
  examples: ["/SML/Power_curr"],
});

/** Where a value stands in a payload, and how its text becomes a number. */
export const sourceFields = {
  path: Type.Optional(Type.Union([keys, pointer], { title: "the keys from the root of the JSON to the value" })),
  element: Type.Optional(integer("which element, where the value is a list", 0, 99, 0)),
  map: Type.Optional(
    Type.Record(Type.String(), Type.Integer(), {
      title: "the number that each of the device's words stands for",
      examples: [{ ON: 1, OFF: 0 }],
    }),
  ),
  pow10: Type.Optional(integer("the power of ten that the number is to be multiplied with", -12, 12, 0)),
};

/** The keys to a value as a file has them: a list, or a JSON pointer. */
export type PathFile = readonly (string | number)[] | string;

/** Where a value stands as a file has it. */
export interface SourceFile {
  readonly path?: PathFile;
  readonly element?: number;
  readonly map?: Readonly<Record<string, number>>;
  readonly pow10?: number;
}
