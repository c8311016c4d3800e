/** What every package has: a README, and a floor. */
import { readFileSync } from "node:fs";

const { floors, sideRoom } = JSON.parse(readFileSync(new URL("../floors.json", import.meta.url), "utf8"));

/**
 * @param {import("./tree.mjs").Tree} tree
 * @returns {import("./tree.mjs").Finding[]}
 */
export function checkPackages(tree) {
  const files = new Set(tree.files);
  return tree.files
    .filter((file) => /^(?:packages|apps)\/[^/]+\/package\.json$/.test(file))
    .flatMap((file) => [...readme(file, files), ...floor(file)]);
}

function readme(file, files) {
  const wanted = file.replace("package.json", "README.md");
  if (files.has(wanted)) return [];
  return [
    { file, line: 1, what: "a package without README.md", mend: "a paragraph, a map of the files, the invariants" },
  ];
}

function floor(file) {
  const [, name] = /^packages\/([^/]+)\//.exec(file) ?? [];
  if (name === undefined || name === sideRoom || name in floors) return [];
  return [{ file, line: 1, what: "a package without a floor", mend: "give it one in tools/floors.json" }];
}
