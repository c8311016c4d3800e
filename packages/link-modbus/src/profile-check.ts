/** Holds a profile's text against the schema: ajv finds, this file says it in words. */
import { Ajv, type ErrorObject } from "ajv";
import { ProfileSchema, type ProfileFile } from "./profile-schema.ts";
import type { ProfilePath, ProfileProblem, ProfileText } from "./profile-text.ts";

/** The part of JSON Schema that messages are made of. */
interface Described {
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Described>>;
}

const validate = new Ajv({ allErrors: true, verbose: true, strict: false }).compile<ProfileFile>(ProfileSchema);

/** The file's content where it holds the schema, else every fault. */
export function checkProfile(text: ProfileText): ProfileFile | ProfileProblem[] {
  if (validate(text.value)) return text.value;
  return (validate.errors ?? []).map((error) => explain(error, text));
}

function explain(error: ErrorObject, text: ProfileText): ProfileProblem {
  const path: ProfilePath = error.instancePath.split("/").slice(1);
  const schema = (error.parentSchema ?? {}) as Described;
  const name = `"${path.at(-1) ?? "the file"}"`;
  const found = error.data === null || typeof error.data === "object" ? "of another kind" : JSON.stringify(error.data);
  const params = error.params as { readonly additionalProperty?: string; readonly missingProperty?: string };
  if (params.additionalProperty !== undefined) {
    const known = Object.keys(schema.properties ?? {}).join(", ");
    const keyPath = [...path, params.additionalProperty];
    return text.problemAtKey(keyPath, `unknown key "${params.additionalProperty}"`, `use one of: ${known}`);
  }
  if (params.missingProperty !== undefined) {
    const missing = schema.properties?.[params.missingProperty];
    const mend = `add ${params.missingProperty}: ${exampleOf(missing)}${aboutOf(missing)}`;
    return text.problemAt(path, `key "${params.missingProperty}" is missing`, mend);
  }
  if (error.keyword === "enum") {
    return text.problemAt(path, `${name} is ${found}`, `use one of: ${(schema.enum ?? []).join(", ")}`);
  }
  const mend = `it ${error.message ?? "is not allowed"}, for example ${exampleOf(schema)}${aboutOf(schema)}`;
  return text.problemAt(path, `${name} is ${found}`, mend);
}

function exampleOf(schema: Described | undefined): string {
  const [example = "…"] = schema?.examples ?? [];
  return typeof example === "string" ? example : JSON.stringify(example);
}

function aboutOf(schema: Described | undefined): string {
  return schema?.description === undefined ? "" : ` (${schema.description})`;
}
