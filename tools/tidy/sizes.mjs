/** Sizes that a reader can hold in the head: files of 400 lines, functions of 70, lines of 140. */
import ts from "typescript";
import { isCode, isTypeScript, lineAt, nodesOf } from "./tree.mjs";

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
const LINE_LENGTH_MAX = 140;

/**
 * @param {import("./tree.mjs").Tree} tree
 * @returns {import("./tree.mjs").Finding[]}
 */
export function checkSizes(tree) {
  return tree.files
    .filter(isCode)
    .flatMap((file) => [...longFile(tree, file), ...longLines(tree, file), ...longFunctions(tree, file)]);
}

function longFile(tree, file) {
  const lines = tree.text(file).replace(/\n$/, "").split("\n").length;
  if (lines <= FILE_LINES_MAX) return [];
  return [{ file, line: lines, what: `${lines} lines`, mend: `split it by noun or verb: at most ${FILE_LINES_MAX}` }];
}

function longLines(tree, file) {
  return tree
    .text(file)
    .split("\n")
    .map((text, index) => ({ file, line: index + 1, length: [...text].length }))
    .filter(({ length }) => length > LINE_LENGTH_MAX)
    .map(({ line, length }) => ({
      file,
      line,
      what: `line of ${length} characters`,
      mend: `break it: at most ${LINE_LENGTH_MAX}`,
    }));
}

function longFunctions(tree, file) {
  const source = tree.syntax(file);
  const findings = [];
  for (const node of nodesOf(source)) {
    if (!ts.isFunctionLike(node) || (isTypeScript(file) && isDescribeCallback(node))) continue;
    const first = lineAt(source, node.getStart());
    const lines = lineAt(source, node.getEnd()) - first + 1;
    if (lines <= FUNCTION_LINES_MAX) continue;
    findings.push({
      file,
      line: first,
      what: `function of ${lines} lines`,
      mend: `name its parts: at most ${FUNCTION_LINES_MAX}`,
    });
  }
  return findings;
}

/** `describe("…", () => { … })` groups tests; its length says nothing. */
function isDescribeCallback(node) {
  return ts.isCallExpression(node.parent) && /^describe\b/.test(node.parent.expression.getText());
}
