import { expect, test } from "@jest/globals";
import { positionsIn } from "../src/text-position.ts";

test("positions count lines of every kind of line end", () => {
  const at = positionsIn("ab\r\nc\nd\re");
  const shown = [0, 2, 4, 5, 6, 8, 9].map((offset) => `${at(offset).line}:${at(offset).column}`);
  expect(shown).toEqual(["1:1", "1:3", "2:1", "2:2", "3:1", "4:1", "4:2"]);
});
