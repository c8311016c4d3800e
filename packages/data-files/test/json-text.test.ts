import { describe, expect, test } from "@jest/globals";
import { isJsonObject, readJson, type NumberText } from "../src/json-text.ts";
import { places, valueOf } from "./told.ts";

describe("JSON", () => {
  test("keeps the text of its numbers", () => {
    const { value } = valueOf(readJson('{"a": 0.10, "b": -1e-3, "c": 12345678901234567890}', "x"));
    const texts = isJsonObject(value) ? Object.values(value).map((number) => (number as NumberText).text) : [];
    expect(texts).toEqual(["0.10", "-1e-3", "12345678901234567890"]);
  });

  test("may begin with a byte order mark", () => {
    expect(valueOf(readJson("\uFEFF[]", "x")).value).toEqual([]);
  });

  test.each([
    ['{"a": 1, "a": 1}', "1:10 KEY_TWICE"], // even with an equal value
    ['{"a": {"b": 1,\n "b": 2}}', "2:2 KEY_TWICE"],
    ['{"a": {"b": 1}, "b": 2, "c": {"b": 3}}', undefined],
    ['{"__proto__": 1, "__proto__": 1}', "1:18 KEY_TWICE"],
  ])("takes each key once: %s", (text, place) => {
    expect(places(readJson(text, "x"))).toEqual(place === undefined ? [] : [place]);
  });

  test.each([
    ["", "1:1"],
    ["{", "1:2"],
    ["[1,]", "1:4"],
    ['{"a": NaN}', "1:7"],
    ['{"a": Infinity}', "1:7"],
    ["[01]", "1:3"],
    ["[.5]", "1:2"],
    ["[+1]", "1:2"],
    ["[1] x", "1:5"],
    ["// note\n[]", "1:1"],
    ["{\n 'a': 1}", "2:2"],
    ['["a\tb"]', "1:2"],
    ['["\\x"]', "1:2"],
  ])("is strict and says where: %j", (text, place) => {
    expect(places(readJson(text, "x"))).toEqual([`${place} JSON_MALFORMED`]);
  });

  test.each([
    [" \n ", "it is empty; write a value, such as { … }"],
    ['{"a": 1,}', 'a comma stands before "}"; delete that comma'],
    ["[1,\n]", 'a comma stands before "]"; delete that comma'],
    ['{"a": [1', "it ends too early, "],
    ["\uFFFD\uFFFD{\u0000", "it is no UTF-8 text; save the file as UTF-8"],
    [`[${"x".repeat(5_000)}]`, `invalid symbol, got "${"x".repeat(40)}…"; correct`],
  ])("names the mistakes that people make: %j", (text, words) => {
    const read = readJson(text, "x");
    const told = read.ok ? [] : read.error.map(({ what, mend }) => `${what}; ${mend}`);
    expect(told).toEqual([expect.stringContaining(words)]);
  });

  test("that nests without end is refused, not crashed on", () => {
    expect(places(readJson("[".repeat(200_000), "x"))).toEqual(["1:1 JSON_MALFORMED"]);
  });

  test("knows where values and keys stand", () => {
    const json = valueOf(readJson('{ "a": [ 1,\n  { "b": 2 } ] }', "x"));
    expect(json.placeOf(["a", 1, "b"])).toEqual({ file: "x", line: 2, column: 10 });
    expect(json.placeOfKey(["a", 1, "b"])).toEqual({ file: "x", line: 2, column: 5 });
    expect(json.placeOf(["a", 1, "missing"])).toEqual({ file: "x", line: 2, column: 3 });
    expect(json.placeOf([])).toEqual({ file: "x", line: 1, column: 1 });
  });
});
