import { connect } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import { measured } from "@micromarket/kernel";
import { LiveEvent } from "@micromarket/api-http";
import { registerParty } from "@micromarket/testkit";
import { ask, expectShape, serve } from "./asking.ts";
import { openStream } from "./stream-reader.ts";
import { clear, deliver, slotNo, street, type Street } from "./street.ts";

function observe({ model, clock }: Street, device = "meter", value = 1): void {
  const at = clock.now();
  model.observe({ device, readings: [{ point: "power_w", value: measured(value), at }] }, at);
}

async function metric(server: Parameters<typeof ask>[0], name: string): Promise<number> {
  const { text } = await ask(server, "/metrics");
  return Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
}

describe("GET /events", () => {
  test("begins with a snapshot and goes on with every event in order", async () => {
    const market = street();
    const server = await serve(market);
    const stream = await openStream(server);
    expect(stream.response.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      "x-content-type-options": "nosniff",
    });
    await stream.events(1);
    clear(market, slotNo(0));
    deliver(market, slotNo(0));
    observe(market);
    market.obey(registerParty("dora"));
    const events = await stream.events(9);
    expect(events.map(({ type }) => type)).toEqual([
      "snapshot",
      "gate-closed",
      "delivery-posted",
      "delivery-posted",
      "delivery-posted",
      "delivery-posted",
      "slot-settled",
      "device-observed",
      "party-registered",
    ]);
    const first = Number(events[0]?.id);
    expect(events.map(({ id }) => Number(id))).toEqual(events.map((_, index) => first + index));
    for (const { id, type, data } of events) {
      expectShape(LiveEvent, data);
      expect([String(data.seq), data.type]).toEqual([id, type]);
    }
    expect(await stream.text(/./s)).toMatch(/^retry: 2000\n\n/);
  });

  test("money, payments and tariffs are told exactly; what happens in an open book is not", async () => {
    const market = street();
    const server = await serve(market);
    const stream = await openStream(server, { "last-event-id": String(market.model.runningSince) });
    const events = await stream.events(7);
    expect(events[3]?.data).toMatchObject({
      type: "account-credited",
      data: { party: "anne", amount_nano: "5000000000", reference: "payment of anne" },
    });
    expect(events[6]?.data).toMatchObject({ type: "tariff-set", data: { tariff_micro_per_kwh: 300_000 } });
    clear(market, slotNo(0));
    expect((await stream.events(8)).map(({ type }) => type).slice(7)).toEqual(["gate-closed"]);
    expect(await stream.text(/gate-closed/)).not.toMatch(/tender-/);
  });

  test("a listener that comes back gets what it missed, once", async () => {
    const market = street();
    const server = await serve(market);
    const stream = await openStream(server);
    await stream.events(1);
    observe(market);
    const heard = (await stream.events(2))[1]?.id ?? "";
    stream.close();
    await stream.ended;
    observe(market, "meter", 2);
    observe(market, "meter", 3);
    const again = await openStream(server, { "last-event-id": heard });
    observe(market, "meter", 4);
    const events = await again.events(3);
    expect(events.map(({ data }) => data.type === "device-observed" && data.data.points[0]?.value)).toEqual([2, 3, 4]);
    expect(events.map(({ id }) => Number(id) - Number(heard))).toEqual([1, 2, 3]);
  });

  test("a listener that has heard everything gets no snapshot", async () => {
    const market = street();
    const server = await serve(market);
    const stream = await openStream(server, { "last-event-id": String(market.model.lastSequence()) });
    observe(market);
    expect((await stream.events(1)).map(({ type }) => type)).toEqual(["device-observed"]);
  });

  test.each<[string, (last: number) => string]>([
    ["too old", (last) => String(last - 5)],
    ["of another run", (last) => String(last + 1)],
    ["before every run", () => "0"],
    ["no number", () => "latest"],
    ["empty", () => ""],
    ["negative", () => "-1"],
    ["a fraction", (last) => `${last}.5`],
    ["too long", () => "9".repeat(40)],
  ])("where the last id is %s, one snapshot comes", async (_, idOf) => {
    const market = street({ newsKept: 4 });
    for (let count = 0; count < 10; count += 1) observe(market);
    const server = await serve(market);
    const stream = await openStream(server, { "last-event-id": idOf(market.model.lastSequence()) });
    observe(market);
    const events = await stream.events(2);
    expect(events.map(({ type }) => type)).toEqual(["snapshot", "device-observed"]);
    expect(Number(events[0]?.id)).toBe(Number(events[1]?.id) - 1);
  });

  test("the oldest id that the ring still serves is served without a snapshot", async () => {
    const market = street({ newsKept: 4 });
    for (let count = 0; count < 10; count += 1) observe(market);
    const server = await serve(market);
    const stream = await openStream(server, { "last-event-id": String(market.model.lastSequence() - 4) });
    expect((await stream.events(4)).map(({ type }) => type)).toEqual(Array(4).fill("device-observed"));
  });

  test("comment lines show that a quiet stream lives", async () => {
    const server = await serve(street(), { stream: { heartbeatMs: 5, retryMs: 7 } });
    const stream = await openStream(server);
    expect(await stream.text(/(: alive\n\n.*){2}/s)).toMatch(/^retry: 7\n\n/);
  });

  test("a listener that does not read is closed; others hear everything", async () => {
    const market = street();
    const server = await serve(market, { stream: { unreadBytesMax: 10_000 } });
    const { port, hostname } = new URL(server.url);
    const lazy = connect(Number(port), hostname);
    const over = new Promise<void>((resolve) => lazy.on("close", () => resolve()));
    lazy.on("error", () => undefined);
    lazy.write(`GET /api/v1/events HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
    while ((await metric(server, "micromarket_event_streams")) === 0) await nextTurn();
    lazy.pause();
    const eager = await openStream(server);
    let sent = 0;
    const name = "x".repeat(60_000);
    while ((await metric(server, "micromarket_event_streams_dropped_slow_total")) === 0 && sent < 2_000) {
      observe(market, name, sent);
      sent += 1;
      await eager.events(1 + sent);
    }
    expect(sent).toBeLessThan(2_000);
    expect(await metric(server, "micromarket_event_streams")).toBe(1);
    lazy.resume();
    await over;
    observe(market, "meter", -1);
    expect(await eager.events(2 + sent)).toHaveLength(2 + sent);
  });

  test("a snapshot that is larger than what may stay unread reaches a listener that takes its time", async () => {
    const market = street();
    for (let count = 0; count < 100; count += 1) observe(market, `${count} ${"x".repeat(60_000)}`);
    const server = await serve(market, { stream: { unreadBytesMax: 10_000 } });
    const slow = await openStream(server);
    slow.response.pause();
    observe(market, "meter", 1);
    slow.response.resume();
    const events = await slow.events(2);
    expect(events.map(({ type }) => type)).toEqual(["snapshot", "device-observed"]);
    expect(await metric(server, "micromarket_event_streams_dropped_slow_total")).toBe(0);
  });

  test("news that cannot be told ends the streams and reaches the operator, never the market", async () => {
    const market = street();
    const fault = new Error("no summary");
    const heard: unknown[] = [];
    let broken = false;
    const model = new Proxy(market.model, {
      get: (inner, name) => {
        if (name === "slot" && broken) throw fault;
        const value: unknown = Reflect.get(inner, name, inner);
        return typeof value === "function" ? (value.bind(inner) as unknown) : value;
      },
    });
    const server = await serve({ model, clock: market.clock }, { onError: (error) => heard.push(error) });
    const stream = await openStream(server);
    const [snapshot] = await stream.events(1);
    broken = true;
    clear(market, slotNo(0)); // would throw where the market is told of it
    await stream.ended;
    expect(heard).toEqual([fault]);
    const refused = await ask(server, "/api/v1/events");
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([500, { code: "INTERNAL" }]);
    broken = false;
    const again = await openStream(server, { "last-event-id": snapshot?.id ?? "" });
    expect((await again.events(1)).map(({ type }) => type)).toEqual(["gate-closed"]);
  });

  test("the number of streams is bounded, and a closed one makes room", async () => {
    const server = await serve(street(), { stream: { streamsMax: 2 } });
    const first = await openStream(server);
    await openStream(server);
    const third = await ask(server, "/api/v1/events");
    expect([third.status, JSON.parse(third.text)]).toMatchObject([503, { code: "STREAMS_EXHAUSTED" }]);
    expect(third.headers["retry-after"]).toBe("10");
    first.close();
    while ((await metric(server, "micromarket_event_streams")) === 2) await nextTurn();
    const fourth = await openStream(server);
    expect(await fourth.events(1)).toHaveLength(1);
  });

  test("closing the server ends all streams and leaves the market alone", async () => {
    const market = street();
    const server = await serve(market);
    const streams = [await openStream(server), await openStream(server)];
    await Promise.all(streams.map((stream) => stream.events(1)));
    await server.close();
    await Promise.all(streams.map((stream) => stream.ended));
    observe(market);
    expect(market.model.devices()).toHaveLength(1);
  });

  test("HEAD opens no stream", async () => {
    const server = await serve(street());
    expect((await ask(server, "/api/v1/events", {}, { method: "HEAD" })).status).toBe(405);
    expect(await metric(server, "micromarket_event_streams")).toBe(0);
  });
});
