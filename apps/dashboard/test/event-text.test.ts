import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { EventText, type Frame } from "../src/event-text.ts";

const TEXT =
  'retry: 300\n\n: alive\n\nid: 7\nevent: snapshot\ndata: {"a":"b: c"}\n\ndata: one\ndata: two\n\nid: 9\n\ndata:x\n\n';
const FRAMES: readonly Frame[] = [
  { kind: "retry", ms: 300 },
  { kind: "event", id: "7", data: '{"a":"b: c"}' },
  { kind: "event", id: "7", data: "one\ntwo" },
  { kind: "event", id: "9", data: "x" },
];

test("reads fields, joins data lines, keeps the last id, skips comments", () => {
  expect(new EventText().read(TEXT)).toEqual(FRAMES);
});

test("an event without its empty line is not there yet", () => {
  const text = new EventText();
  expect(text.read("data: half")).toEqual([]);
  expect(text.read("\n")).toEqual([]);
  expect(text.read("\n")).toEqual([{ kind: "event", id: null, data: "half" }]);
});

test("the same frames however the text is cut and whichever line ends it has", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(TEXT.length * 2)), fc.constantFrom("\n", "\r\n", "\r"), (cuts, end) => {
      const whole = `${TEXT.replaceAll("\n", end)}:\n`;
      const places = [0, ...cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b), whole.length];
      const text = new EventText();
      const frames = places.flatMap((place, index) => text.read(whole.slice(place, places[index + 1] ?? whole.length)));
      expect(frames).toEqual(FRAMES);
    }),
  );
});
