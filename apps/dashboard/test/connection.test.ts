import { expect, test } from "@jest/globals";
import { connectionOf, SILENT_AFTER_MS } from "../src/connection.ts";

const heard = { open: true, heardMs: 1_000 };

test("nothing heard yet is connecting, open or not", () => {
  expect(connectionOf({ open: false, heardMs: null }, false, 9_000)).toEqual({ kind: "connecting" });
});

test("an open stream that speaks is live until it is silent for two heartbeats", () => {
  expect(connectionOf(heard, false, 1_000 + SILENT_AFTER_MS)).toEqual({ kind: "live" });
  expect(connectionOf(heard, false, 1_001 + SILENT_AFTER_MS)).toEqual({
    kind: "stale",
    sinceMs: 1_000,
    cause: "silent",
  });
});

test("a market that stands still is stale although the stream speaks", () => {
  expect(connectionOf(heard, true, 2_000)).toEqual({ kind: "stale", sinceMs: 1_000, cause: "market" });
});

test("a closed stream is disconnected since it was last heard, whatever else holds", () => {
  expect(connectionOf({ open: false, heardMs: 1_000 }, true, 99_000)).toEqual({ kind: "disconnected", sinceMs: 1_000 });
});
