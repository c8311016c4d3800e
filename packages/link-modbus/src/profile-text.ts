/** A profile's YAML with the place of every value, and what is wrong with it: where, what, and how to mend it. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair } from "yaml";

/** One thing that is wrong with a profile. Lines and columns count from 1. */
export interface ProfileProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly what: string;
  readonly mend: string;
}

/** Keys and indices from the root to a value. */
export type ProfilePath = readonly (string | number)[];

/** A text that was read. */
export interface ProfileText {
  readonly value: unknown;
  readonly problems: readonly ProfileProblem[];
  /** The problem of the value at `path`; of the nearest one around it where there is none. */
  problemAt(path: ProfilePath, what: string, mend: string): ProfileProblem;
  /** The problem of the key itself. */
  problemAtKey(path: ProfilePath, what: string, mend: string): ProfileProblem;
}

/** `file:line:column: what — mend`. */
export function formatProfileProblem({ file, line, column, what, mend }: ProfileProblem): string {
  return `${file}:${line}:${column}: ${what} — ${mend}`;
}

/** Reads `text`; `file` is the name that its problems carry. */
export function readProfileText(text: string, file: string): ProfileText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: "1.2" });
  const problem = (offset: number, what: string, mend: string): ProfileProblem => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), what, mend };
  };
  const problems = document.errors.map(({ code, pos, message }) =>
    code === "DUPLICATE_KEY"
      ? problem(pos[0], "this key stands twice in one mapping", "delete one of the two")
      : problem(pos[0], `this is no YAML: ${message}`, "correct it at this place; tabs are no blanks"),
  );
  let value: unknown = null;
  try {
    if (problems.length === 0) value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error; // an alias of nothing, or too many of them
    problems.push(problem(0, `this YAML cannot be read: ${error.message}`, "write the values out instead of aliases"));
  }
  return {
    value,
    problems,
    problemAt: (path, what, mend) => problem(nearestOffset(document, path), what, mend),
    problemAtKey: (path, what, mend) => problem(keyOffset(document, path), what, mend),
  };
}

function nearestOffset(document: Document.Parsed, path: ProfilePath): number {
  const node = nodeAt(document, path);
  if (node === null && path.length > 0) return nearestOffset(document, path.slice(0, -1));
  return node?.range?.[0] ?? 0;
}

function keyOffset(document: Document.Parsed, path: ProfilePath): number {
  const key = path.at(-1);
  const pair = key === undefined ? undefined : pairOf(nodeAt(document, path.slice(0, -1)), key);
  return (isScalar(pair?.key) ? pair.key.range?.[0] : undefined) ?? nearestOffset(document, path);
}

function nodeAt(document: Document.Parsed, path: ProfilePath): Node | null {
  return path.reduce<Node | null>((node, key) => {
    const child = childOf(node, key);
    return isAlias(child) ? (child.resolve(document) ?? null) : child;
  }, document.contents);
}

function childOf(node: Node | null, key: string | number): Node | null {
  if (isSeq(node)) return (node.items[Number(key)] as Node | undefined) ?? null;
  return (pairOf(node, key)?.value as Node | null | undefined) ?? null;
}

function pairOf(node: Node | null, key: string | number): Pair | undefined {
  if (!isMap(node)) return undefined;
  return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}
