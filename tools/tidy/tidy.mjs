/** All checks over one tree. */
import { checkDeadFiles } from "./dead-files.mjs";
import { checkDocComments } from "./doc-comments.mjs";
import { checkDocuments } from "./documents.mjs";
import { checkNames } from "./names.mjs";
import { checkPackages } from "./packages.mjs";
import { checkSizes } from "./sizes.mjs";
import { readTree } from "./tree.mjs";
import { checkWords } from "./words.mjs";

const checks = [checkSizes, checkNames, checkDocComments, checkDocuments, checkDeadFiles, checkWords, checkPackages];

/**
 * The report on the tree under `root`: one line per finding, `file:line what — how to mend`, and the count.
 *
 * @param {string} root
 */
export function tidy(root) {
  const tree = readTree(root);
  const findings = checks.flatMap((check) => check(tree));
  const lines = findings.map(({ file, line, what, mend }) => `${file}:${line} ${what} — ${mend}`);
  return {
    lines,
    summary: `${lines.length} ${lines.length === 1 ? "finding" : "findings"} in ${tree.files.length} files`,
  };
}
