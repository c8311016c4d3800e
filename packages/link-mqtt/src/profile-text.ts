/** A profile's YAML with the place of each value, held against the schema. */
import { Ajv, type ErrorObject } from "ajv";
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from "yaml";
import { fail, ok, type Result } from "@micromarket/kernel";
import type { ProfileProblem } from "./profile-problem.ts";
import { PROFILE_SCHEMA, type ProfileFile } from "./profile-schema.ts";

/** Keys and indices from the root to a value. */
export type ProfilePath = readonly (string | number)[];

/** A profile that the schema accepts. */
export interface ProfileText {
  readonly value: ProfileFile;
  /** The problem of the value at `path`, or of the nearest one around it. */
  readonly problem: (path: ProfilePath, what: string, mend: string) => ProfileProblem;
}

interface Described {
  readonly title?: string;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Described>>;
}

const TEXT_LENGTH_MAX = 100_000;
const PROBLEMS_MAX = 20;

const validate = new Ajv({ allErrors: true, verbose: true, strict: false }).compile<ProfileFile>(PROFILE_SCHEMA);

/** Reads `text`; `file` is the name that its problems carry. Anchors and aliases are refused: a profile needs none. */
export function readProfileText(text: string, file: string): Result<ProfileText, readonly ProfileProblem[]> {
  if (text.length > TEXT_LENGTH_MAX) {
    const what = `the file is longer than ${TEXT_LENGTH_MAX} characters`;
    return fail([{ file, line: 1, column: 1, what, mend: "give one file to one family of products" }]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: "1.2" });
  const place = (offset: number): Pick<ProfileProblem, "file" | "line" | "column"> => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  if (document.errors.length > 0) {
    const mend = "correct the YAML at this place; blanks at the start of lines count, tabs are no blanks";
    const problems = document.errors.map(({ pos, message }) => ({ ...place(pos[0]), what: message, mend }));
    return fail(problems.slice(0, PROBLEMS_MAX));
  }
  const problem: ProfileText["problem"] = (path, what, mend) => ({ ...place(offsetOf(document, path)), what, mend });
  const value = plainValue(document);
  if (value === undefined) return fail([problem([], "the file uses aliases", "write each value where it belongs")]);
  if (validate(value)) return ok({ value, problem });
  // Of a union only the union itself is told: its branches say the same less clearly.
  const told = (validate.errors ?? []).filter(({ schemaPath }) => !/\/anyOf\/\d/.test(schemaPath));
  return fail(told.slice(0, PROBLEMS_MAX).map((error) => explain(error, problem)));
}

function plainValue(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 }) as unknown;
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

function explain(error: ErrorObject, problem: ProfileText["problem"]): ProfileProblem {
  const path = error.instancePath.split("/").slice(1);
  const schema = (error.parentSchema ?? {}) as Described;
  const name = path.length === 0 ? "the file" : `"${path.join(".")}"`;
  const { additionalProperty, missingProperty } = error.params as Readonly<Record<string, string | undefined>>;
  if (additionalProperty !== undefined) {
    const known = Object.keys(schema.properties ?? {}).join(", ");
    const mend = known === "" ? "use small letters and _" : `use one of: ${known}`;
    return problem([...path, additionalProperty], `unknown key "${additionalProperty}"`, mend);
  }
  if (missingProperty !== undefined) {
    return problem(
      path,
      `${name} has no "${missingProperty}"`,
      `add it: ${mendOf(schema.properties?.[missingProperty])}`,
    );
  }
  const found = typeof error.data === "object" && error.data !== null ? "" : ` ${JSON.stringify(error.data)}`;
  return problem(path, `${name} is${found || " wrong"}: it ${error.message ?? "is not allowed"}`, mendOf(schema));
}

function mendOf(schema: Described | undefined): string {
  if (schema?.enum !== undefined) return `use one of: ${schema.enum.map(String).join(", ")}`;
  const example = schema?.examples?.[0];
  const shown = example === undefined ? "" : `, such as ${JSON.stringify(example)}`;
  return `write ${schema?.title ?? "what the schema asks for"}${shown}`;
}

/** Of a mapping's value the offset of its key: that is what an editor should point at. */
function offsetOf(document: Document.Parsed, path: ProfilePath): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (pair === undefined) return offset;
      offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      node = (node.items[Number(key)] as Node | undefined) ?? null;
      offset = node?.range?.[0] ?? offset;
    }
  }
  return offset;
}
