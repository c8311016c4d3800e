import { describe, expect, test } from "@jest/globals";
import { fileURLToPath } from "node:url";
import { runCommand } from "./memory-console.ts";

const scenario = (name: string): string =>
  fileURLToPath(new URL(`../../../simulations/traders/${name}.json`, import.meta.url));
const SMALL = `{ "name": "small", "lowest": 0, "highest": 20, "periods": 2, "quotes": 200,
  "buyers": [[15], [9]], "sellers": [[5], [11]] }`;

describe("micromarket traders", () => {
  test("prints a table of all strategies, and as JSON the same figures", async () => {
    const table = await runCommand(["traders", scenario("smith-1962-test-1"), "--rounds", "2"]);
    expect(table).toMatchObject({ exitCode: 0, err: "" });
    expect(table.out).toContain("theory: 6 trades at 200, gain 750; 0 % of it if every unit trades");
    expect(table.out.split("\n").filter((line) => /^\s+(zi-u|zi-c|zip)\s/.test(line))).toHaveLength(15);
    const json = await runCommand(["traders", "-", "--strategy", "zi-u", "--rounds", "3", "--json"], SMALL);
    const { theory, results } = JSON.parse(json.out) as { theory: object; results: { periods: object[] }[] };
    expect(theory).toEqual({ gain: 10, trades: 1, price: 10, efficiencyIfEverythingTrades: 80 });
    expect(results[0]?.periods[0]).toMatchObject({ period: 1, efficiency: 80, trades: 2 });
  });

  test.each([
    ['"highest": 20', '"highest": "20"', "highest is"],
    ['"highest": 20', '"highest": -1', "NUMBER_OUT_OF_RANGE"],
    ["[[15], [9]]", "[]", "buyers is a list"],
    ["[[15], [9]]", "[15]", "buyers[0] is the number 15"],
    ["[[15], [9]]", "[[15.5]]", "NUMBER_OUT_OF_RANGE"],
    ["[[15], [9]]", "[[21]]", "NUMBER_OUT_OF_RANGE"],
    ['"quotes"', '"quote"', "unknown key quote"],
    ['"name": "small"', '"name": ""', "IDENTIFIER_MALFORMED"],
    ['"periods": 2', '"periods": 2, "withdrawAfterTrade": 1', "withdrawAfterTrade is the number 1"],
  ])("malformed: %s as %s", async (good, bad, where) => {
    const { exitCode, out, err } = await runCommand(["traders", "-"], SMALL.replace(good, bad));
    expect({ exitCode, out }).toEqual({ exitCode: 3, out: "" });
    expect(err).toMatch(/^<stdin>:\d+:\d+: .+ — .+\n/);
    expect(err).toContain(where);
  });

  test.each([[["--strategy", "genius"]], [["--rounds", "0"]], [["--seed", "x"]]])("usage: %p", async (words) => {
    expect(await runCommand(["traders", "-", ...words], SMALL)).toMatchObject({ exitCode: 2, out: "" });
  });
});
