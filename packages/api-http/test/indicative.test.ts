import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import { indicative } from "@micromarket/engine";
import { LiveEvent, OpenSlot } from "@micromarket/api-http";
import { submitTender, tender } from "@micromarket/testkit";
import { ask, askJson, expectShape, serve } from "./asking.ts";
import { openStream } from "./stream-reader.ts";
import { clear, slotNo, street, type Street } from "./street.ts";

const FAST = { indicativeMs: 5 };
/** The first slot whose gate is open at the start: a quarter past eleven. */
const NEXT = slotNo(-3).startMs;

function serveIndicative(market: Street, more: Parameters<typeof serve>[1] = {}): ReturnType<typeof serve> {
  return serve(market, { indicative: (slot) => indicative(market.state, slot), stream: FAST, ...more });
}

function bid(market: Street, id: string, price: number, energy: number): void {
  market.obey(submitTender(NEXT, tender(id, "anne", "buy", [price, energy])));
}

describe("GET /slots/:start of an open slot", () => {
  test("says what it would clear at, and nothing of who tenders", async () => {
    const market = street();
    const server = await serveIndicative(market);
    bid(market, "secret-id", 310_000, 777);
    const answer = await askJson(server, `/slots/${new Date(NEXT).toISOString()}`);
    expectShape(OpenSlot, answer);
    expect(answer).toMatchObject({
      start_ms: NEXT,
      phase: "open",
      indicative: {
        price_micro_per_kwh: 300_000,
        energy_wh: 777,
        interval: { low_micro_per_kwh: 300_000, high_micro_per_kwh: 300_000 },
      },
    });
    expect(JSON.stringify(answer)).not.toMatch(/secret|anne/);
  });

  test("a cleared slot is told in full as before, and the book of an open one is not told", async () => {
    const market = street();
    const server = await serveIndicative(market);
    const start = new Date(NEXT).toISOString();
    expect(await ask(server, `/api/v1/slots/${start}/book`)).toMatchObject({ status: 404 });
    clear(market, slotNo(0));
    expect(await askJson(server, "/slots/2026-07-01T12:00Z")).toMatchObject({ fills: expect.anything() });
  });

  test.each([
    ["beyond the horizon", "2026-09-01T12:00Z"],
    ["off the grid of slots", "2026-07-01T12:01Z"],
  ])("there is none %s", async (_, start) => {
    expect(await ask(await serveIndicative(street()), `/api/v1/slots/${start}`)).toMatchObject({ status: 404 });
  });
});

describe("the indicative event", () => {
  test("comes at first and after a change, without a number, and not for every tender", async () => {
    const market = street();
    const stream = await openStream(await serveIndicative(market));
    await stream.events(2);
    for (let count = 1; count <= 20; count++) bid(market, `t${count}`, 310_000, 10);
    const events = await stream.events(3);
    expect(events.map(({ type }) => type)).toEqual(["snapshot", "indicative", "indicative"]);
    for (const { data } of events) expectShape(LiveEvent, data);
    expect(events.map(({ id }) => id !== undefined && id !== "")).toEqual([true, false, false]);
    expect(events[2]?.data).toMatchObject({ data: { indicative: { energy_wh: 200 } } });
    await wait(50);
    expect(await stream.events(3)).toHaveLength(3);
  });

  test("is not sent by a server that has no source of it", async () => {
    const market = street();
    const stream = await openStream(await serve(market, { stream: FAST }));
    bid(market, "t", 310_000, 10);
    await wait(50);
    clear(market, slotNo(-3));
    expect((await stream.events(2)).map(({ type }) => type)).toEqual(["snapshot", "gate-closed"]);
  });
});
