import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { instantMs } from "@micromarket/kernel";
import { bootClientId, isTopicFilter, isTopicName, MqttLink, type MqttLinkOptions } from "@micromarket/link-mqtt";
import { BACK_OFF, waitMs } from "../src/back-off.ts";
import { InboundQueue } from "../src/inbound-queue.ts";
import { PacketGuard } from "../src/packet-guard.ts";
import { TopicRates } from "../src/topic-rates.ts";
import { NOON } from "./message.ts";

describe("the wait before the next attempt", () => {
  test("doubles to 60 s", () => {
    const waits = [1, 2, 3, 7, 8, 9, 1_000_000].map((failures) => waitMs(BACK_OFF, failures, 0.999_999));
    expect(waits).toEqual([500, 1_000, 2_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test("is spread over the second half", () => {
    expect([0, 0.5].map((random) => waitMs(BACK_OFF, 2, random))).toEqual([500, 750]);
  });
});

describe("messages a second", () => {
  const at = (ms: number) => instantMs(Number(NOON) + ms);

  test("of one topic are counted apart from another's", () => {
    const rates = new TopicRates(2, 10);
    const allowed = [0, 1, 2, 999, 1_000, 1_001, 1_002].map((ms) => rates.allows("a", at(ms)));
    expect(allowed).toEqual([true, true, false, false, true, true, false]);
    expect(rates.allows("b", at(1_002))).toBe(true);
  });

  test("of topics beyond the bound share one allowance", () => {
    const rates = new TopicRates(1, 2);
    expect(["a", "b", "c", "d", "a"].map((topic) => rates.allows(topic, at(0)))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  test("of topics that have fallen silent leave room for others", () => {
    const rates = new TopicRates(1, 2);
    for (const topic of ["a", "b", "c"]) rates.allows(topic, at(0));
    expect(["d", "e", "d"].map((topic) => rates.allows(topic, at(1_000)))).toEqual([true, true, false]);
  });

  test("start anew when the clock is set back", () => {
    const rates = new TopicRates(1, 2);
    expect([rates.allows("a", at(0)), rates.allows("a", at(-9_999)), rates.allows("a", at(-9_998))]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe("the queue", () => {
  test("hands on one after the other, drops the oldest, and outlives its handler's exceptions", async () => {
    const handled: number[] = [];
    const failures: unknown[] = [];
    let goOn = (): void => undefined;
    const first = new Promise<void>((resolve) => (goOn = resolve));
    const queue = new InboundQueue<number>(
      2,
      async (message) => {
        if (message === 1) await first;
        if (message === 3) throw new Error("three");
        handled.push(message);
      },
      (error) => failures.push(error),
    );
    expect([1, 2, 3, 4].map((message) => queue.push(message))).toEqual([false, false, false, true]);
    expect(queue.length).toBe(2);
    goOn();
    await new Promise(setImmediate);
    expect([handled, failures.length, queue.length]).toEqual([[1, 4], 1, 0]);
    queue.push(5);
    await new Promise(setImmediate);
    expect(handled).toEqual([1, 4, 5]);
  });
});

describe("the guard of packets", () => {
  /** A publication to the topic `t`: its body is 3 bytes longer than its payload. */
  const publish = (length: number): Buffer => {
    const header = [0x30];
    for (let rest = length + 3; header.length === 1 || rest > 0; rest = Math.floor(rest / 128)) {
      header.push((rest % 128) + (rest > 127 ? 128 : 0));
    }
    return Buffer.concat([Buffer.from([...header, 0, 1, 0x74]), Buffer.alloc(length)]);
  };
  const pingResponse = Buffer.of(0xd0, 0);

  test("accepts any stream of short packets, however it is cut", () => {
    const lengths = fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 16_000, max: 19_000 })), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(lengths, fc.infiniteStream(fc.integer({ min: 1, max: 20_000 })), (packets, cuts) => {
        let rest = Buffer.concat([...packets.map(publish), pingResponse]);
        const guard = new PacketGuard(20_000);
        for (const cut of cuts) {
          expect(guard.accepts(rest.subarray(0, cut))).toBe(true);
          rest = rest.subarray(cut);
          if (rest.length === 0) break;
        }
      }),
    );
  });

  test("refuses a long packet by its header, before its body is there", () => {
    expect(new PacketGuard(20_000).accepts(publish(20_000).subarray(0, 4))).toBe(false);
    expect(new PacketGuard(20_000).accepts(publish(19_997))).toBe(true);
    expect(new PacketGuard(1e9).accepts(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff))).toBe(false);
  });
});

describe("topics", () => {
  test.each(["a", "a/b", "/", "a//b", "ä b"])("%j may be published to and subscribed to", (topic) => {
    expect([isTopicName(topic), isTopicFilter(topic)]).toEqual([true, true]);
  });

  test.each([
    ["+", true],
    ["a/+/b", true],
    ["a/#", true],
    ["#", true],
    ["$SYS/x", true],
    ["a/#/b", false],
    ["a+", false],
    ["a#", false],
    ["", false],
    ["a\u0000", false],
    ["a\ud800", false],
    ["a".repeat(257), false],
  ])("%j may not be published to; to subscribe to it: %s", (filter, isFilter) => {
    expect([isTopicName(filter), isTopicFilter(filter)]).toEqual([false, isFilter]);
  });
});

describe("options are refused before anything is connected", () => {
  const good: MqttLinkOptions = { url: "mqtt://127.0.0.1:1", clientId: "a", subscriptions: [] };
  const echo = { topic: "e", everyMs: 10, deadlineMs: 10 };
  test.each<[string, Partial<MqttLinkOptions>]>([
    ["URL_INVALID", { url: "127.0.0.1:1883" }],
    ["URL_INVALID", { url: "http://127.0.0.1" }],
    ["URL_INVALID", { url: "mqtt://127.0.0.1?clientId=other" }],
    ["URL_HAS_CREDENTIALS", { url: "mqtt://user:secret@127.0.0.1" }],
    ["CLIENT_ID_INVALID", { clientId: "" }],
    ["TOPIC_INVALID", { subscriptions: [{ filter: "a/#/b", qos: 0 }] }],
    ["TOPIC_INVALID", { subscriptions: [0, 1].map(() => ({ filter: "a", qos: 0 })) }],
    ["TOPIC_INVALID", { echo: { ...echo, topic: "e/+" } }],
    ["LIMIT_INVALID", { echo: { ...echo, everyMs: 0 } }],
    ["LIMIT_INVALID", { keepAliveS: 0 }],
    ["LIMIT_INVALID", { backOff: { maxMs: 2 ** 31 } }],
    ["LIMIT_INVALID", { limits: { queueLengthMax: Number.NaN } }],
  ])("%s", (code, change) => {
    const link = MqttLink.open({ ...good, ...change }, { now: () => NOON, onMessage: () => undefined });
    expect(link).toMatchObject({ ok: false, error: { code } });
    expect(JSON.stringify(link)).not.toContain("secret");
  });

  test("a client id is new at each start", () => {
    expect(bootClientId("site", "gateway")).not.toBe(bootClientId("site", "gateway"));
  });
});
