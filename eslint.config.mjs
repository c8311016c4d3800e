/**
 * Lint: bugs that types do not see, and the bans that keep results the same on every machine.
 * Layout is prettier's business, directions of imports are dependency-cruiser's, sizes and names are tools/tidy's.
 */
import eslint from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import { micromarket } from "./tools/eslint/plugin.mjs";
import { instantFile, instantRules, pureFiles, pureRules } from "./tools/eslint/pure-floors.mjs";

const typescriptFiles = ["**/*.ts", "**/*.tsx"];
const scriptFiles = ["**/*.mjs", "**/*.cjs", "**/*.js"];

const bannedEverywhere = [
  { selector: "ExportDefaultDeclaration", message: "Export by name: one thing has one name everywhere." },
  { selector: "ExportAllDeclaration:not([exported])", message: "Name what is exported: the front door is a list." },
];

const names = (list) => Object.fromEntries(list.split(" ").map((name) => [name, "readonly"]));

export default defineConfig(
  globalIgnores(["**/dist/", "**/out/", "**/.cache/", "**/.turbo/", "**/coverage/"]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  eslint.configs.recommended,
  {
    rules: { eqeqeq: "error", "no-var": "error", "prefer-const": "error", "no-eval": "error", "no-new-func": "error" },
  },
  {
    files: scriptFiles,
    languageOptions: { globals: names("process console URL setTimeout clearTimeout") },
  },
  {
    files: ["**/*.cjs"],
    languageOptions: { sourceType: "commonjs", globals: names("module require __dirname") },
  },
  {
    files: typescriptFiles,
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { micromarket },
    rules: {
      "@typescript-eslint/consistent-type-assertions": ["error", { assertionStyle: "as" }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-shadow": "error",
      "@typescript-eslint/no-unsafe-unary-minus": "off", // takes a branded number for something else than a number
      "@typescript-eslint/prefer-readonly": "error",
      "@typescript-eslint/require-array-sort-compare": ["error", { ignoreStringArrays: true }],
      "@typescript-eslint/return-await": "error",
      "@typescript-eslint/strict-boolean-expressions": ["error", { allowNullableObject: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "no-restricted-syntax": ["error", ...bannedEverywhere],
    },
  },
  {
    files: typescriptFiles,
    ignores: ["packages/kernel/src/**"],
    rules: { "micromarket/no-quantity-arithmetic": "error", "micromarket/no-brand-assertion": "error" },
  },
  { files: pureFiles, rules: pureRules(bannedEverywhere), linterOptions: { noInlineConfig: true } },
  { files: [instantFile], rules: instantRules },
);
