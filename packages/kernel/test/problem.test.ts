import { describe, expect, test } from "@jest/globals";
import { formatProblem, nearest, problemLog, PROBLEMS_PER_FILE_MAX, suggest } from "@micromarket/kernel";

const complaint = { code: "C", what: "it is odd", mend: "make it even" };

describe("problems", () => {
  test("read like a compiler's", () => {
    const problem = { file: "a.yaml", line: 3, column: 7, ...complaint };
    expect(formatProblem(problem)).toBe("a.yaml:3:7: it is odd — make it even (C)");
  });

  test("come in order of place, file by file", () => {
    const log = problemLog();
    log.add({ file: "b", line: 2, column: 9 }, complaint);
    log.add({ file: "a", line: 5, column: 1 }, complaint);
    log.add({ file: "b", line: 2, column: 1 }, complaint);
    expect(log.list().map(({ file, line, column }) => `${file}:${line}:${column}`)).toEqual([
      "b:2:1",
      "b:2:9",
      "a:5:1",
    ]);
  });

  test("of one file are bounded, and the rest is counted", () => {
    const log = problemLog();
    for (let line = 50; line >= 1; line--) log.add({ file: "a", line, column: 1 }, complaint);
    log.add({ file: "b", line: 1, column: 1 }, complaint);
    const list = log.list();
    expect(log.count()).toBe(51);
    expect(list).toHaveLength(PROBLEMS_PER_FILE_MAX + 2);
    expect(list[PROBLEMS_PER_FILE_MAX]).toMatchObject({
      line: 21,
      code: "MORE_PROBLEMS",
      what: "30 more problems from here",
    });
  });
});

describe("suggestions", () => {
  const known = ["tariff", "feedIn", "importLimit", "k"];
  test.each([
    ["tarif", "tariff"],
    ["tairff", "tariff"],
    ["feedin", "feedIn"],
    ["ImportLimits", "importLimit"],
    ["xyz", null],
    ["x", null],
    ["", null],
  ])("%s means %s", (word, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });

  test("fall back to the whole choice", () => {
    expect(suggest("tarif", known)).toBe('did you mean "tariff"?');
    expect(suggest("qqqqq", known)).toBe("use one of: tariff, feedIn, importLimit, k");
  });
});
