/**
 * Holds a YAML text against a schema and says what is wrong in words: ajv finds, this file explains. Titles and examples
 * of the schema become the mends.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { type Complaint, type ProblemLog, suggest } from "@micromarket/kernel";
import type { YamlPath, YamlText } from "./yaml-text.ts";

/** The part of JSON Schema that messages are made of. */
interface Described {
  readonly title?: string;
  readonly examples?: readonly unknown[];
  readonly description?: string;
  readonly enum?: readonly (string | number)[];
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Described>>;
  readonly anyOf?: readonly Described[];
}

/** A check that logs every fault of `yaml`. */
export type SchemaCheck = (yaml: YamlText, problems: ProblemLog) => void;

/** Prepares the check of `schema`. */
export function schemaCheck(schema: object): SchemaCheck {
  const validate: ValidateFunction = new Ajv({ allErrors: true, verbose: true, strict: false }).compile(schema);
  return (yaml, problems) => {
    if (validate(yaml.value)) return;
    for (const error of chooseBranches(validate.errors ?? [])) explain(error, yaml, problems);
  };
}

/**
 * Of a union that failed, only what the author most likely meant: the branches of the value's own kind, and of those the
 * one with the fewest faults. Where no branch is of that kind, the union itself.
 */
function chooseBranches(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const union = errors.findLast((error) => error.keyword === "anyOf");
  if (union === undefined) return errors;
  const inside = (error: ErrorObject): boolean =>
    error.schemaPath.startsWith(`${union.schemaPath}/`) &&
    `${error.instancePath}/`.startsWith(`${union.instancePath}/`);
  const rest = errors.filter((error) => error !== union && !inside(error));
  const branches = new Map<string, ErrorObject[]>();
  for (const error of errors.filter(inside)) {
    const branch = error.schemaPath.slice(union.schemaPath.length + 1).split("/", 1)[0] ?? "";
    branches.set(branch, [...(branches.get(branch) ?? []), error]);
  }
  const isOtherKind = (error: ErrorObject): boolean =>
    error.keyword === "type" && error.instancePath === union.instancePath;
  const fitting = [...branches.values()].filter((branch) => !branch.some(isOtherKind));
  const [best] = fitting.sort((a, b) => a.length - b.length);
  return chooseBranches([...rest, ...(best ?? [{ ...union, keyword: "noBranch" }])]);
}

function explain(error: ErrorObject, yaml: YamlText, problems: ProblemLog): void {
  const path = pathOf(error.instancePath);
  const { additionalProperty: key } = error.params as { additionalProperty?: string };
  const place = key === undefined ? yaml.placeOf(path) : yaml.placeOfKey([...path, key]);
  problems.add(place, complaintOf(error, path, yaml.sourceOf(path)));
}

function complaintOf(error: ErrorObject, path: YamlPath, source: string | null): Complaint {
  const schema = (error.parentSchema ?? {}) as Described;
  const name = `"${nameOf(path)}"`;
  const value = source === null ? describe(error.data) : JSON.stringify(source);
  switch (error.keyword) {
    case "additionalProperties": {
      const { additionalProperty: key } = error.params as { additionalProperty: string };
      const known = Object.keys(schema.properties ?? {});
      const mend =
        known.length === 0 ? `write ${schema.title ?? "a name of the kind that stands here"}` : suggest(key, known);
      return { code: "UNKNOWN_KEY", what: `unknown key "${key}"`, mend };
    }
    case "required": {
      const { missingProperty: key } = error.params as { missingProperty: string };
      return {
        code: "KEY_MISSING",
        what: `key "${key}" is missing`,
        mend: `add ${key}: ${example(schema.properties?.[key])}${about(schema.properties?.[key])}`,
      };
    }
    case "enum":
      return {
        code: "VALUE_UNKNOWN",
        what: `${name} is ${value}`,
        mend: suggest(source ?? "", (schema.enum ?? []).map(String)),
      };
    case "pattern":
      return patternComplaint(schema, name, value);
    case "type":
      if (schema.title?.includes("unit") === true) return patternComplaint(schema, name, value);
      return { code: "WRONG_TYPE", what: `${name} is ${value}`, mend: `write ${typeWords(schema)}` };
    case "noBranch": {
      const quantity = schema.anyOf?.find((branch) => branch.title?.includes("unit") === true);
      if (typeof error.data === "number" && quantity !== undefined) return patternComplaint(quantity, name, value);
      return { code: "WRONG_TYPE", what: `${name} is ${value}`, mend: `write ${branchWords(schema)}` };
    }
    default:
      return {
        code: "VALUE_OUT_OF_RANGE",
        what: `${name} is ${value}`,
        mend: `it ${error.message ?? "is not allowed"}`,
      };
  }
}

/** The key that the value stands under, and its number where it stands in a list. */
function nameOf(path: YamlPath): string {
  const key = path.findLastIndex((part) => !/^\d+$/.test(String(part)));
  if (key < 0) return "the file";
  return `${path[key]}${path
    .slice(key + 1)
    .map((index) => `[${index}]`)
    .join("")}`;
}

/** What the schema says of a value that is not there. */
function about(schema: Described | undefined): string {
  return schema?.description === undefined ? "" : ` (${schema.description})`;
}

function patternComplaint(schema: Described, name: string, value: string): Complaint {
  const mend = `write ${schema.title ?? "it"} like ${example(schema)}`;
  if (/^"[+-]?[\d.]+[eE][+-]?\d/.test(value)) {
    return {
      code: "NUMBER_EXPONENT",
      what: `${name} is ${value}, a number with an exponent`,
      mend: `${mend}, in plain digits`,
    };
  }
  const hasNoUnit = /^"?[+-]?[\d.]+"?$/.test(value) && schema.title?.includes("unit") === true;
  const code = hasNoUnit ? "UNIT_MISSING" : "VALUE_MALFORMED";
  return { code, what: hasNoUnit ? `${name} is ${value} without a unit` : `${name} is ${value}`, mend };
}

function branchWords(schema: Described): string {
  return schema.title ?? (schema.anyOf ?? []).map(typeWords).join(", or ");
}

function typeWords(schema: Described): string {
  if (schema.enum !== undefined) return schema.enum.join(" or ");
  const shown = schema.examples === undefined ? "" : ` such as ${example(schema)}`;
  if (schema.title !== undefined) return `${schema.title}${shown}`;
  const words: Readonly<Record<string, string>> = {
    object: "a mapping",
    array: "a list",
    string: "a text",
    integer: "a whole number",
    number: "a number",
    boolean: "true or false",
  };
  return `${words[String(schema.type)] ?? String(schema.type)}${shown}`;
}

/** An example in YAML's flow style, without the quotes that YAML does not need. */
function example(schema: Described | undefined): string {
  const value = schema?.examples?.[0];
  if (value === undefined) return "…";
  return JSON.stringify(value)
    .replaceAll('"', "")
    .replaceAll(":", ": ")
    .replaceAll(",", ", ")
    .replace(/(\d): (\d)/g, "$1:$2");
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a mapping" : JSON.stringify(value);
}

/** A JSON pointer as keys and indices. */
function pathOf(pointer: string): YamlPath {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}
