/** What needs no server: spacing of attempts, clocks, checksums, channels, outcomes, builders. */
import { describe, expect, test } from "@jest/globals";
import { crc32 as nodeCrc32 } from "node:zlib";
import {
  bestOffset,
  crc32,
  interval,
  isBookSound,
  limitTender,
  RECONNECT_RULE,
  reconnectDelay,
  streamTender,
  type KeptRequest,
  type LastEnd,
} from "@micromarket/client";
import { ChannelFollower, type ChannelNotice } from "../src/channels/channel-follower.ts";
import { outcomeOf } from "../src/orders/request-outcome.ts";
import { refreshDelay } from "../src/session/sign-in.ts";
import type { Reply } from "../src/reply.ts";

describe("attempts", () => {
  const QUIET: LastEnd = { retryAfterMs: null, isOverloaded: false };
  const BUSY: LastEnd = { retryAfterMs: null, isOverloaded: true };
  test.each<[number, LastEnd, number, number]>([
    [1, QUIET, 0, 0],
    [3, QUIET, 0.999, 250],
    [4, QUIET, 0, 5_000],
    [4, QUIET, 0.999, 10_000],
    [5, QUIET, 0.999, 20_000],
    [9, QUIET, 0.999, 60_000],
    [1_000, QUIET, 0.5, 32_500],
    [1, BUSY, 0, 5_000],
    [1, { retryAfterMs: 2_000, isOverloaded: false }, 0, 2_000],
    [7, { retryAfterMs: 2_000, isOverloaded: true }, 0.999, 2_500],
  ])("number %i after %j, drawn %d: %i ms", (attempt, last, random, delay) => {
    expect(Math.abs(reconnectDelay(RECONNECT_RULE, attempt, last, random) - delay)).toBeLessThanOrEqual(55);
  });

  test("never come faster than every 5 s after the third", () => {
    for (let attempt = 4; attempt < 200; attempt++)
      for (const random of [0, 0.1, 0.5, 0.999_999]) {
        const delay = reconnectDelay(RECONNECT_RULE, attempt, QUIET, random);
        expect(delay).toBeGreaterThanOrEqual(5_000);
        expect(delay).toBeLessThanOrEqual(60_000);
      }
  });
});

test("the best of several measurements is the quickest; a clock that jumped is left out", () => {
  expect(bestOffset([])).toBeNull();
  expect(
    bestOffset([
      { t0: 0, t1: 1_050, t2: 1_050, t3: 100 },
      { t0: 200, t1: 1_203, t2: 1_204, t3: 207 },
      { t0: 300, t1: 1_300, t2: 1_301, t3: 290 },
    ]),
  ).toEqual({ offsetMs: 1_000, errorMs: 3 });
  expect(bestOffset([{ t0: 5, t1: 5, t2: 5, t3: 4 }])).toBeNull();
});

test.each<[number, number, number]>([
  [900_000, 0, 810_000],
  [60_000, 0, 30_000],
  [10_000, 0, 5_000],
  [0, 5_000, 0],
])("a token that ends at %i is renewed, at %i, after %i ms", (expires, now, delay) => {
  expect(refreshDelay(expires, now)).toBe(delay);
});

test("the checksum is that of zlib, and a changed level is seen", () => {
  for (const text of ["", "123456789", "-5:0:12;100000:500:0;"]) expect(crc32(text)).toBe(nodeCrc32(text));
  const levels = [{ price_micro_per_kwh: 100_000, buy_wh: 500, sell_wh: 0 }];
  const slots = [{ levels, checksum: nodeCrc32("100000:500:0;") }];
  expect(isBookSound({ slots })).toBe(true);
  expect(isBookSound({ slots: [{ levels, checksum: 1 }] })).toBe(false);
  expect(isBookSound({ slots: [{ levels: null, checksum: null }] })).toBe(true);
});

describe("builders", () => {
  const limit = { id: "a", side: "buy", slotMs: 1_782_907_200_000, slotLengthMs: 900_000 } as const;
  test("say a limit order and a stream as the standard does", () => {
    expect(limitTender({ ...limit, priceMicro: null, quantityWh: 500 })).toMatchObject({
      ...{ tenderId: "a", side: "BUY", priceScale: -6, quantityScale: -3, resourceDesignator: "ENERGY" },
      tenderDetail: {
        interval: { dtStart: "2026-07-01T12:00Z", duration: "PT15M" },
        price: null,
        quantity: 500,
      },
    });
    expect(
      streamTender({
        ...{ id: "s", side: "sell", startMs: limit.slotMs, slotLengthMs: 900_000 },
        slots: [{ priceMicro: 100_000, quantityWh: 5 }],
      }).tenderDetail,
    ).toMatchObject({ stream: { streamIntervals: [{ streamUid: 0, streamIntervalPrice: 100_000 }] } });
    expect(interval(limit.slotMs, limit.slotMs + 3_600_000).duration).toBe("PT1H");
  });

  test.each([
    [{ id: "a b" }],
    [{ id: "x".repeat(37) }],
    [{ priceMicro: 0.5 }],
    [{ quantityWh: Number.NaN }],
    [{ quantityWh: 2 ** 53 }],
  ])("refuse %j", (wrong) => {
    expect(() => limitTender({ ...limit, priceMicro: 1, quantityWh: 1, ...wrong })).toThrow(RangeError);
  });
});

/** A follower with what it asked and handed on. */
function following(isPrivate: boolean) {
  const told: string[] = [];
  const asked: string[] = [];
  const notices: ChannelNotice["kind"][] = [];
  const timers: (() => void)[] = [];
  const follower = new ChannelFollower(
    { ch: "c", isPrivate },
    {
      snapshot: (data, { isReset }) => told.push(`snapshot ${String(data)}${isReset ? " reset" : ""}`),
      message: (_, data) => told.push(String(data)),
      notice: ({ kind }) => notices.push(kind),
    },
  );
  const link = {
    ask: (type: string, data: object) => {
      asked.push(`${type} ${JSON.stringify(data)}`);
      return Promise.resolve({ state: "unknown", because: "timeout" } satisfies Reply<unknown>);
    },
    after: (_: number, run: () => void) => {
      timers.push(run);
      return () => void timers.splice(timers.indexOf(run), 1);
    },
    timeoutMs: 1,
  };
  const frame = (type: string, data: unknown, seq?: number, prev?: number | null) =>
    follower.hear({ type, data, ...(seq === undefined ? {} : { seq }), ...(prev === undefined ? {} : { prev }) });
  return { follower, link, told, asked, notices, timers, frame };
}

describe("a channel", () => {
  test("hands on a snapshot and each message after it once, whatever comes twice or too early", () => {
    const { follower, link, told, notices, frame } = following(false);
    frame("delta", "before anything", 1, 0);
    follower.begin(link);
    frame("delta", "before the snapshot", 3, 2);
    frame("subscribed", { ch: "c", epoch: null });
    frame("snapshot", "s", 5, null);
    frame("delta", "old", 5, 4);
    frame("delta", "6", 6, 5);
    frame("delta", "6", 6, 5);
    frame("delta", "9", 9, 6);
    expect(told).toEqual(["snapshot s", "6", "9"]);
    expect(notices).toEqual(["again", "again"]);
  });

  test("asks for a snapshot where something is missing, and hands on nothing until it is there", () => {
    const { follower, link, told, asked, notices, timers, frame } = following(false);
    follower.begin(link);
    frame("snapshot", "s", 5, null);
    frame("delta", "8", 8, 7);
    frame("delta", "9", 9, 8);
    expect([told, notices]).toEqual([["snapshot s"], ["gap"]]);
    timers.at(-1)?.(); // no snapshot came
    expect(asked).toEqual(['subscribe {"ch":"c"}', 'resync {"ch":"c"}', 'resync {"ch":"c"}']);
    frame("snapshot", "t", 9, null);
    frame("delta", "10", 10, 9);
    expect(told).toEqual(["snapshot s", "snapshot t", "10"]);
  });

  test("sees by a heartbeat that the last message is missing", () => {
    const { follower, link, asked, notices, frame } = following(false);
    follower.begin(link);
    frame("snapshot", "s", 5, null);
    follower.compare(5);
    follower.compare(6);
    expect([asked.length, notices]).toEqual([2, ["behind"]]);
  });

  test("of a party resumes where it was left, and after a gap", () => {
    const { follower, link, told, asked, frame } = following(true);
    follower.begin(link);
    frame("subscribed", { ch: "c", epoch: 7 });
    frame("snapshot", "s", 5, null);
    frame("order.update", "6", 6, 5);
    follower.end();
    follower.begin(link);
    frame("resumed", { ch: "c", epoch: 7 });
    frame("order.update", "8", 8, 6);
    frame("order.update", "11", 11, 10);
    frame("resumed", { ch: "c", epoch: 7 });
    frame("order.update", "10", 10, 8);
    frame("order.update", "11", 11, 10);
    expect(told).toEqual(["snapshot s", "6", "8", "10", "11"]);
    expect(asked).toEqual([
      'subscribe {"ch":"c"}',
      'resume {"ch":"c","after_seq":6,"epoch":7}',
      'resume {"ch":"c","after_seq":8,"epoch":7}',
    ]);
  });

  test("of a party says where a snapshot takes the place of what was missed", () => {
    const { follower, link, told, notices, frame } = following(true);
    follower.begin(link);
    frame("subscribed", { ch: "c", epoch: 7 });
    frame("snapshot", "s", 5, null);
    follower.end();
    follower.begin(link);
    frame("resume.reset", { ch: "c", epoch: 8 });
    frame("snapshot", "t", 2, null);
    frame("order.update", "3", 3, 2);
    expect([told, notices]).toEqual([["snapshot s", "snapshot t reset", "3"], ["reset"]]);
  });
});

describe("what an answer means", () => {
  const request: KeptRequest = {
    form: "tenders",
    data: {
      ...{ requestId: "r", partyId: "anne" },
      tender: [limitTender({ id: "a", side: "buy", slotMs: 0, slotLengthMs: 900_000, priceMicro: 1, quantityWh: 1 })],
    },
  };
  const refused = (code: string, kind: "state" | "limit" | "server" | "access" | "request", retryable = false) =>
    ({ state: "refused", error: { code, class: kind, retryable, message: "" } }) as const;

  test.each<[string, Reply<never>, boolean, string]>([
    ["nothing came", { state: "unknown", because: "timeout" }, false, "unknown"],
    ["it did not leave", { state: "unsent", because: "not-connected" }, false, "unknown"],
    ["a limit, the first time", refused("RATE_LIMITED", "limit", true), false, "refused"],
    ["a limit, when it may have been heard before", refused("RATE_LIMITED", "limit", true), true, "unknown"],
    ["something went wrong inside", refused("INTERNAL", "server"), false, "unknown"],
    ["the market was overloaded", refused("OVERLOADED", "server", true), false, "refused"],
    ["the gate is closed, asked again", refused("GATE_CLOSED", "state"), true, "refused"],
    ["not let in any more, asked again", refused("FORBIDDEN", "access"), true, "unknown"],
    ["a code that is not known yet", refused("BRAND_NEW", "state"), false, "refused"],
  ])("%s", (_, reply, isAgain, state) => {
    expect(outcomeOf(request, reply, isAgain).state).toBe(state);
  });
});
