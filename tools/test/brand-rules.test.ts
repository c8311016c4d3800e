/** The repository's own lint rules on snippets, with the kernel's real types. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { Linter } from "eslint";
import { join } from "node:path";
import ts from "typescript";
import tseslint from "typescript-eslint";
import { micromarket } from "../eslint/plugin.mjs";

const root = process.cwd();
const folder = join(root, "packages/kernel/test");
const IMPORTS = `
import { MINUTE, priceMicro, tradeValue, wattHours } from "@micromarket/kernel";
import type { AmountNano, DurationMs, InstantMs, IntegerQuantity, PartyId, PriceMicro, WattHours } from "@micromarket/kernel";
declare const energy: WattHours, price: PriceMicro, money: AmountNano, at: InstantMs, maybe: WattHours | null, text: string, count: number;
declare let sum: WattHours, plain: number;
`;

const legal = [
  "tradeValue(price, energy)",
  "const energyWh: number = energy; energyWh / 2",
  "BigInt(price) * BigInt(energy) / 1000n",
  "count / 2 + 3 % count",
  "energy + energy",
  "energy < sum",
  "plain *= 2",
  "wattHours(count / 2)",
  "[] as WattHours[]",
  "price as number",
  "text as 'buy' | 'sell'",
  "({ kind: text }) as { kind: string }",
  "[energy] as const",
];

const arithmetic: [string, string][] = [
  ["energy / 2", "WattHours"],
  ["2 / energy", "WattHours"],
  ["energy * price", "WattHours"],
  ["count * MINUTE", "DurationMs"],
  ["at % MINUTE", "InstantMs"],
  ["energy ** 2", "WattHours"],
  ["money / 2n", "AmountNano"],
  ["plain /= energy", "WattHours"],
  ["sum *= count", "WattHours"],
  ["maybe !== null && maybe / 2", "WattHours"],
  ["(<Q extends IntegerQuantity>(quantity: Q) => quantity / 2)", "Q"],
  ["[energy].map((each) => each / 2)", "WattHours"],
];

const assertions: [string, string][] = [
  ["0.5 as PriceMicro", "PriceMicro"],
  ["<PriceMicro>0.5", "PriceMicro"],
  ["count as unknown as WattHours", "WattHours"],
  ["count as WattHours | null", "WattHours"],
  ["[count] as WattHours[]", "WattHours"],
  ["[count] as readonly [WattHours]", "WattHours"],
  ["1n as AmountNano", "AmountNano"],
  ["text as PartyId", "PartyId"],
  ["price as typeof price", "PriceMicro"],
];

describe("rules on the kernel's brands", () => {
  const snippets = [...legal, ...[...arithmetic, ...assertions].map(([code]) => code)];
  const texts = new Map(snippets.map((code, index) => [join(folder, `snippet-${index}.ts`), `${IMPORTS}${code};\n`]));
  const found = new Map<string, Linter.LintMessage[]>();

  beforeAll(() => {
    const program = programOf(texts);
    const linter = new Linter({ cwd: root });
    const config: Linter.Config = {
      files: ["**/*.ts"],
      languageOptions: { parser: tseslint.parser, parserOptions: { programs: [program] } },
      plugins: { micromarket },
      rules: { "micromarket/no-quantity-arithmetic": "error", "micromarket/no-brand-assertion": "error" },
    };
    [...texts].forEach(([file, text], index) => found.set(snippets[index] ?? "", linter.verify(text, config, file)));
  });

  test.each(legal)("allow %s", (code) => {
    expect(found.get(code)).toEqual([]);
  });

  test.each(arithmetic)("refuse the arithmetic %s", (code, type) => {
    expect(found.get(code)).toMatchObject([
      { ruleId: "micromarket/no-quantity-arithmetic", message: expect.stringContaining(`on a quantity (${type})`) },
    ]);
  });

  test.each(assertions)("refuse the assertion %s", (code, brand) => {
    expect(found.get(code)).toMatchObject([
      { ruleId: "micromarket/no-brand-assertion", message: expect.stringContaining(`makes a ${brand} one`) },
    ]);
  });
});

/** A program of files that exist only here, beside the kernel's tests, so that imports resolve as they do there. */
function programOf(texts: ReadonlyMap<string, string>): ts.Program {
  const base = ts.readConfigFile(join(root, "tsconfig.base.json"), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(base.config, ts.sys, folder);
  const host = ts.createCompilerHost(options);
  return ts.createProgram([...texts.keys()], options, {
    ...host,
    fileExists: (file) => texts.has(file) || host.fileExists(file),
    getSourceFile: (file, version) => {
      const text = texts.get(file);
      return text === undefined ? host.getSourceFile(file, version) : ts.createSourceFile(file, text, version, true);
    },
  });
}
