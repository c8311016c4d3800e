/**
 * What source files of floors 0 to 2 must not name, and what to do instead. Everything here would let the machine, the
 * moment or the locale into a result that has to be the same everywhere.
 */
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";

const { floors, highestPureFloor } = JSON.parse(readFileSync(new URL("../floors.json", import.meta.url), "utf8"));

/** Source files of the pure floors. */
export const pureFiles = Object.keys(floors)
  .filter((name) => floors[name] <= highestPureFloor)
  .map((name) => `packages/${name}/src/**/*.ts`);

/** The only pure file that may name `Date`: it converts instants to text and back. */
export const instantFile = "packages/kernel/src/instant.ts";

const PORT =
  "Floors 0 to 2 touch no machine: take what you need as an argument, or declare a port and let floor 3 do it.";
const TIME =
  "Time comes in as an argument (InstantMs); for text use formatInstant and parseInstant of @micromarket/kernel.";
const TIMER = "Floors 0 to 2 never wait: return a value and let the caller decide when to call again.";
const DECIMAL = "Floats lose digits: read numbers from their text with parseDecimal of @micromarket/kernel.";
const LOCALE =
  "Order and text must not depend on the locale: use compareText and formatDecimal of @micromarket/kernel.";
const SYNCHRONOUS = "Floors 0 to 2 are synchronous: return a value, and let floor 3 wait for whatever is slow.";
const MATH =
  "Only abs, max, min, floor, ceil, round, trunc, sign, imul, clz32 and sqrt give the same bits on every machine: " +
  "use integers, a table or a rational approximation.";

const bannedNames = {
  [TIME]: ["Date", "performance", "Temporal"],
  [TIMER]: ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "clearTimeout", "clearInterval"],
  [PORT]: ["process", "globalThis", "global", "window", "self", "console", "fetch", "require", "module", "Buffer"],
  "Randomness comes from a seed: use randomStream of @micromarket/kernel; hashes come from hashText.": ["crypto"],
  [DECIMAL]: ["parseFloat"],
  [LOCALE]: ["Intl"],
  [SYNCHRONOUS]: ["Promise"],
  "When memory is reclaimed differs from run to run: keep the reference or drop it.": [
    "WeakRef",
    "FinalizationRegistry",
  ],
};

const bannedGlobals = Object.entries(bannedNames).flatMap(([message, names]) =>
  names.map((name) => ({ name, message })),
);

const ALLOWED_MATH = "/^(abs|max|min|floor|ceil|round|trunc|sign|imul|clz32|sqrt)$/";

const bannedSyntax = [
  { selector: "TSTypeReference[typeName.name='Date']", message: TIME },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: "Randomness comes from a seed: use randomStream of @micromarket/kernel.",
  },
  {
    selector: `MemberExpression[object.name='Math']:not([computed=false][property.name=${ALLOWED_MATH}], [property.name='random'])`,
    message: MATH,
  },
  { selector: "Identifier[name='Math']:not(MemberExpression > Identifier)", message: MATH },
  { selector: "BinaryExpression[operator='**']:not([left.bigint])", message: `\`**\` on numbers is Math.pow. ${MATH}` },
  { selector: "AssignmentExpression[operator='**=']", message: `\`**=\` on numbers is Math.pow. ${MATH}` },
  { selector: "MemberExpression[object.name='Number'][computed=true]", message: DECIMAL },
  { selector: "MemberExpression[object.name='Number'][property.name='parseFloat']", message: DECIMAL },
  { selector: "VariableDeclarator[init.name='Number']", message: DECIMAL },
  { selector: "MemberExpression[property.name='localeCompare']", message: LOCALE },
  { selector: "MemberExpression[property.name=/^toLocale/]", message: LOCALE },
  { selector: ":function[async=true]", message: SYNCHRONOUS },
  { selector: "AwaitExpression", message: SYNCHRONOUS },
  { selector: "ForOfStatement[await=true]", message: SYNCHRONOUS },
  { selector: "ImportExpression", message: `No import at run time. ${SYNCHRONOUS}` },
  { selector: "MetaProperty[meta.name='import']", message: PORT },
];

const bannedImports = {
  patterns: [
    { group: ["node:*"], message: PORT },
    { group: ["**/node_modules/**"], message: "Import a package by its name." },
    { group: builtinModules.flatMap((name) => [name, `${name}/*`]), message: PORT },
  ],
};

/**
 * The rules for pure files; `alsoSyntax` are bans that hold everywhere (a rule is set once, not added to).
 *
 * @param {readonly { selector: string, message: string }[]} alsoSyntax
 * @returns {import("eslint").Linter.RulesRecord}
 */
export function pureRules(alsoSyntax) {
  return {
    "no-restricted-globals": ["error", ...bannedGlobals],
    "no-restricted-syntax": ["error", ...alsoSyntax, ...bannedSyntax],
    "no-restricted-imports": ["error", bannedImports],
  };
}

/**
 * The same for the one file that may name `Date`.
 *
 * @type {import("eslint").Linter.RulesRecord}
 */
export const instantRules = {
  "no-restricted-globals": ["error", ...bannedGlobals.filter(({ name }) => name !== "Date")],
};
