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
    ["a field too many", '{"fault":"silent","ms":3}', "ms"],
  ])("is refused with %s", (_, line, path) => {
    const parsed = parseFault(line);
    expect(parsed).toMatchObject({ ok: false, error: { code: "VALUE_MALFORMED", path } });
  });
});
