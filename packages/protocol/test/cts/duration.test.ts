import { expect, test } from "@jest/globals";
import { durationMs } from "@micromarket/kernel";
import fc from "fast-check";
import { formatDuration, parseDuration } from "@micromarket/protocol";

test.each([
  ["PT15M", 900_000],
  ["PT900S", 900_000],
  ["PT0.25S", 250],
  ["P1DT1H", 90_000_000],
  ["P2D", 172_800_000],
  ["PT0S", 0],
])("%s is %i ms", (text, ms) => {
  expect(parseDuration(text)).toEqual({ ok: true, value: ms });
});

test.each(["", "P", "PT", "P1Y", "P1M", "P1W", "15M", "PT15", "PT-15M", "pt15m", "PT1.5M", "P1DT", " PT15M"])(
  "%p is no duration",
  (text) => {
    expect(parseDuration(text)).toEqual({ ok: false, error: { code: "DURATION_MALFORMED", text } });
  },
);

test("what is written is read as the same", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 8_000_000_000_000 }), (ms) => {
      expect(parseDuration(formatDuration(durationMs(ms)))).toEqual({ ok: true, value: ms });
    }),
  );
});
