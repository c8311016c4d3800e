/** Every export of floors 0 to 2 says what it is: shape, units, errors, source. */
import { readFileSync } from "node:fs";
import ts from "typescript";
import { isTypeScript, lineAt } from "./tree.mjs";

const { floors, highestPureFloor } = JSON.parse(readFileSync(new URL("../floors.json", import.meta.url), "utf8"));

/** @param {string} file */
const isPureSource = (file) => {
  const [, name] = /^packages\/([^/]+)\/src\//.exec(file) ?? [];
  return name !== undefined && floors[name] <= highestPureFloor && isTypeScript(file);
};

/**
 * What a front door re-exports is an export of the file that declares it, and is checked there.
 *
 * @param {import("./tree.mjs").Tree} tree
 * @returns {import("./tree.mjs").Finding[]}
 */
export function checkDocComments(tree) {
  return tree.files.filter(isPureSource).flatMap((file) => undocumented(tree.syntax(file), file));
}

function undocumented(source, file) {
  const declarations = source.statements.flatMap(declarationsOf);
  const listed = new Set(source.statements.flatMap(namesInExportList));
  const exported = declarations.filter(({ name, statement }) => listed.has(name) || hasExport(statement));
  const documented = new Set(exported.filter(({ statement }) => hasDocComment(statement)).map(({ name }) => name));
  return exported
    .filter(({ name }, index) => !documented.has(name) && exported.findIndex((other) => other.name === name) === index)
    .map(({ name, statement }) => ({
      file,
      line: lineAt(source, statement.getStart()),
      what: `${name} is exported and has no doc comment`,
      mend: "say shape, units and errors in a /** … */ above it",
    }));
}

function declarationsOf(statement) {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((declaration) => ({
      name: declaration.name.getText(),
      statement,
    }));
  }
  return statement.name === undefined ? [] : [{ name: statement.name.getText(), statement }];
}

/** The local names of `export { a, b as c }`, which stand for declarations of the same file. */
function namesInExportList(statement) {
  if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier !== undefined) return [];
  if (statement.exportClause === undefined || !ts.isNamedExports(statement.exportClause)) return [];
  return statement.exportClause.elements.map((element) => (element.propertyName ?? element.name).text);
}

const hasExport = (statement) => statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;

const hasDocComment = (statement) => ts.getJSDocCommentsAndTags(statement).some(ts.isJSDoc);
