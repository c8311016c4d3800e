import { describe, expect, test } from "@jest/globals";
import type { ControlItem, ControlNews } from "@micromarket/api-http";
import { afterControlNews, knownControls, revertsIn } from "../src/control-state.ts";

function item(device: string, more: Partial<ControlItem> = {}): ControlItem {
  return {
    ...{ device, capability: "switch", locked: null, phase: "idle", wanted: null, allowed: null, actual: 0 },
    ...{ reasons: [], foreign: null, reverts_in_ms: null, writes_today: 0, writes_per_day_max: null },
    ...{ since: "2026-07-01T12:00Z", since_ms: 0, last_event: null },
    ...more,
  };
}

const news = (more: Partial<ControlNews>): ControlNews => ({
  ...{ full: false, stopped: null, controls: [], gone: [], limits: [] },
  ...more,
});

describe("news of controls", () => {
  test("before the first full word say nothing", () => {
    expect(afterControlNews(null, news({ controls: [item("a")] }), 0)).toBeNull();
  });

  test("that are full replace all", () => {
    const known = knownControls({ stopped: null, controls: [item("a")], limits: [] }, 0);
    expect(afterControlNews(known, news({ full: true, controls: [item("b")] }), 5)?.list.controls).toEqual([item("b")]);
  });

  test("touch what they name, in order of device; what is gone goes; the stop is told whole", () => {
    const known = knownControls({ stopped: null, controls: [item("a"), item("c"), item("d")], limits: [] }, 0);
    const stopped = { at: "2026-07-01T12:00Z", at_ms: 1, by: "Ada" };
    const change = news({
      stopped,
      controls: [item("b"), item("c", { actual: 1 })],
      gone: [{ device: "d", capability: "switch" }],
    });
    const after = afterControlNews(known, change, 5);
    expect(after?.list).toEqual({ stopped, controls: [item("a"), item("b"), item("c", { actual: 1 })], limits: [] });
  });
});

test("a timer runs from when it was heard, and not below 0; what does not revert has none", () => {
  const [held, other] = [item("a", { reverts_in_ms: 9_000 }), item("b", { reverts_in_ms: 9_000 })];
  const known = knownControls({ stopped: null, controls: [held, other], limits: [] }, 1_000);
  const after = afterControlNews(known, news({ controls: [other] }), 4_000) ?? known;
  expect([revertsIn(after, held, 4_000), revertsIn(after, other, 4_000)]).toEqual([6_000, 9_000]);
  expect(revertsIn(after, held, 99_000)).toBe(0);
  expect(revertsIn(after, item("a"), 4_000)).toBeNull();
});
