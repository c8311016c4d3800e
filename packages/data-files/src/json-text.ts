/**
 * JSON read with its numbers as text, strictly (RFC 8259) and with every key at most once.
 *
 * Two passes: jsonc-parser's visitor finds syntax errors and repeated keys with their places, lossless-json makes the
 * values. The tree that knows every value's place is built only when a place is asked for: it costs more than both.
 */
import {
  findNodeAtLocation,
  parseTree,
  printParseErrorCode,
  visit,
  type JSONPath,
  type Node,
  type ParseErrorCode,
} from "jsonc-parser";
import { parse } from "lossless-json";
import {
  type Complaint,
  fail,
  type InputProblem,
  ok,
  type Place,
  type ProblemLog,
  problemLog,
  type Result,
} from "@micromarket/kernel";
import { positionsIn, type TextPosition } from "./text-position.ts";

/** A number as it is written. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A JSON value; numbers keep their text. */
export type JsonValue = null | boolean | string | NumberText | readonly JsonValue[] | JsonObject;
/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** A JSON text that was read. */
export interface JsonText {
  readonly value: JsonValue;
  /** Where the value at `path` stands; the nearest one around it where there is none. */
  placeOf(path: JSONPath): Place;
  /** Where the key of the member at `path` stands. */
  placeOfKey(path: JSONPath): Place;
}

/** Whether a value is an object. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof NumberText);
}

/** Whether a value is a list. */
export function isJsonList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Reads `text`; `file` is the name that its problems carry. A byte order mark is skipped. */
export function readJson(text: string, file: string): Result<JsonText, InputProblem[]> {
  const json = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const problems = problemLog();
  try {
    checkSyntax(json, file, problems);
    if (problems.count() > 0) return fail(problems.list());
    const value = parse(json, null, (number) => new NumberText(number)) as JsonValue;
    return ok({ value, ...placesIn(json, file) });
  } catch (error) {
    problems.add(...parserFailure(error, json, file));
    return fail(problems.list());
  }
}

/** What a parser threw: lossless-json is the stricter of the two, and neither can nest without end. */
function parserFailure(error: unknown, text: string, file: string): [Place, Complaint] {
  if (error instanceof RangeError) return [{ file, line: 1, column: 1 }, malformed("it is nested too deeply")];
  if (error instanceof SyntaxError) return [syntaxPlace(text, file, error.message), malformed(error.message)];
  throw error;
}

function malformed(what: string): Complaint {
  return { code: "JSON_MALFORMED", what: `this is no JSON: ${what}`, mend: "correct the JSON at this place" };
}

/** lossless-json is the stricter reader: it tells its place in words only. */
function syntaxPlace(text: string, file: string, message: string): Place {
  const offset = Number(/at position (\d+)/.exec(message)?.[1] ?? 0);
  return { file, ...positionsIn(text)(offset) };
}

function checkSyntax(text: string, file: string, problems: ProblemLog): void {
  const openObjects: Set<string>[] = [];
  let isBroken = false;
  visit(
    text,
    {
      onObjectBegin: () => void openObjects.push(new Set()),
      onObjectEnd: () => void openObjects.pop(),
      onObjectProperty(key, _offset, _length, line, character) {
        const keys = openObjects.at(-1);
        if (keys?.has(key) === true) {
          const what = `key ${JSON.stringify(key)} stands twice in one object`;
          const mend = "delete one of the two";
          problems.add({ file, line: line + 1, column: character + 1 }, { code: "KEY_TWICE", what, mend });
        }
        keys?.add(key);
      },
      onError(error, offset, length, line, character) {
        if (isBroken) return; // after the first error the parser only guesses
        isBroken = true;
        problems.add({ file, line: line + 1, column: character + 1 }, syntaxComplaint(error, text, offset, length));
      },
    },
    { disallowComments: true, allowTrailingComma: false },
  );
}

/** What is wrong at a place; the mistakes that people make most are named as such. */
function syntaxComplaint(error: ParseErrorCode, text: string, offset: number, length: number): Complaint {
  if (text.trim() === "") return { ...malformed("it is empty"), mend: "write a value, such as { … }" };
  if (text.startsWith("\uFFFD")) return { ...malformed("it is no UTF-8 text"), mend: "save the file as UTF-8" };
  const got = text.slice(offset, offset + length);
  if (/^[}\]]$/.test(got) && /,\s*$/.test(text.slice(0, offset))) {
    return { ...malformed(`a comma stands before ${JSON.stringify(got)}`), mend: "delete that comma" };
  }
  if (got === "" && offset >= text.trimEnd().length) {
    return { ...malformed(`it ends too early, ${errorWords(error)}`), mend: "complete it: was it cut off?" };
  }
  return malformed(`${errorWords(error)}, got ${JSON.stringify(got.length > 40 ? `${got.slice(0, 40)}…` : got)}`);
}

/** `CommaExpected` as `comma expected`. */
function errorWords(error: ParseErrorCode): string {
  return printParseErrorCode(error)
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
}

function placesIn(text: string, file: string): Pick<JsonText, "placeOf" | "placeOfKey"> {
  let root: Node | undefined;
  let positionAt: ((offset: number) => TextPosition) | undefined;
  const nodeAt = (path: JSONPath): Node | undefined => {
    root ??= parseTree(text);
    return root === undefined ? undefined : findNodeAtLocation(root, path);
  };
  const placeAt = (offset: number): Place => {
    positionAt ??= positionsIn(text);
    return { file, ...positionAt(offset) };
  };
  const placeOf = (path: JSONPath): Place => {
    const node = nodeAt(path);
    return node === undefined && path.length > 0 ? placeOf(path.slice(0, -1)) : placeAt(node?.offset ?? 0);
  };
  const placeOfKey = (path: JSONPath): Place => {
    const property = nodeAt(path)?.parent;
    return property?.type === "property" ? placeAt(property.offset) : placeOf(path);
  };
  return { placeOf, placeOfKey };
}
