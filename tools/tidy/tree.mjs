/**
 * The files that tidy looks at: what git tracks, and what it would if it were added. Texts are read once, and parsed once.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/**
 * One line of the report.
 *
 * @typedef {{ file: string, line: number, what: string, mend: string }} Finding
 */

/**
 * @typedef {object} Tree
 * @property {string} root
 * @property {readonly string[]} files paths relative to the root, with `/`, in order
 * @property {(file: string) => string} text
 * @property {(file: string) => ts.SourceFile} syntax
 */

/**
 * @param {string} root
 * @returns {Tree}
 */
export function readTree(root) {
  const text = remembered((file) => readFileSync(join(root, file), "utf8"));
  const syntax = remembered((file) => ts.createSourceFile(file, text(file), ts.ScriptTarget.Latest, true));
  return { root, files: listFiles(root), text, syntax };
}

/**
 * What git tracks in `root`, and what it would track if it were added; whoever owns the folder.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function listFiles(root) {
  const words = ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const listing = execFileSync("git", words, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 26 });
  return [...new Set(listing.split("\0"))].filter((file) => file !== "" && isFile(join(root, file))).sort();
}

/** @param {string} path */
function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/**
 * @template Value
 * @param {(file: string) => Value} read
 * @returns {(file: string) => Value}
 */
function remembered(read) {
  /** @type {Map<string, Value>} */
  const known = new Map();
  return (file) => {
    const value = known.has(file) ? /** @type {Value} */ (known.get(file)) : read(file);
    known.set(file, value);
    return value;
  };
}

/** @param {string} file */
export const isTypeScript = (file) => /\.tsx?$/.test(file);
/** @param {string} file */
export const isCode = (file) => /\.(?:tsx?|mjs|cjs|js)$/.test(file);
/** @param {string} file */
export const isMarkdown = (file) => file.endsWith(".md");

/**
 * The 1-based line of a position in a syntax tree.
 *
 * @param {ts.SourceFile} source
 * @param {number} position
 */
export const lineAt = (source, position) => source.getLineAndCharacterOfPosition(position).line + 1;

/**
 * Every node of a syntax tree, parents before children.
 *
 * @param {ts.Node} node
 * @returns {Generator<ts.Node>}
 */
export function* nodesOf(node) {
  yield node;
  /** @type {ts.Node[]} */
  const children = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* nodesOf(child);
}
