/** YAML 1.2 read with the place and the source text of every value; keys at most once. */
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
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
} from "yaml";

/** Keys and indices from the root to a value. */
export type YamlPath = readonly (string | number)[];

/** A YAML text that was read. */
export interface YamlText {
  /** Plain values. Numbers are floats here: `sourceOf` has their text. */
  readonly value: unknown;
  /** Where the value at `path` stands; the nearest one around it where there is none. */
  placeOf(path: YamlPath): Place;
  /** Where the key of the member at `path` stands. */
  placeOfKey(path: YamlPath): Place;
  /** A scalar as it is written, without quotes. */
  sourceOf(path: YamlPath): string | null;
}

/** A bound against aliases that multiply. */
const ALIASES_MAX = 100;

/** Reads `text`; `file` is the name that its problems carry. */
export function readYaml(text: string, file: string): Result<YamlText, InputProblem[]> {
  const problems = problemLog();
  try {
    const yaml = parseYaml(text, file, problems);
    return problems.count() > 0 ? fail(problems.list()) : ok(yaml);
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof ReferenceError)) throw error;
    const what = `this is no YAML that can be read: ${error.message.toLowerCase()}`;
    const mend = "nest it less deeply, and use fewer aliases";
    return fail([{ file, line: 1, column: 1, code: "YAML_MALFORMED", what, mend }]);
  }
}

/** What a text that may be no right YAML seems to say at `path`, in its first document; `undefined`: nothing. */
export function seemsToSay(text: string, path: YamlPath): unknown {
  try {
    const [document] = parseAllDocuments(text, { prettyErrors: false, version: "1.2", uniqueKeys: false });
    return document?.getIn(path);
  } catch {
    return undefined; // nested too deeply
  }
}

/** Throws where the text nests too deeply (RangeError) or multiplies by aliases (ReferenceError). */
function parseYaml(text: string, file: string, problems: ProblemLog): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: "1.2" });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  let told = -1;
  for (const { code, pos, message } of document.errors) {
    if (pos[0] > told) problems.add(placeAt(pos[0]), yamlComplaint(code, message));
    told = Math.max(told, pos[0]); // the aftermath of an error stands at its place
  }
  visit(document, {
    Alias(_key, node) {
      if (node.resolve(document) !== undefined) return;
      const mend = `put &${node.source} before the value that it stands for, or a text into quotes`;
      const complaint = { code: "ALIAS_UNKNOWN", what: `*${node.source} stands for nothing`, mend };
      problems.add(placeAt(node.range?.[0] ?? 0), complaint);
    },
  });
  const value: unknown = problems.count() > 0 ? null : document.toJS({ maxAliasCount: ALIASES_MAX });
  return { value, ...placesIn(document, placeAt) };
}

function yamlComplaint(code: string, message: string): Complaint {
  if (code === "DUPLICATE_KEY") {
    return { code: "KEY_TWICE", what: "this key stands twice in one mapping", mend: "delete one of the two" };
  }
  const mend = "correct the YAML at this place; blanks at the start of lines count, tabs are no blanks";
  return { code: "YAML_MALFORMED", what: `this is no YAML: ${message}`, mend };
}

function placesIn(document: Document.Parsed, placeAt: (offset: number) => Place): Omit<YamlText, "value"> {
  const nodeAt = (path: YamlPath): Node | null =>
    path.reduce<Node | null>((node, key) => resolve(document, childOf(node, key)), document.contents);
  const placeOf = (path: YamlPath): Place => {
    const node = nodeAt(path);
    if (node === null && path.length > 0) return placeOf(path.slice(0, -1));
    return placeAt(node?.range?.[0] ?? 0);
  };
  const placeOfKey = (path: YamlPath): Place => {
    const key = path.at(-1);
    const pair = key === undefined ? undefined : pairOf(nodeAt(path.slice(0, -1)), key);
    const range = isScalar(pair?.key) ? pair.key.range : undefined;
    return range ? placeAt(range[0]) : placeOf(path);
  };
  const sourceOf = (path: YamlPath): string | null => {
    const node = nodeAt(path);
    return isScalar(node) ? (node.source ?? String(node.value)) : null;
  };
  return { placeOf, placeOfKey, sourceOf };
}

function resolve(document: Document.Parsed, node: Node | null): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node;
}

function childOf(node: Node | null, key: string | number): Node | null {
  if (isSeq(node)) return (node.items[Number(key)] as Node | undefined) ?? null;
  return (pairOf(node, key)?.value as Node | null | undefined) ?? null;
}

function pairOf(node: Node | null, key: string | number): Pair | undefined {
  if (!isMap(node)) return undefined;
  return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}
