import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "@jest/globals";
import { ControlMemoryFailure, openControlMemory } from "../../src/control/control-memory.ts";
import { failureOf } from "../../src/start-failure.ts";

const root = mkdtempSync(join(tmpdir(), "control-memory-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folder = root;
beforeEach(() => {
  folder = mkdtempSync(join(root, "data-"));
});

const fileOf = (): string => join(folder, "controls.json");

test("what is kept is there for the next who opens it, and nothing else", () => {
  const memory = openControlMemory(folder);
  expect(memory.recall("a")).toBeNull();
  memory.keep("a", "1");
  memory.keep("b", "2");
  memory.keep("a", "3");
  const again = openControlMemory(folder);
  expect([again.recall("a"), again.recall("b"), again.recall("c")]).toEqual(["3", "2", null]);
  expect(readdirSync(folder)).toEqual(["controls.json"]);
});

test.each(["", "{", '[["a"]]', '[["a",1]]', '[["a","1"]] ', '[["a","1"],'])(
  "damaged, nothing is guessed: %j",
  (text) => {
    writeFileSync(fileOf(), text);
    const open = (): unknown => openControlMemory(folder);
    expect(open).toThrow(ControlMemoryFailure);
    expect(readFileSync(fileOf(), "utf8")).toBe(text);
  },
);

test("unreadable it is CONTROL_MEMORY_UNREADABLE", () => {
  mkdirSync(fileOf());
  const failure = (() => {
    try {
      return openControlMemory(folder);
    } catch (cause) {
      return failureOf(cause);
    }
  })();
  expect(failure).toMatchObject({ code: "CONTROL_MEMORY_UNREADABLE", what: expect.stringContaining("controls.json") });
});

test("a write that fails throws and leaves what was there, whole", () => {
  const memory = openControlMemory(folder);
  memory.keep("a", "1");
  const before = readFileSync(fileOf(), "utf8");
  mkdirSync(`${fileOf()}.new`);
  expect(() => memory.keep("a", "2")).toThrow();
  expect(readFileSync(fileOf(), "utf8")).toBe(before);
  expect(openControlMemory(folder).recall("a")).toBe("1");
});
