import { describe, expect, test } from "@jest/globals";
import { scenarioHash } from "../src/scenario-hash.ts";
import { columnOf, loadFiles, loadText, problemsOf, scenarioText, type ScenarioWords } from "./scenario-folder.ts";
import { valueOf } from "./told.ts";

const loadWords = (words: ScenarioWords, seed = 1): ReturnType<typeof loadFiles> =>
  loadFiles({ "scenario.yaml": scenarioText(words) }, seed);
const problems = (words: ScenarioWords): string[] =>
  problemsOf({ "scenario.yaml": scenarioText(words) }).map((line) => line.replace("scenario.yaml:", ""));
const told = (words: ScenarioWords): string[] => {
  const result = loadWords(words);
  return result.ok ? [] : result.error.map(({ what, mend }) => `${what} — ${mend}`);
};

describe("a scenario", () => {
  test("is resolved with all its defaults", () => {
    const { scenario, inputs, outputs, report, description } = valueOf(loadWords({}));
    expect({ ...scenario, homes: scenario.homes.map(({ id }) => id) }).toEqual({
      name: "test",
      seed: 1,
      start: Date.UTC(2026, 0, 1),
      slotCount: 4,
      rules: {
        market: "test",
        rulesVersion: 1,
        currency: "EUR",
        slotLength: 900_000,
        gateLead: 300_000,
        horizon: 86_400_000,
        auction: {
          k: { numerator: 1n, denominator: 2n },
          ...{ tick: 1, priceFloor: null, priceCap: 1_000_000, rationing: "pro-rata" },
        },
        residual: { party: "supplier", importLimit: 1_000_000_000, exportLimit: 1_000_000_000 },
      },
      homes: ["home-1"],
      tariff: [300_000, 300_000, 300_000, 300_000],
      feedIn: [80_000, 80_000, 80_000, 80_000],
      carbon: null,
      forecast: "perfect",
      bidding: { load: 1_000_000, pvReserve: 0 },
    });
    expect(inputs.map(({ path }) => path)).toEqual(["scenario.yaml"]);
    expect(outputs).toEqual({ slots: true, trades: true, bills: true, nodes: true });
    expect([report, description]).toEqual([{ series: [], flagged_homes: [] }, ""]);
  });

  test("takes every word that it may hold", () => {
    const text = `
name: everything
description: All keys at once.
start: "2026-03-29T00:00"
zone: Europe/Berlin
horizon: { days: 1 }
slot: 30m
market:
  id: street
  currency: CHF
  priceFloor: -0.5 CHF/kWh
  priceCap: 500 CHF/MWh
  tick: 0.001CHF/kWh
  k: 0.30000000000000001
  rationing: time-priority
  gateLead: 10 min
  tenderHorizon: 2d
supplier:
  id: grid
  tariff:
    otherwise: 0.20 CHF/kWh
    windows:
      - { from: "22:00", to: "01:00", days: [sat], price: 0.10 CHF/kWh }
      - { from: "12:00", to: "24:00", months: [3], price: 0.30 CHF/kWh }
  feedIn: 0.05 CHF/kWh
  importLimit: 33.3 kW
  exportLimit: 5 kWh
carbon: 0.38 kg/kWh
homes:
  generate: { count: 2, pvShare: 12.5 %, nameplate: { from: 2 kW, to: 2500 W } }
agents: { forecast: persistence, load: 0.4 CHF/kWh, pvReserve: feed-in }
outputs: { trades: false }
`;
    const { scenario, outputs } = valueOf(loadFiles({ "scenario.yaml": text }));
    const { rules, tariff, slotCount, bidding, carbon } = scenario;
    expect(slotCount).toBe(46); // the night in which an hour is left out
    expect(rules).toMatchObject({
      ...{ market: "street", currency: "CHF", slotLength: 1_800_000, gateLead: 600_000, horizon: 172_800_000 },
      auction: {
        k: { numerator: 30000000000000001n, denominator: 100000000000000000n },
        ...{ priceFloor: -500_000, priceCap: 500_000, tick: 1_000, rationing: "time-priority" },
      },
      residual: { party: "grid", importLimit: 16_650, exportLimit: 5_000 },
    });
    // Saturday's window reaches into Sunday until 1:00; noon comes an hour early in slots.
    expect(tariff.map((price) => Math.round(Number(price) / 1_000))).toEqual([
      ...Array<number>(2).fill(100),
      ...Array<number>(20).fill(200),
      ...Array<number>(24).fill(300),
    ]);
    expect(carbon?.[45]).toBe(380_000_000);
    expect(bidding).toEqual({ load: 400_000, pvReserve: 50_000 });
    expect(outputs).toEqual({ slots: true, trades: false, bills: true, nodes: true });
  });

  test("makes other homes from another seed, and the same from the same", () => {
    const loads = (seed: number): unknown =>
      valueOf(loadWords({ horizon: "{ days: 1 }" }, seed)).scenario.homes[0]?.load;
    expect(loads(7)).toEqual(loads(7));
    expect(loads(7)).not.toEqual(loads(8));
  });

  test("has one hash, in whatever words", () => {
    const hash = (words: ScenarioWords): string => scenarioHash(valueOf(loadWords(words)).scenario);
    const plain = hash({});
    expect(hash({ market: "{ priceCap: 1000 EUR/MWh, currency: EUR, k: 0.50 } # a note", slot: "900 s" })).toBe(plain);
    expect(hash({ start: "2026-01-01T01:00+01:00", zone: '"Z"' })).toBe(plain);
    expect(hash({ market: "{ currency: EUR, priceCap: 1 EUR/kWh, k: 0.51 }" })).not.toBe(plain);
    expect(hash({ supplier: "{ tariff: 0.31 EUR/kWh, feedIn: 0.08 EUR/kWh }" })).not.toBe(plain);
  });

  test("expands one entry to many homes and looks their plants up", () => {
    const homes = `
  list:
    - id: home-{n}
      each: { from: 1, to: 4, except: [3] }
      load: { file: "h{n}.csv", column: load, unit: Wh }
      pv:
        file: "h{n}.csv"
        column: pv
        unit: W/kW
        nameplate: { file: plants.csv, keyColumn: home, key: "H{n}", column: kw, unit: kW }`;
    const file = (load: number): string => `load,pv\n${`${load},500\n`.repeat(4)}`;
    const { scenario, inputs } = valueOf(
      loadFiles({
        ...{ "scenario.yaml": scenarioText({ homes }), "h1.csv": file(1), "h2.csv": file(2), "h4.csv": file(4) },
        "plants.csv": "home,kw\nH4,4.5\nH2,2\nH1,1\n",
      }),
    );
    expect(scenario.homes.map(({ id, load, pv }) => [id, load[0], pv[3]])).toEqual([
      ["home-1", 1, 125],
      ["home-2", 2, 250],
      ["home-4", 4, 562],
    ]);
    expect(inputs.map(({ path }) => path)).toEqual(["h1.csv", "h2.csv", "h4.csv", "plants.csv", "scenario.yaml"]);
    const [first] = inputs;
    expect(first).toEqual({ path: "h1.csv", bytes: 32, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });
});

describe("a scenario that is wrong is refused at its place:", () => {
  test.each<[ScenarioWords, string | string[]]>([
    [{ rest: "suplier: {}" }, "9:1 UNKNOWN_KEY"],
    [{ market: "{ currency: EUR, priceCapp: 1 EUR/kWh }" }, "5:26 UNKNOWN_KEY"],
    [{ market: "{ priceCap: 1 EUR/kWh }" }, "5:9 KEY_MISSING"],
    [{ market: "[]" }, "5:9 WRONG_TYPE"],
    [{ market: "{ currency: euro, priceCap: 1 EUR/kWh }" }, "5:21 VALUE_MALFORMED"],
    [{ market: "{ currency: EUR, priceCap: 1 EUR/kWh, rationing: prorata }" }, "5:58 VALUE_UNKNOWN"],
    [{ market: "{ currency: EUR, priceCap: 1 EUR/kWh, k: 1.5 }" }, "5:50 VALUE_OUT_OF_RANGE"],
    [{ market: "{ currency: EUR, priceCap: 1 EUR/kWh, k: half }" }, "5:50 WRONG_TYPE"],
    [{ market: "{ currency: EUR, priceCap: 1 EUR/kWh, k: 5e-1 }" }, "5:50 NUMBER_MALFORMED"],
    [{ market: "{ currency: EUR, priceCap: 1 }" }, "5:36 UNIT_MISSING"],
    [{ market: '{ currency: EUR, priceCap: "1" }' }, "5:36 UNIT_MISSING"],
    [{ market: "{ currency: EUR, priceCap: 1e0 EUR/kWh }" }, "5:36 NUMBER_EXPONENT"],
    [{ market: "{ currency: EUR, priceCap: 1 kW }" }, "5:36 VALUE_MALFORMED"],
    [{ market: "{ currency: EUR, priceCap: 1 USD/kWh }" }, "5:36 UNIT_WRONG"],
    [{ market: "{ currency: EUR, priceCap: 0.0000001 EUR/kWh }" }, "5:36 NUMBER_TOO_PRECISE"],
    [{ market: "{ currency: EUR, priceCap: 99999999999 EUR/kWh }" }, "5:36 NUMBER_TOO_LARGE"],
    [{ market: "{ currency: EUR, priceCap: 1 EUR/kWh, priceFloor: 2 EUR/kWh }" }, "5:59 FLOOR_ABOVE_CAP"],
    [{ market: "{ currency: EUR, priceCap: 1 EUR/kWh, tick: 0 EUR/kWh }" }, "5:53 TICK_NOT_POSITIVE"],
    [{ market: "{ currency: EUR, priceCap: 1 EUR/kWh, gateLead: 24h }" }, "5:9 GATE_BEFORE_TENDERS"],
    [{ market: "{ currency: EUR }" }, "5:9 CAP_MISSING"],
    [{ slot: "15" }, "4:7 UNIT_MISSING"],
    [{ slot: "7m" }, "4:7 SLOT_UNFIT"],
    [{ slot: "99999999h" }, "4:7 VALUE_MALFORMED"],
    [{ slot: "0m" }, "4:7 SLOT_UNFIT"],
    [{ horizon: "{ days: 999999999 }" }, "3:18 VALUE_OUT_OF_RANGE"],
    [{ horizon: "{ days: 3660 }", slot: "1s" }, "3:10 HORIZON_TOO_LONG"],
    [{ start: "2026-01-01T00:07Z" }, "2:8 START_OFF_SLOT"],
    [{ start: "2026-01-01T00:00" }, "2:8 ZONE_MISSING"],
    [{ start: "2026-02-30T00:00Z" }, "2:8 STAMP_MALFORMED"],
    [{ start: "2026-03-29T02:30", zone: "Europe/Berlin" }, "2:8 STAMP_NOT_IN_ZONE"],
    [{ zone: "Europe/Berlim" }, "9:7 ZONE_UNKNOWN"],
    [{ zone: "EST" }, "9:7 ZONE_UNKNOWN"],
    [{ horizon: "{}" }, "3:10 VALUE_OUT_OF_RANGE"],
    [{ horizon: "{ days: 1, slots: 3 }" }, "3:10 VALUE_OUT_OF_RANGE"],
    [{ horizon: "{ days: 0 }" }, "3:18 VALUE_OUT_OF_RANGE"],
    [{ horizon: "{ days: 1.5 }" }, "3:18 WRONG_TYPE"],
    [{ supplier: "{ tariff: 0.30, feedIn: 0.08 EUR/kWh }" }, "6:21 UNIT_MISSING"],
    [{ supplier: "{ tariff: [], feedIn: 0.08 EUR/kWh }" }, "6:21 WRONG_TYPE"],
    [{ supplier: "{ tariff: 0.30 EUR/kWh, feedIn: 0.31 EUR/kWh }" }, "6:43 FEED_IN_ABOVE_TARIFF"],
    [{ supplier: "{ tariff: 1.30 EUR/kWh, feedIn: 0.08 EUR/kWh }" }, "6:21 PRICE_OUT_OF_BAND"],
    [{ supplier: "{ tariff: 0.3 EUR/kWh, feedIn: 0.08 EUR/kWh, importLimit: 5 }" }, "6:69 UNIT_MISSING"],
    [{ supplier: "{ tariff: 0.3 EUR/kWh, feedIn: 0.08 EUR/kWh, importLimit: -5 kW }" }, "6:69 LIMIT_OUT_OF_RANGE"],
    [{ supplier: '{ id: " ", tariff: 0.3 EUR/kWh, feedIn: 0.08 EUR/kWh }' }, "6:17 IDENTIFIER_MALFORMED"],
    [{ rest: "carbon: 380" }, "9:9 UNIT_MISSING"],
    [{ rest: "carbon: -1 g/kWh" }, "9:9 VALUE_NEGATIVE"],
    [{ rest: "agents: { load: 2 EUR/kWh }" }, "9:17 PRICE_OUT_OF_BAND"],
    [{ rest: "agents: { load: max }" }, "9:17 VALUE_MALFORMED"],
    [{ rest: "agents: { forecast: perfekt }" }, "9:21 VALUE_UNKNOWN"],
    [{ rest: "outputs: { slots: maybe }" }, "9:19 WRONG_TYPE"],
    [{ homes: "{}" }, "8:8 VALUE_OUT_OF_RANGE"],
    [{ homes: "{ generate: { count: 0 } }" }, "8:29 VALUE_OUT_OF_RANGE"],
    [{ homes: "{ generate: { count: 1, pvShare: 101 % } }" }, "8:41 SHARE_OUT_OF_RANGE"],
    [{ homes: "{ generate: { count: 1, nameplate: { from: 4 kW, to: 3 kW } } }" }, "8:43 NAMEPLATE_RANGE"],
    [{ homes: "{ generate: { count: 1 }, list: [ { id: home-1 } ] }" }, "8:48 HOME_TWICE"],
    [{ homes: "{ list: [ { id: home-1 } ] }" }, "8:18 HOME_EMPTY"],
    [{ homes: "{ list: [ { id: supplier } ] }" }, "8:24 HOME_TWICE"],
    [{ homes: "{ list: [ { id: h, each: { from: 2, to: 1 } } ] }" }, "8:8 NO_HOMES"],
    [{ slot: "30s", start: "2026-01-01T00:00Z" }, "8:20 SLOT_UNFIT"],
    [{ rest: "slot: 30m" }, "9:1 KEY_TWICE"],
    [{ rest: "\tx: 1" }, "9:1 YAML_MALFORMED"],
    [{ rest: "carbon: *none" }, "9:9 ALIAS_UNKNOWN"],
  ])("%j", (words, place) => {
    expect(problems(words)).toEqual([place].flat());
  });

  test("with all problems at once, in words that say what to do", () => {
    const market = "{ currency: EUR, priceCap: 1 EUR/kWh, tik: 1 EUR/kWh, rationing: pro-rate }";
    expect(told({ slot: "15", market, supplier: "{ tariff: 0.3, feedIn: 4 kW }" })).toEqual([
      '"slot" is "15" without a unit — write a length of time with its unit like 15m',
      'unknown key "tik" — did you mean "tick"?',
      '"rationing" is "pro-rate" — did you mean "pro-rata"?',
      '"tariff" is "0.3" without a unit — write a price with its unit like 0.32 EUR/kWh',
      '"feedIn" is "4 kW" — write a price with its unit like 0.32 EUR/kWh',
    ]);
    expect(told({ homes: "{ generate: { pvShare: 0.5 } }" })).toEqual([
      'key "count" is missing — add count: 20',
      '"pvShare" is "0.5" without a unit — write a share with its unit like 50 %',
    ]);
  });

  test("a union says what it may be", () => {
    expect(told({ supplier: "{ tariff: [], feedIn: 0.08 EUR/kWh }" })).toEqual([
      '"tariff" is a list — write a price, a time-of-use table or a column',
    ]);
    const tariff = '{ otherwise: 0.3 EUR/kWh, windows: [ { from: "16:05", to: "25:00", price: 0.4 EUR/kWh } ] }';
    expect(told({ supplier: `{ tariff: ${tariff}, feedIn: 0.08 EUR/kWh }` })).toEqual([
      '"to" is "25:00" — write a time of day like 16:00',
    ]);
    expect(problems({ supplier: `{ tariff: ${tariff.replace("25:00", "18:00")}, feedIn: 0.08 EUR/kWh }` })).toEqual([
      "6:66 WINDOW_OFF_SLOT",
    ]);
  });

  test("by a file that is missing, a folder, no UTF-8 or empty", () => {
    expect(problemsOf({})).toEqual(["scenario.yaml:1:1 FILE_MISSING"]);
    expect(problemsOf({ "scenario.yaml": "" })).toEqual(["scenario.yaml:1:1 WRONG_TYPE"]);
    expect(problemsOf({ "scenario.yaml": new Uint8Array([0x6e, 0xff]) })).toEqual(["scenario.yaml:1:1 FILE_NOT_UTF8"]);
    const text = loadText("column: load, unit: kWh");
    expect(problemsOf({ "scenario.yaml": text })).toEqual(["scenario.yaml:8:41 FILE_MISSING"]);
    expect(problemsOf({ "scenario.yaml": text, "load.csv": new Uint8Array([0xe4]) })).toEqual([
      "scenario.yaml:8:41 FILE_NOT_UTF8",
    ]);
    expect(problemsOf({ "scenario.yaml": text.replace("load.csv", ".") })).toEqual([
      "scenario.yaml:8:41 FILE_IS_FOLDER",
    ]);
  });

  test("by YAML that would not end", () => {
    const bomb = [
      "a: &a [x, x, x, x, x, x, x, x, x]",
      ..."bcdefg".split("").map((key, index) => `${key}: &${key} [${`*${"abcdef"[index]},`.repeat(9)}]`),
    ];
    expect(problemsOf({ "scenario.yaml": bomb.join("\n") })).toEqual(["scenario.yaml:1:1 YAML_MALFORMED"]);
    expect(problemsOf({ "scenario.yaml": "[".repeat(100_000) })).toHaveLength(1);
  });

  test("by a name that is too long for the laboratory", () => {
    const homes = `{ list: [ { id: ${"h".repeat(128)}, load: { file: load.csv, column: load, unit: Wh } } ] }`;
    expect(problemsOf({ "scenario.yaml": scenarioText({ homes }), "load.csv": columnOf([1, 1, 1, 1]) })).toEqual([
      "scenario.yaml:1:1 HOME_ID_TOO_LONG",
    ]);
  });

  test("by the same problem in many homes, told once for each and bounded", () => {
    const homes =
      "{ list: [ { id: 'h{n}', each: { from: 1, to: 60 }, load: { file: 'h{n}.csv', column: load, unit: Wh } } ] }";
    expect(problems({ homes })).toHaveLength(21);
  });
});
