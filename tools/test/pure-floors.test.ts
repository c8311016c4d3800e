/** What source files of the pure floors must not name, one snippet each. */
import { describe, expect, test } from "@jest/globals";
import { Linter } from "eslint";
import tseslint from "typescript-eslint";
import { instantRules, pureRules } from "../eslint/pure-floors.mjs";

const linter = new Linter();

function messages(code: string, more: Linter.RulesRecord = {}): string[] {
  const rules = { ...pureRules([]), ...more };
  const found = linter.verify(
    code,
    { files: ["**/*.ts"], languageOptions: { parser: tseslint.parser }, rules },
    "a.ts",
  );
  return found.map(({ message }) => message);
}

describe("pure floors refuse", () => {
  test.each([
    ["Date.now()", "formatInstant"],
    ["new Date(0)", "formatInstant"],
    ["let at: Date", "formatInstant"],
    ["performance.now()", "formatInstant"],
    ["Math.random()", "randomStream"],
    ["Math.sin(1)", "same bits"],
    ["Math.pow(2, 0.5)", "same bits"],
    ["Math['log'](2)", "same bits"],
    ["Math[name](2)", "same bits"],
    ["const { exp } = Math", "same bits"],
    ["[1].map(Math.cbrt)", "same bits"],
    ["2 ** 0.5", "same bits"],
    ["a **= 2", "same bits"],
    ["parseFloat('1')", "parseDecimal"],
    ["Number.parseFloat('1')", "parseDecimal"],
    ["a.localeCompare(b)", "compareText"],
    ["a.toLocaleString()", "compareText"],
    ["a?.toLocaleUpperCase()", "compareText"],
    ["new Intl.Collator()", "compareText"],
    ["process.env", "port"],
    ["globalThis.Date", "port"],
    ["console.log(1)", "port"],
    ["fetch('a')", "port"],
    ["require('a')", "port"],
    ["Buffer.from('a')", "port"],
    ["crypto.randomUUID()", "randomStream"],
    ["import.meta.url", "port"],
    ["import 'node:fs'", "port"],
    ["import { join } from 'path'", "port"],
    ["import type { Stats } from 'fs/promises'", "port"],
    ["export * from 'node:path'", "port"],
    ["import('./a.ts')", "run time"],
    ["setTimeout(f, 1)", "never wait"],
    ["setInterval(f, 1)", "never wait"],
    ["setImmediate(f)", "never wait"],
    ["queueMicrotask(f)", "never wait"],
    ["async function f() {}", "synchronous"],
    ["const f = async () => 1", "synchronous"],
    ["class A { async f() {} }", "synchronous"],
    ["await a", "synchronous"],
    ["for await (const a of b) {}", "synchronous"],
    ["Promise.resolve(1)", "synchronous"],
    ["new WeakRef(a)", "memory"],
  ])("%s", (code, remedy) => {
    expect(messages(code)).toEqual(expect.arrayContaining([expect.stringContaining(remedy)]));
  });
});

describe("pure floors allow", () => {
  test.each([
    "Math.abs(1) + Math.max(1, 2) + Math.floor(a) + Math.sqrt(4) + Math.imul(1, 2) + Math.clz32(1)",
    "[1].map(Math.trunc)",
    "10n ** 6n",
    "Number('1'); parseInt('1', 10)",
    "import { wattHours } from '@micromarket/kernel'; import { slot } from './slot.ts'",
    "interface A { date: number; process: string }; const a = { console: 1 }; a.console",
    "a.toString(); a.toUpperCase()",
  ])("%s", (code) => {
    expect(messages(code)).toEqual([]);
  });

  test("Date in the one file that writes instants as text, and nothing else there", () => {
    expect(messages("new Date(0).toISOString()", instantRules)).toEqual([]);
    expect(messages("process.exit()", instantRules)).toHaveLength(1);
  });
});
