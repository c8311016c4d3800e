/** Faults that the stages of `npm run check` must name, each with a twin that does the same thing right. */

/** A fault, its twin, and the rule that tells them apart; both are planted as files of `packages/ROOM/src`. */
export interface Fault {
  readonly room: string;
  readonly rule: string;
  readonly wrong: string;
  readonly right: string;
}

const kernel = (names: string): string => `import { ${names} } from "@micromarket/kernel";\n`;
const pureRooms = ["kernel", "market", "ledger", "assets", "engine", "agents", "simulation"];

/** Found by ESLint. */
export const lintFaults: readonly Fault[] = [
  ...pureRooms.map((room) => ({
    room,
    rule: "no-restricted-globals",
    wrong: "export const read = (text: string): number => parseFloat(text);",
    right: "export const read = (text: string): number => text.length;",
  })),
  {
    room: "market",
    rule: "no-restricted-syntax",
    wrong: "export const read = (text: string): number => Number.parseFloat(text);",
    right: "export const read = (text: string): number => Number(text);",
  },
  {
    room: "market",
    rule: "no-restricted-syntax",
    wrong: 'export const read = (text: string): number => Number["parseFloat"](text);',
    right: "export const isWhole = (value: number): boolean => Number.isSafeInteger(value);",
  },
  {
    room: "engine",
    rule: "no-restricted-globals",
    wrong: "export const now = (): number => Date.now();",
    right: "export const now = (at: number): number => at;",
  },
  {
    room: "market",
    rule: "micromarket/no-brand-assertion",
    wrong: `${kernel("type PriceMicro")}export const price = 0.5 as PriceMicro;`,
    right: `${kernel("priceMicro, type PriceMicro")}export const price: PriceMicro = priceMicro(500_000);`,
  },
  {
    room: "market",
    rule: "micromarket/no-quantity-arithmetic",
    wrong: `${kernel("type WattHours")}export const half = (energy: WattHours): number => energy / 2;`,
    right: `${kernel("apportion, type WattHours")}export const half = (energy: WattHours): number[] => apportion(energy, [1, 1], String);`,
  },
  {
    room: "simulation",
    rule: "no-restricted-syntax",
    wrong: "export const draw = (): number => Math.random();",
    right: "export const draw = (a: number): number => Math.abs(a);",
  },
  {
    room: "assets",
    rule: "no-restricted-syntax",
    wrong: "export const wave = (a: number): number => Math.sin(a);",
    right: "export const wave = (a: number): number => Math.sqrt(a);",
  },
  {
    room: "assets",
    rule: "no-restricted-syntax",
    wrong: "export const wave = (a: number): number => a ** 0.5;",
    right: "export const wave = (a: bigint): bigint => 10n ** a;",
  },
  {
    room: "ledger",
    rule: "no-restricted-syntax",
    wrong: "export const sorted = (names: string[]): string[] => names.sort((a, b) => a.localeCompare(b));",
    right: `${kernel("compareText")}export const sorted = (names: string[]): string[] => names.sort(compareText);`,
  },
  {
    room: "agents",
    rule: "no-restricted-syntax",
    wrong: "export const wait = async (ready: PromiseLike<void>): PromiseLike<void> => ready;",
    right: "export const wait = (ready: PromiseLike<void>): PromiseLike<void> => ready;",
  },
  {
    room: "engine",
    rule: "no-restricted-imports",
    wrong: `import { existsSync } from "node:fs";\nexport const there: unknown = existsSync;`,
    right: `${kernel("assert")}export const there: unknown = assert;`,
  },
  {
    room: "engine",
    rule: "no-restricted-globals",
    wrong: `export const report = (text: string): unknown => console.log(text);`,
    right: `export const report = (text: string): unknown => text;`,
  },
];

/** Found by dependency-cruiser. */
export const layersFaults: readonly Fault[] = [
  {
    room: "market",
    rule: "floor-1-market",
    wrong: `export * as store from "@micromarket/store-sqlite";`,
    right: `export * as kernel from "@micromarket/kernel";`,
  },
  {
    room: "assets",
    rule: "floor-1-assets",
    wrong: `export * as market from "@micromarket/market";`,
    right: `export * as kernel from "@micromarket/kernel";`,
  },
  {
    room: "engine",
    rule: "no-deep-import",
    wrong: `export * as deep from "../../kernel/src/slot.ts";`,
    right: `export * as front from "@micromarket/kernel";`,
  },
  {
    room: "engine",
    rule: "no-relative-import-of-a-package",
    wrong: `export * as kernel from "../../kernel/src/index.ts";`,
    right: `export * as kernel from "@micromarket/kernel";`,
  },
  {
    room: "store-sqlite",
    rule: "testkit-in-tests-only",
    wrong: `export * as kit from "@micromarket/testkit";`,
    right: `export * as engine from "@micromarket/engine";`,
  },
  {
    room: "store-sqlite",
    rule: "no-app-from-elsewhere",
    wrong: `export * as command from "micromarket";`,
    right: `export * as kernel from "@micromarket/kernel";`,
  },
  {
    room: "ledger",
    rule: "no-node-on-pure-floors",
    wrong: `export * as files from "node:fs";`,
    right: `export * as kernel from "@micromarket/kernel";`,
  },
  {
    room: "market",
    rule: "only-in-its-place-@noble/hashes",
    wrong: `export * as hashes from "@noble/hashes/sha2.js";`,
    right: `export { hashText } from "@micromarket/kernel";`,
  },
  {
    room: "market",
    rule: "no-library-on-pure-floors",
    wrong: `export * as yaml from "yaml";`,
    right: `export * as kernel from "@micromarket/kernel";`,
  },
  {
    room: "store-sqlite",
    rule: "no-development-library-in-source",
    wrong: `export * as compiler from "typescript";`,
    right: `export { default as Database } from "better-sqlite3";`,
  },
  {
    room: "store-sqlite",
    rule: "no-undeclared-library",
    wrong: `export * as parser from "acorn";`,
    right: `export * as files from "node:fs";`,
  },
  {
    room: "market",
    rule: "no-unresolvable-import",
    wrong: `export * as nothing from "./nothing.ts";`,
    right: `export * as tender from "./tender.ts";`,
  },
];

/** Found by the compiler. */
export const buildFaults: readonly Fault[] = [
  {
    room: "market",
    rule: "TS2345",
    wrong: `${kernel("tradeValue, wattHours")}export const value: bigint = tradeValue(25, wattHours(1));`,
    right: `${kernel("priceMicro, tradeValue, wattHours")}export const value: bigint = tradeValue(priceMicro(25), wattHours(1));`,
  },
  {
    room: "market",
    rule: "TS2322",
    wrong: `${kernel("type PriceMicro")}export const price: PriceMicro = 25;`,
    right: `${kernel("priceMicro, type PriceMicro")}export const price: PriceMicro = priceMicro(25);`,
  },
  {
    room: "market",
    rule: "TS2345",
    wrong: `${kernel("priceMicro, tradeValue, wattHours")}export const value: bigint = tradeValue(wattHours(1), priceMicro(25));`,
    right: `${kernel("priceMicro, tradeValue, wattHours")}export const value: bigint = tradeValue(priceMicro(25), wattHours(1));`,
  },
];
