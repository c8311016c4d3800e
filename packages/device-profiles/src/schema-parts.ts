/** Small parts of the profiles' schemas. Titles and examples become the mends that a user reads. */
import { Type, type TSchema } from "@sinclair/typebox";

export const closed = { additionalProperties: false } as const;

export function text(description: string, example: string): ReturnType<typeof Type.String> {
  return Type.String({ minLength: 1, maxLength: 400, title: description, description, examples: [example] });
}

export function choice<const Choice extends string>(
  choices: readonly Choice[],
  description: string,
): TSchema & { static: Choice } {
  return Type.Unsafe<Choice>({ type: "string", enum: [...choices], description, examples: [choices[0]] });
}

export function integer(
  minimum: number,
  maximum: number,
  example: number,
  description: string,
): ReturnType<typeof Type.Integer> {
  return Type.Integer({ minimum, maximum, examples: [example], description });
}
