/** A signal of the grid operator, and what is kept of it. */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { instantMs, watts } from "@micromarket/kernel";
import { openDimLog, type DimRecord } from "../../src/control/dim-log.ts";
import { Dimming } from "../../src/control/dimming.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
const minute = (count: number) => instantMs(Date.UTC(2026, 0, 1) + count * 60_000);
const SIGNAL = { importLimit: watts(4_200), until: minute(60) };

test("what came, when it was obeyed and when it ended is written once each, in order", () => {
  const folder = mkdtempSync(join(tmpdir(), "dim-"));
  folders.push(folder);
  appendFileSync(join(folder, "dimming.ndjson"), "an earlier line\n");
  let drawn = watts(9_000);
  const failed = (): never => {
    throw new Error("it was not written");
  };
  const dimming = new Dimming("home-1", openDimLog(folder, failed), () => drawn);
  dimming.begin(SIGNAL, minute(0));
  dimming.lookAfter(minute(1));
  drawn = watts(4_200);
  for (const at of [2, 3, 59]) dimming.lookAfter(minute(at));
  expect(dimming.signal).toEqual(SIGNAL);
  dimming.lookAfter(minute(60));
  expect(dimming.signal).toBeNull();
  expect(dimming.end(minute(61))).toBe(false);
  const lines = readFileSync(join(folder, "dimming.ndjson"), "utf8").trimEnd().split("\n");
  expect(lines[0]).toBe("an earlier line");
  const common = { home: "home-1", limit_w: 4_200, until: "2026-01-01T01:00Z" };
  expect(lines.slice(1).map((line) => JSON.parse(line) as unknown)).toEqual([
    { at: "2026-01-01T00:00Z", event: "signal", ...common, measured_w: 9_000 },
    { at: "2026-01-01T00:02Z", event: "obeyed", ...common, measured_w: 4_200 },
    { at: "2026-01-01T01:00Z", event: "ended", ...common, measured_w: 4_200 },
  ]);
});

test("a silent device proves nothing, and a file that cannot be written holds nothing up", () => {
  const folder = mkdtempSync(join(tmpdir(), "dim-"));
  folders.push(folder);
  mkdirSync(join(folder, "dimming.ndjson")); // a folder in its place
  const lost: DimRecord["event"][] = [];
  const log = openDimLog(folder, (_error, { event }) => void lost.push(event));
  const dimming = new Dimming("home-1", log, () => null);
  dimming.begin(SIGNAL, minute(0));
  dimming.lookAfter(minute(1));
  expect(dimming.end(minute(2))).toBe(true);
  expect(lost).toEqual(["signal", "ended"]);
});
