import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomStream } from "@micromarket/kernel";
import { runCommand } from "./memory-console.ts";

const BOOK = `{ "orders": [
  { "id": "b1", "party": "A", "side": "buy",  "price": 40, "quantity": 5 },
  { "id": "s1", "party": "B", "side": "sell", "price": 15, "quantity": 5,
    "allOrNone": false, "minQuantity": 0, "parent": null, "group": null },
  { "id": "c1", "party": "C", "side": "buy",  "steps": [[40, 2], [30, 3]] },
  { "id": "x9", "party": "D", "side": "buy",  "price": 30, "quantity": 0 } ] }`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-clear-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("micromarket clear", () => {
  test("prints the result as JSON, from a file and from standard input alike", async () => {
    const fromFile = await runCommand(["clear", file("book.json", BOOK)]);
    const fromInput = await runCommand(["clear", "-"], BOOK);
    const byDefault = await runCommand(["clear", "--json", "--quiet"], BOOK);
    expect(fromFile).toEqual({ exitCode: 0, err: "", out: fromInput.out });
    expect(byDefault).toEqual(fromFile);
    expect(JSON.parse(fromFile.out)).toMatchObject({
      mechanism: "uniform",
      price: 40,
      quantity: 5,
      priceInterval: [40, 40],
      surplus: 125,
      scarcity: null,
      rejected: [{ id: "x9", code: "QUANTITY_NOT_POSITIVE" }],
    });
  });

  test("writes exact decimals, not floats", async () => {
    const book = `{ "k": 0.1, "scale": 2, "orders": [
      { "id": "b", "side": "buy", "price": 0.3, "quantity": 0.1 }, { "id": "s", "side": "sell", "price": 0.1, "quantity": 0.1 } ] }`;
    const { out } = await runCommand(["clear"], book);
    expect(out).toContain('"price": 0.12,');
    expect(out).toContain('"surplus": 0.02,');
  });

  test("an empty book has no price and no interval", async () => {
    const { exitCode, out } = await runCommand(["clear"], '{ "orders": [] }');
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      price: null,
      quantity: 0,
      priceInterval: [null, null],
      fills: [],
      trades: [],
    });
  });

  test.each(["vcg", "muda", "raffle"])("mechanism %s is unknown so far", async (mechanism) => {
    const inFile = await runCommand([
      "clear",
      file("mechanism.json", `{\n  "mechanism": "${mechanism}", "orders": [] }`),
    ]);
    expect(inFile).toMatchObject({ exitCode: 3, out: "" });
    expect(inFile.err).toContain("mechanism.json:2:");
    expect(inFile.err).toContain("MECHANISM_UNKNOWN");
    const byFlag = await runCommand(["clear", "--json", "--mechanism", mechanism], BOOK);
    expect(byFlag).toMatchObject({ exitCode: 3, out: "" });
    expect(JSON.parse(byFlag.err)).toMatchObject({ problems: [{ code: "MECHANISM_UNKNOWN" }] });
  });

  test("the flag overrides the file", async () => {
    expect(await runCommand(["clear", "--mechanism", "uniform"], '{ "mechanism": "vcg", "orders": [] }')).toMatchObject(
      {
        exitCode: 0,
      },
    );
  });

  test.each([
    ["{", "<stdin>:1:"],
    ['{ "orders": [\n  { "id": "b", "side": "buy", "prize": 1, "quantity": 1 } ] }', "<stdin>:2:"],
    ['{ "orders": [ { "id": "b", "side": "buy", "price": "1", "quantity": 1 } ] }', "orders[0].price"],
    ['{ "orders": [ { "id": "b", "side": "buy", "price": 0.1234567, "quantity": 1 } ] }', "orders[0].price"],
    ['{ "orders": [], "priceFloor": 2, "priceCap": 1 }', "floor"],
    ['{ "orders": [], "k": 1.5 }', "k"],
    ["[]", "<stdin>:1:1"],
  ])("malformed: %s", async (book, where) => {
    const { exitCode, out, err } = await runCommand(["clear"], book);
    expect({ exitCode, out }).toEqual({ exitCode: 3, out: "" });
    expect(err).toMatch(/^<stdin>:\d+:\d+: .+ — .+\n/);
    expect(err).toContain(where);
  });

  test("a file that is not there", async () => {
    const { exitCode, err } = await runCommand(["clear", join(folder, "missing.json")]);
    expect(exitCode).toBe(3);
    expect(err).toContain("missing.json:1:1: cannot be read");
  });

  test.each([[["clear", "--no-such-flag"]], [["clera"]], [[]], [["simulate", "x.yaml", "--seed", "one"]]])(
    "usage: %p",
    async (words) => {
      const { exitCode, out, err } = await runCommand(words);
      expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
      expect(err).not.toBe("");
    },
  );

  test("--help is help, on standard output", async () => {
    const { exitCode, out, err } = await runCommand(["--help"]);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(out).toContain("2 usage, 3 bad input");
    const commands = commandsIn(out);
    expect(commands).toEqual(expect.arrayContaining(["clear", "demo", "init", "doctor"]));
    for (const command of commands) await expectHelp([command]);
  });
});

/** Help of a command; of a group, that of each of its commands. */
async function expectHelp(command: string[]): Promise<void> {
  const help = await runCommand([...command, "--help"]);
  expect(help).toMatchObject({ exitCode: 0, err: "" });
  expect(help.out).toContain("--help");
  const group = /^Commands:\n/m.exec(help.out);
  if (group === null) for (const option of ["--json", "--quiet"]) expect(help.out).toContain(option);
  else {
    const names = commandsIn(help.out.slice(group.index));
    expect(names).not.toHaveLength(0);
    for (const name of names) await expectHelp([...command, name]);
  }
}

/** The commands that a help text lists, without `help` itself. */
function commandsIn(help: string): string[] {
  return [...help.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name ?? "").filter((name) => name !== "help");
}

describe("micromarket audit", () => {
  test("holds what clear says, strictly, for books of 0 to 100,000 orders", async () => {
    for (const orders of [0, 1, 2, 1_000, 100_000]) {
      const book = file("book.json", randomBook(orders));
      const result = file("result.json", (await runCommand(["clear", book])).out);
      const verdict = await runCommand(["audit", "--strict", book, result]);
      expect(verdict).toEqual({ exitCode: 0, out: "nothing found: the result holds\n", err: "" });
    }
  });

  test.each([
    ["pay-as-bid", {}],
    ["demand-curve", {}],
    ["mcafee", {}],
    ["huang", {}],
    ["mid-market-rate", { retailPrice: 40, feedInPrice: 8.5 }],
    ["sharing-key", { retailPrice: 40, feedInPrice: 8.5, keys: { p1: 0.3, p2: 12.5 } }],
  ])("holds what clear says by %s, for books of 0 to 5,000 orders", async (mechanism, more) => {
    for (const orders of [0, 1, 2, 5_000]) {
      const members = JSON.stringify({ mechanism, ...more }).slice(0, -1);
      const book = file("book.json", randomBook(orders).replace("{", `${members},`));
      const result = file("result.json", (await runCommand(["clear", book])).out);
      const verdict = await runCommand(["audit", "--strict", book, result]);
      expect(verdict).toEqual({ exitCode: 0, out: "nothing found: the result holds\n", err: "" });
    }
  });

  test("curves from standard input, cleared by the mechanism that the flag names", async () => {
    const book = `{ "orders": [ { "id": "heat", "points": [[0, 10], [30, 0]] },
      { "id": "pv", "side": "sell", "price": 0.02, "quantity": 4 },
      { "id": "battery", "points": [[5, 3], [15, 0], [25, -3]] } ] }`;
    const { exitCode, out } = await runCommand(["clear", "--mechanism", "demand-curve"], book);
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ mechanism: "demand-curve", scarcity: null });
    const bookFile = file("curves.json", book);
    expect(await runCommand(["audit", "--strict", "--mechanism", "demand-curve", bookFile, "-"], out)).toMatchObject({
      exitCode: 0,
    });
  });

  test("a key of another mechanism is named as such", async () => {
    const { exitCode, err } = await runCommand(["clear", "--mechanism", "huang"], '{ "retailPrice": 3, "orders": [] }');
    expect(exitCode).toBe(3);
    expect(err).toContain("<stdin>:1:3: retailPrice belongs to another mechanism: mid-market-rate, sharing-key");
  });

  test("names what does not hold, in the book's own units", async () => {
    const book = file("book.json", BOOK);
    const { out } = await runCommand(["clear", book]);
    const forged = file("forged.json", out.replace('"price": 40', '"price": 41.5'));
    const verdict = await runCommand(["audit", book, forged]);
    expect(verdict.exitCode).toBe(1);
    expect(verdict.out).toContain("PRICE_OUTSIDE_INTERVAL");
    expect(verdict.out).toContain("41.5");
    const asJson = await runCommand(["audit", "--json", book, forged]);
    const { ok, findings } = JSON.parse(asJson.out) as { ok: boolean; findings: { code: string }[] };
    expect(ok).toBe(false);
    expect(findings.map(({ code }) => code)).toContain("PRICE_OUTSIDE_INTERVAL");
  });

  test("takes a foreign engine's plain result from standard input", async () => {
    const fills = '{ "id": "b1", "quantity": 3 }, { "id": "c1", "quantity": 2 }, { "id": "s1", "quantity": 5 }';
    const foreign = `{ "price": 40, "quantity": 5, "fills": [ ${fills} ], "engine": "theirs" }`;
    expect(await runCommand(["audit", file("book.json", BOOK), "-"], foreign)).toMatchObject({ exitCode: 0, err: "" });
  });

  test("book and result cannot share standard input", async () => {
    expect(await runCommand(["audit", "-", "-"], "{}")).toMatchObject({ exitCode: 2, out: "" });
  });

  test("a result of another mechanism is refused, at its place", async () => {
    const result = '{ "mechanism": "raffle", "price": 40, "fills": [] }';
    const verdict = await runCommand(
      ["audit", file("book.json", BOOK.replace("{", '{ "mechanism": "uniform",')), "-"],
      result,
    );
    expect(verdict).toMatchObject({ exitCode: 3, out: "" });
    expect(verdict.err).toContain('<stdin>:1:16: this is a result of mechanism "raffle"');
    expect(verdict.err).toContain("MECHANISM_DIFFERS");
  });

  test("a result that is none is bad input", async () => {
    expect(await runCommand(["audit", file("book.json", BOOK), "-"], '{ "fills": 3 }')).toMatchObject({
      exitCode: 3,
      out: "",
    });
  });
});

function randomBook(orders: number): string {
  const stream = randomStream(5, "cli", String(orders));
  const rows = Array.from({ length: orders }, (_, index) => {
    const side = stream.below(2) === 0 ? "buy" : "sell";
    const [party, price, quantity] = [`p${stream.below(50)}`, `${stream.between(-20, 80)}.5`, stream.between(1, 999)];
    return `{ "id": "o${index}", "party": "${party}", "side": "${side}", "price": ${price}, "quantity": ${quantity} }`;
  });
  return `{ "slot": "2026-07-01T12:00Z", "orders": [\n${rows.join(",\n")}\n] }`;
}
