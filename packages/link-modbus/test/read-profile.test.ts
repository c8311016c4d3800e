/** Profiles as files: what is read, and what is said of what cannot be. */
import { describe, expect, test } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import { formatProblem } from "@micromarket/kernel";
import { loadProfile, readProfile, shippedProfiles } from "../src/index.ts";
import { profileSchemaText } from "../src/profile-schema.ts";

const PUBLISHED = new URL("../profiles/schema/profile.schema.json", import.meta.url);
const GOOD = `schema: 1
profile: my-meter
version: 1.2.3
kind: meter
vendor: Somebody
models: [M1]
verified: single
sources: [{ title: Maker's document }]
requirements: []
caveats: []
link: { framing: [tcp], unit: 3, word_order: little, max_registers: 100 }
max_age_s: 30
points:
  power_w:
    function: 3
    address: 0x28
    type: int32
    pow10: -1
    sign: invert
    not_available: ["0x7fffFFFF"]
  imported_wh:
    function: 4
    address: 100
    type: uint64
    word_order: big
    max_age_s: 900
    counter: { resolution_wh: 100, width_bits: 64, wraps_at_wh: 1000000, resets: possible, balance: vector }
`;

function problemsOf(text: string): readonly string[] {
  const read = readProfile(text, "meter.yaml");
  return read.ok ? [] : read.error.map(formatProblem);
}

test("the published schema is the one in use; UPDATE_SCHEMA=1 writes it anew", () => {
  if (process.env["UPDATE_SCHEMA"] === "1") writeFileSync(PUBLISHED, profileSchemaText());
  expect(JSON.parse(readFileSync(PUBLISHED, "utf8"))).toEqual(JSON.parse(profileSchemaText()));
});

test("every shipped profile can be loaded by its name, and says where its facts come from", () => {
  expect(shippedProfiles()).toContain("eastron-sdm630");
  for (const name of shippedProfiles()) {
    expect(loadProfile(name)).toMatchObject({ head: { name } });
    expect(loadProfile(name)?.head.sources.length).toBeGreaterThan(0);
  }
  expect([loadProfile("no-such-meter"), loadProfile("../profiles/eastron-sdm630")]).toEqual([null, null]);
});

test("a profile is read with its defaults, the point's own order and age first", () => {
  const read = readProfile(GOOD, "meter.yaml");
  expect(read).toMatchObject({
    ok: true,
    value: {
      head: { name: "my-meter", sources: [{ title: "Maker's document", url: null, note: null }] },
      unitProbe: [3],
      port: null,
      framings: ["tcp"],
      baud: null,
      maxConnections: null,
      writeFunctions: [6, 16],
      turnaroundMs: null,
      identify: [],
      controls: [],
      maxGapRegisters: 0,
      timeoutMs: 1_000,
      gapMs: 0,
      connectDelayMs: 0,
      points: [
        {
          point: "power_w",
          function: 3,
          address: 40,
          type: "int32",
          wordOrder: "little",
          byteOrder: "big",
          multiply: 1,
          pow10: -1,
          sign: -1,
          notAvailable: ["7FFFFFFF"],
          valid: null,
          maxAgeMs: 30_000,
          counter: null,
          map: null,
          addends: [],
          poll: "fast",
        },
        {
          point: "imported_wh",
          wordOrder: "big",
          maxAgeMs: 900_000,
          counter: { resolutionWh: 100, widthBits: 64, wrapsAtWh: 1_000_000, resets: "possible", balance: "vector" },
        },
      ],
    },
  });
});

describe("problems", () => {
  test.each([
    [
      "max_age_s: 30",
      "max_age_s: 30\nmax_age: 30",
      'meter.yaml:13:1: unknown key "max_age" — did you mean "max_age_s"? (UNKNOWN_KEY)',
    ],
    ["max_age_s: 30\n", "", 'meter.yaml:1:1: key "max_age_s" is missing — add max_age_s: 60 (Seconds after'],
    [
      "address: 100",
      "address: 70000",
      'meter.yaml:23:14: "address" is "70000" — it must be <= 65535 (VALUE_OUT_OF_RANGE)',
    ],
    [
      "address: 0x28",
      "address: 1.5",
      'meter.yaml:16:14: "address" is "1.5" — write a whole number such as 52 (WRONG_TYPE)',
    ],
    ["type: int32", "type: int24", 'meter.yaml:17:11: "type" is "int24" — did you mean "int64"? (VALUE_UNKNOWN)'],
    ["function: 3", "function: 6", 'meter.yaml:15:15: "function" is "6" — use one of: 3, 4 (VALUE_UNKNOWN)'],
    ["  power_w:", "  power_kw:", 'meter.yaml:14:3: unknown key "power_kw" — did you mean "power_w"? (UNKNOWN_KEY)'],
    ['"0x7fffFFFF"', '"0x7fff"', "meter.yaml:20:21: 0x7fff has 4 digits, int32 has 8 — write four digits for each"],
    [
      '"0x7fffFFFF"',
      "2147483647",
      'meter.yaml:20:21: "not_available[0]" is "2147483647" — write registers in hexadecimal, in quotes, such as 0x80',
    ],
    ["sign: invert", "valid: { min: 5, max: 4 }", "meter.yaml:19:12: min is greater than max — swap the two"],
    ["    counter:", "    # counter:", "meter.yaml:21:3: imported_wh does not say how it counts — add counter: "],
    [
      "  power_w:",
      "  voltage_mv:\n    counter: { resolution_wh: 1, width_bits: 8, resets: never, balance: vector }",
      "meter.yaml:15:5: voltage_mv is no counter — delete this key",
    ],
    ["max_registers: 100", "max_registers: 3", 'meter.yaml:24:11: uint64 takes 4 registers, "max_registers" is 3 — '],
    ["address: 100", "address: 65533", "meter.yaml:23:14: uint64 at 65533 ends behind register 65535 — addresses are"],
    [
      "sign: invert",
      "map: { 1: 0 }\n    sign: invert",
      "meter.yaml:19:5: what a map lists is neither scaled nor a float, nor longer than 32 bits — take",
    ],
    ["sign: invert", "plus: [0x2A]\n    map: { 1: 0 }", "meter.yaml:19:5: what a map lists is not added up — take"],
    [
      "sign: invert",
      "minus: [300]",
      'meter.yaml:19:5: the parts of power_w span 262 registers, "max_registers" is 100 — add only',
    ],
    ["sign: invert", "map: { one: 0 }", 'meter.yaml:19:12: unknown key "one" — write raw: value (UNKNOWN_KEY)'],
    [
      "max_age_s: 30\n",
      "max_age_s: 30\nidentify: [{ what: x, function: 3, address: 1 }]\n",
      "meter.yaml:13:12: this check says nothing — write one of: one_of, starts_with, or min and max (CHECK_UNFIT)",
    ],
    [
      "max_age_s: 30\n",
      "max_age_s: 30\nidentify: [{ what: x, function: 3, address: 1, one_of: [1], starts_with: A }]\n",
      "meter.yaml:13:12: this check says more than one thing — write one of",
    ],
    [
      "max_age_s: 30\n",
      "max_age_s: 30\nidentify: [{ what: x, function: 3, address: 1, min: 2, max: 1 }]\n",
      "meter.yaml:13:12: min is greater than max — swap the two (RANGE_REVERSED)",
    ],
    [
      "max_age_s: 30\n",
      "max_age_s: 30\nidentify: [{ what: x, function: 3, address: 65535, starts_with: ABC }]\n",
      "meter.yaml:13:45: this check at 65535 ends behind register 65535 — addresses are",
    ],
    ["kind: meter", "profile: other", "meter.yaml:4:1: this key stands twice in one mapping — delete one of the two"],
    ["kind: meter", "kind: [3", "meter.yaml:5:1: this is no YAML: "],
    ["kind: meter", "kind: *three", "meter.yaml:4:7: *three stands for nothing — "],
  ])("%j instead of %j", (good, bad, problem) => {
    expect(GOOD).toContain(good);
    const [first = "none"] = problemsOf(GOOD.replace(good, bad));
    expect(first.slice(0, problem.length)).toBe(problem);
  });

  test("all are told, in the order of the file", () => {
    const lines = problemsOf(
      GOOD.replace("unit: 3", "unit: x").replace("type: int32", "type: x").replace("profile: m", "profile: M"),
    );
    expect(lines.map((line) => line.split(":", 2)[1])).toEqual(["2", "11", "17"]);
  });

  test.each(["", "3", "[]", "points", "\u0000", "a: &a [*a]", "&a [*a, *a]"])(
    "%j is refused, not thrown at",
    (text) => {
      expect(problemsOf(text).length).toBeGreaterThan(0);
    },
  );
});

describe("problems of controls", () => {
  const CONTROL = `controls:
  switch:
    range: { min: 0, max: 1, step: 1 }
    min_interval_s: 1
    persistence: volatile
    verify: { tolerance: 0, within_s: 1 }
    reversion: { kind: none }
    release: { mode: restore }
    on_gateway_loss: hold
    readback: { function: 3, address: 7, type: uint16, map: { 1: 0, 2: 1 } }
    write:
      - { function: 6, address: 7, values: [$value] }
`;
  test("none", () => expect(problemsOf(GOOD + CONTROL)).toEqual([]));

  test.each([
    ["{ 1: 0, 2: 1 }", "{ 1: 0, 2: 0 }", "two raw numbers stand for one value", "MAP_AMBIGUOUS"],
    ["[$value]", "[1]", "no frame of switch carries $value", "VALUE_UNUSED"],
    ["[$value]", "[$value, 1]", "function 6 writes one register, these are 2", "WRITE_LENGTH"],
    ["[$value]", "[{ u32: $value }]", "function 6 writes one register, these are 2", "WRITE_LENGTH"],
    ["values:", "bit: 3, write_only: true, values:", "a bit is changed in one register that can be read", "WRITE_BIT"],
    ["function: 6, address: 7", "function: 16, address: 65536", '"address" is "65536"', "VALUE_OUT_OF_RANGE"],
    ["[$value]", "[$valeu]", '"values[0]" is "$valeu"', "VALUE_UNKNOWN"],
    ["max: 1, step", "max: -1, step", "min is greater than max", "RANGE_REVERSED"],
    ["type: uint16", "type: float32", "neither scaled nor a float", "MAP_UNFIT"],
  ])("%j instead of %j: %s", (good, bad, what, code) => {
    expect(CONTROL).toContain(good);
    const problems = problemsOf(GOOD + CONTROL.replace(good, bad));
    expect(problems.some((problem) => problem.includes(what) && problem.endsWith(`(${code})`))).toBe(true);
  });

  test("a function that the device does not take", () => {
    const file = `${GOOD}${CONTROL}`.replace("max_registers: 100 }", "max_registers: 100, write_fc: [16] }");
    expect(problemsOf(file)).toEqual([expect.stringContaining("write_fc does not list 6")]);
  });
});
