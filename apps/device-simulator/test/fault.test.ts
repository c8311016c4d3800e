import { describe, expect, test } from "@jest/globals";
import { parseFault } from "@micromarket/device-simulator";

describe("a line of the control protocol", () => {
  test.each([
    '{"fault":"silent","home":"home-3"}',
    '{"fault":"late","home":"home-3","ms":3000}',
    '{"fault":"reset"}',
    '{"fault":"wrong-value"}',
    '{"fault":"wrong-value","home":"home-1","kind":"all-zero"}',
    '{"fault":"clock-jump","ms":-3600000}',
    '{"fault":"flaky","percent":1,"kinds":["late","lost","reset"]}',
    '{"fault":"flaky","device":"home-1-battery","percent":100,"ms":500}',
    '{"fault":"refuses-writes","device":"home-1-battery","code":2}',
    '{"fault":"ignores-writes","home":"home-1"}',
    '{"fault":"foreign-limit","percent":30}',
    '{"fault":"local-control"}',
    '{"fault":"reverts-early","ms":2000}',
    '{"fault":"clear"}',
  ])("%s", (line) => {
    expect(parseFault(line)).toEqual({ ok: true, value: JSON.parse(line) as unknown });
  });

  test.each([
    ["no JSON", "silent", ""],
    ["no object", "17", ""],
    ["null", "null", ""],
    ["no fault", "{}", "fault"],
    ["an unknown fault", '{"fault":"explode"}', "fault"],
    ["late by nothing", '{"fault":"late"}', "ms"],
    ["late by less than nothing", '{"fault":"late","ms":-1}', "ms"],
    ["a jump of two years", '{"fault":"clock-jump","ms":63072000000}', "ms"],
    ["an unknown lie", '{"fault":"wrong-value","kind":"white"}', "kind"],
    ["a share of more than all", '{"fault":"flaky","percent":101}', "percent"],
    ["a flaky line without a kind", '{"fault":"flaky","percent":1,"kinds":[]}', "kinds"],
    ["an exception that is none", '{"fault":"refuses-writes","code":0}', "code"],
    ["a limit of nothing", '{"fault":"foreign-limit"}', "percent"],
    ["a field too many", '{"fault":"silent","ms":3}', "ms"],
  ])("is refused with %s", (_, line, path) => {
    const parsed = parseFault(line);
    expect(parsed).toMatchObject({ ok: false, error: { code: "VALUE_MALFORMED", path } });
  });
});
