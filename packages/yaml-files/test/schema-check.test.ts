/** YAML held against a schema: where, what, and how to mend it. */
import { describe, expect, test } from "@jest/globals";
import { formatProblem, problemLog } from "@micromarket/kernel";
import fc from "fast-check";
import { readYaml, schemaCheck, seemsToSay } from "@micromarket/yaml-files";

const check = schemaCheck({
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: { type: "string", minLength: 1, examples: ["Meter"], description: "Shown on the page" },
    unit: { type: "integer", minimum: 0, maximum: 255, examples: [1] },
    function: { type: "integer", enum: [3, 4] },
    kind: { type: "string", enum: ["meter", "battery"] },
    words: { type: "array", items: { type: "string", pattern: "^0x", title: "registers", examples: ["0x80"] } },
    params: {
      type: "object",
      patternProperties: { "^[a-z]+$": {} },
      additionalProperties: false,
      title: "small letters",
    },
  },
});

function told(text: string): readonly string[] {
  const yaml = readYaml(text, "a.yaml");
  if (!yaml.ok) return yaml.error.map(formatProblem);
  const problems = problemLog();
  check(yaml.value, problems);
  return problems.list().map(formatProblem);
}

test("a file that holds its schema has no problems", () => {
  expect(told("name: a\nunit: 7\nfunction: 3\nwords: ['0x80', &w '0x90']\nparams: { a: 1 }\n")).toEqual([]);
});

describe("a problem says where, what, how to mend it, and has a code", () => {
  test.each([
    ["unit: 1", 'a.yaml:1:1: key "name" is missing — add name: Meter (Shown on the page) (KEY_MISSING)'],
    ["name: a\nunti: 3", 'a.yaml:2:1: unknown key "unti" — did you mean "unit"? (UNKNOWN_KEY)'],
    ["name: a\nunit: 300", 'a.yaml:2:7: "unit" is "300" — it must be <= 255 (VALUE_OUT_OF_RANGE)'],
    ["name: a\nunit: x", 'a.yaml:2:7: "unit" is "x" — write a whole number such as 1 (WRONG_TYPE)'],
    ["name: a\nfunction: 6", 'a.yaml:2:11: "function" is "6" — use one of: 3, 4 (VALUE_UNKNOWN)'],
    ["name: a\nkind: metre", 'a.yaml:2:7: "kind" is "metre" — did you mean "meter"? (VALUE_UNKNOWN)'],
    ["name: a\nwords: [80]", 'a.yaml:2:9: "words[0]" is "80" — write registers such as 0x80 (WRONG_TYPE)'],
    ["name: a\nwords: ['80']", 'a.yaml:2:9: "words[0]" is "80" — write registers like 0x80 (VALUE_MALFORMED)'],
    ["name: a\nparams: { B: 1 }", 'a.yaml:2:11: unknown key "B" — write small letters (UNKNOWN_KEY)'],
    ["", 'a.yaml:1:1: "the file" is empty — write a mapping (WRONG_TYPE)'],
    ["name: a\nname: b", "a.yaml:2:1: this key stands twice in one mapping — delete one of the two (KEY_TWICE)"],
    [
      "name: *b",
      "a.yaml:1:7: *b stands for nothing — put &b before the value that it stands for, or a text into quotes (ALIAS_UNKNOWN)",
    ],
  ])("%j", (text, problem) => {
    expect(told(text)).toEqual([problem]);
  });
});

test("any text is read, or told about inside of it; nothing throws", () => {
  const piece = fc.constantFrom(
    "name: a\n",
    "unit: ",
    "- ",
    "[",
    "{",
    "&a ",
    "*a",
    "? ",
    ": ",
    "\t",
    "'",
    "|\n",
    "\u0000",
    "é\r",
    "7",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join("")),
      ),
      (text) => {
        const lines = text.split(/\r\n|\n|\r/).length;
        for (const line of told(text)) {
          const [, at, column] = /^a\.yaml:(\d+):(\d+): .* — .* \([A-Z_]+\)$/su.exec(line) ?? [];
          expect(Number(at)).toBeGreaterThan(0);
          expect(Number(at)).toBeLessThanOrEqual(lines + 1);
          expect(Number(column)).toBeGreaterThan(0);
        }
      },
    ),
  );
});

test.each([
  ["deep lists", "[".repeat(50_000)],
  [
    "aliases that multiply",
    `a: &a [x, x]\n${"bcdefgh"
      .split("")
      .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${"abcdefg"[index]}`).join(", ")}]\n`)
      .join("")}`,
  ],
])("%s are a problem, not an end", (_name, text) => {
  expect(told(text).length).toBeGreaterThan(0);
});

describe("what a text that is wrong seems to say", () => {
  test.each([
    ["a block after the mistake", "slot: [\nhttp:\n  port: 81\n", 81],
    ["a block before the mistake", "http:\n  port: 81\nslot: [\n", 81],
    ["a flow with a comment", "http: { host: 127.0.0.1, port: 81 } # here\nslot: 15: 3\n", 81],
    ["a key twice: the first counts", "http: { port: 81 }\nhttp: { port: 82 }\n", 81],
    ["the first of two documents", "http: { port: 81 }\n---\nhttp: { port: 82 }\n", 81],
    ["a comment only", "# http: { port: 81 }\n", undefined],
    ["something else in its place", "http: 81\n", undefined],
    ["nothing", "", undefined],
    ["nesting without end", `http: { port: ${"[".repeat(50_000)}`, undefined],
  ])("%s", (_, text, expected) => {
    const said = seemsToSay(text, ["http", "port"]);
    expect(typeof said === "number" ? said : undefined).toBe(expected);
  });

  test("any text is answered", () => {
    fc.assert(fc.property(fc.string(), (text) => void seemsToSay(`http: {${text}`, ["http", "port"])));
  });
});
