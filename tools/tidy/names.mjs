/** Names that say nothing, and where to look for one that does. */
import ts from "typescript";
import { isTypeScript, lineAt, nodesOf } from "./tree.mjs";

const BANNED_WORDS = new Set(["util", "utils", "helper", "helpers", "manager", "managers"]);
const BANNED_WHOLE = new Set(["common", "misc"]);

/**
 * @param {import("./tree.mjs").Tree} tree
 * @returns {import("./tree.mjs").Finding[]}
 */
export function checkNames(tree) {
  return tree.files.flatMap((file) => [...bannedPath(file), ...(isTypeScript(file) ? bannedTypes(tree, file) : [])]);
}

function bannedPath(file) {
  const segments = file.split("/").map((segment) => segment.replace(/(?<=.)\..*$/, "").toLowerCase());
  const banned = segments.find(
    (name) => BANNED_WHOLE.has(name) || name.split(/[-_]/).some((word) => BANNED_WORDS.has(word)),
  );
  if (banned === undefined) return [];
  return [
    { file, line: 1, what: `the name "${banned}"`, mend: "name it after what is inside: a noun or verb of the domain" },
  ];
}

function bannedTypes(tree, file) {
  const source = tree.syntax(file);
  const findings = [];
  for (const node of nodesOf(source)) {
    if (!isTypeDeclaration(node) || node.name === undefined) continue;
    const name = node.name.text;
    const line = lineAt(source, node.name.getStart());
    if (/^I[A-Z][a-z]/.test(name)) {
      findings.push({ file, line, what: `the type name ${name}`, mend: `drop the I: ${name.slice(1)}` });
    }
    if (name.endsWith("Impl")) {
      findings.push({
        file,
        line,
        what: `the type name ${name}`,
        mend: "name what sets it apart from other implementations",
      });
    }
  }
  return findings;
}

function isTypeDeclaration(node) {
  return ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isClassDeclaration(node);
}
