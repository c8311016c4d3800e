/** The committed pack is what its generator writes, and a judge that counts single units finds the same. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PACK = fileURLToPath(new URL("../conformance/", import.meta.url));
const UNITS_MAX = 400;

interface BookJson {
  readonly priceFloor?: number;
  readonly priceCap?: number;
  readonly orders: readonly OrderJson[];
}
interface OrderJson {
  readonly id: string;
  readonly side: "buy" | "sell";
  readonly price?: number | null;
  readonly quantity?: number;
  readonly steps?: readonly (readonly [number | null, number])[];
}
interface ExpectedJson {
  readonly answer: string;
  readonly priceInterval: readonly [number | null, number | null];
  readonly quantity: readonly [number, number];
  readonly surplus?: number;
  readonly rejected: readonly { readonly id: string }[];
  readonly fills?: readonly { readonly id: string; readonly quantity: readonly [number, number] }[];
}

function filesIn(directory: string): Map<string, string> {
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".json"));
  return new Map(paths.sort().map((path) => [path, readFileSync(join(directory, path), "utf8")]));
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-pack-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("the generator writes the pack byte for byte", () => {
  execFileSync(process.execPath, [join(PACK, "generate.mjs"), folder], { stdio: "pipe" });
  for (const part of ["books", "expected"]) expect(filesIn(join(folder, part))).toEqual(filesIn(join(PACK, part)));
}, 300_000);

interface Unit {
  readonly id: string;
  readonly limit: number;
}

/** Each single unit, best first; market orders without cap (floor) are beyond every price. */
function unitsOf(book: BookJson, side: "buy" | "sell", refused: ReadonlySet<string>): Unit[] {
  const mustRun = side === "buy" ? (book.priceCap ?? Infinity) : (book.priceFloor ?? -Infinity);
  const orders = book.orders.filter((order) => order.side === side && !refused.has(order.id));
  const units = orders.flatMap(({ id, price, quantity, steps }) =>
    (steps ?? [[price ?? null, quantity ?? 0] as const]).flatMap(([limit, energy]) =>
      Array.from({ length: energy }, () => ({ id, limit: limit ?? mustRun })),
    ),
  );
  return units.sort((a, b) => (a.limit === b.limit ? 0 : a.limit > b.limit === (side === "buy") ? -1 : 1));
}

/** How many units of `id` are among the best `volume`, where among equals they come first (last). */
function unitsAmong(units: readonly Unit[], id: string, volume: number, isFirst: boolean): number {
  const rank = (unit: Unit): number => ((unit.id === id) === isFirst ? 0 : 1);
  const groups = [...new Set(units.map(({ limit }) => limit))].map((limit) => units.filter((u) => u.limit === limit));
  const ordered = groups.flatMap((group) => group.toSorted((a, b) => rank(a) - rank(b)));
  return ordered.slice(0, volume).filter((unit) => unit.id === id).length;
}

/** Pairs unit by unit, the best bid with the best offer; prices follow word by word from who is in and who is out. */
function countUnits(bids: readonly Unit[], offers: readonly Unit[], { priceFloor, priceCap }: BookJson) {
  const [buys, sells] = [bids, offers].map((units) => units.map(({ limit }) => limit)) as [number[], number[]];
  const pairs = buys.slice(0, sells.length).map((bid, index) => [bid, sells[index] ?? Infinity] as const);
  const [least, most] = [pairs.filter(([b, s]) => b > s).length, pairs.filter(([b, s]) => b >= s).length];
  const finite = (limits: number[]): number[] => limits.filter((limit) => Number.isFinite(limit));
  const low = Math.max(priceFloor ?? -Infinity, ...finite([...sells.slice(0, most), ...buys.slice(most)]));
  const high = Math.min(priceCap ?? Infinity, ...finite([...buys.slice(0, most), ...sells.slice(most)]));
  const surplus = pairs.slice(0, most).reduce((sum, [bid, offer]) => sum + bid - offer, 0);
  const end = (price: number): number | null => (Number.isFinite(price) ? price : null);
  return { quantity: [least, most], priceInterval: [end(low), end(high)], surplus };
}

describe("books that can be counted unit by unit", () => {
  const expectations = filesIn(join(PACK, "expected", "uniform"));
  const countable = [...filesIn(join(PACK, "books", "uniform"))].flatMap(([path, text]) => {
    const expected = JSON.parse(expectations.get(path) ?? "{}") as ExpectedJson;
    if (expected.answer !== "result") return [];
    const book = JSON.parse(text) as BookJson;
    const refused = new Set(expected.rejected.map(({ id }) => id));
    const quantities = book.orders.flatMap((order) => order.steps?.map(([, q]) => q) ?? [order.quantity ?? 0]);
    const prices = book.orders.flatMap((order) => order.steps?.map(([p]) => p ?? 0) ?? [order.price ?? 0]);
    const isExact = [...quantities, ...prices].every((value) => Number.isSafeInteger(4 * value));
    if (!isExact || !quantities.every((q) => Number.isInteger(q))) return [];
    if (quantities.reduce((sum, q) => sum + Math.max(q, 0), 0) > UNITS_MAX) return [];
    return [{ path, book, expected, refused }];
  });

  test("are many", () => {
    expect(countable.length).toBeGreaterThan(60);
  });

  test.each(countable)("$path", ({ book, expected, refused }) => {
    const units = { buy: unitsOf(book, "buy", refused), sell: unitsOf(book, "sell", refused) };
    const counted = countUnits(units.buy, units.sell, book);
    expect(counted).toMatchObject({ quantity: expected.quantity, priceInterval: expected.priceInterval });
    if (expected.surplus !== undefined) expect(counted.surplus).toBe(expected.surplus);
    const accepted = book.orders.filter(({ id }) => !refused.has(id));
    const [least, most] = expected.quantity;
    expect(expected.fills).toHaveLength(accepted.length);
    expect(new Map(expected.fills?.map(({ id, quantity }) => [id, quantity]))).toEqual(
      new Map(
        accepted.map(({ id, side }) => [
          id,
          [unitsAmong(units[side], id, least, false), unitsAmong(units[side], id, most, true)],
        ]),
      ),
    );
  });
});
