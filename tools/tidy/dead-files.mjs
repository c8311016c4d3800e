/** Source files that nothing leads to: from the front door, or from what a bin starts, every one must be reached. */
import { posix } from "node:path";
import ts from "typescript";
import { isTypeScript, nodesOf } from "./tree.mjs";

const FOLDER = /^((?:packages|apps)\/[^/]+)\/src\//;

/**
 * @param {import("./tree.mjs").Tree} tree
 * @returns {import("./tree.mjs").Finding[]}
 */
export function checkDeadFiles(tree) {
  const sources = tree.files.filter((file) => FOLDER.test(file) && isTypeScript(file) && !file.endsWith(".d.ts"));
  const known = new Set(sources);
  const reached = new Set(entries(tree, known));
  for (const file of reached) for (const next of namedIn(tree.syntax(file), file, known)) reached.add(next);
  return sources
    .filter((file) => !reached.has(file))
    .map((file) => ({
      file,
      line: 1,
      what: "nothing leads here from index.ts or a bin",
      mend: "import it, or delete it",
    }));
}

/** Front doors, what else a manifest exports, and the built files that scripts in a bin folder start. */
function entries(tree, known) {
  const doors = [...known].filter((file) => /^(?:packages|apps)\/[^/]+\/src\/(?:index|main)\.tsx?$/.test(file));
  const exported = tree.files
    .filter((file) => /^(?:packages|apps)\/[^/]+\/package\.json$/.test(file))
    .flatMap((file) => {
      const exports = JSON.parse(tree.text(file)).exports ?? {};
      return Object.values(exports).map(({ source = "" }) => posix.join(posix.dirname(file), source));
    })
    .filter((file) => known.has(file));
  const started = tree.files
    .filter((file) => /^(?:packages|apps)\/[^/]+\/bin\//.test(file))
    .flatMap((file) =>
      namedIn(tree.syntax(file), file.replace("/bin/", "/src/"), known, (text) => text.replace("/dist/", "/src/")),
    );
  return [...doors, ...exported, ...started];
}

/** Sources of the same package that a file names in an import, a re-export, or a URL of a worker. */
function namedIn(source, file, known, mapped = (text) => text) {
  const found = [];
  for (const node of nodesOf(source)) {
    if (!ts.isStringLiteralLike(node) || !/^\.{1,2}\//.test(node.text)) continue;
    const path = posix.join(posix.dirname(file), mapped(node.text));
    found.push(
      ...[path, path.replace(/\.js$/, ".ts"), path.replace(/\.jsx?$/, ".tsx")].filter((candidate) =>
        known.has(candidate),
      ),
    );
  }
  return found;
}
