import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import { indicative, partiesTendering } from "@micromarket/engine";
import { LiveEvent, OpenSlot, PARTIES_MIN } from "@micromarket/api-http";
import type { InstantMs } from "@micromarket/kernel";
import { submitTender, tender } from "@micromarket/testkit";
import { ask, askJson, expectShape, serve } from "./asking.ts";
import { openStream } from "./stream-reader.ts";
import { clear, slotNo, street, type Street } from "./street.ts";

const FAST = { indicativeMs: 5 };
/** The first slot whose gate is open at the start: a quarter past eleven. */
const NEXT = slotNo(-3).startMs;

function serveIndicative(market: Street, more: Parameters<typeof serve>[1] = {}): ReturnType<typeof serve> {
  const look = (slot: InstantMs) => {
    const indication = indicative(market.state, slot);
    return indication === null ? null : { indication, parties: partiesTendering(market.state, slot, PARTIES_MIN) };
  };
  return serve(market, { indicative: look, stream: FAST, ...more });
}

function bid(market: Street, id: string, price: number, energy: number, party = "anne"): void {
  market.obey(submitTender(NEXT, tender(id, party, "buy", [price, energy])));
}

describe("GET /slots/:start of an open slot", () => {
  test("says what it would clear at, and nothing of who tenders", async () => {
    const market = street();
    const server = await serveIndicative(market);
    for (const [party, energy] of [
      ["anne", 700],
      ["bert", 70],
      ["carl", 7],
    ] as const) {
      bid(market, `secret-${party}`, 310_000, energy, party);
    }
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
    expect(JSON.stringify(answer)).not.toMatch(/secret|anne|bert|carl/);
  });

  test.each([
    ["nobody", []],
    ["one party", [["anne", "buy", 310_000]]],
    [
      "one party with several tenders",
      [
        ["anne", "buy", 310_000],
        ["anne", "buy", 320_000],
        ["anne", "sell", 330_000],
      ],
    ],
    [
      "two parties",
      [
        ["anne", "buy", 310_000],
        ["bert", "sell", 120_000],
      ],
    ],
  ] as const)("with %s tendering nothing of the book is told", async (_, tenders) => {
    const market = street();
    for (const [index, [party, side, price]] of tenders.entries()) {
      market.obey(submitTender(NEXT, tender(`t${index}`, party, side, [price, 777])));
    }
    const answer = await askJson(await serveIndicative(market), `/slots/${new Date(NEXT).toISOString()}`);
    expectShape(OpenSlot, answer);
    expect(answer).toMatchObject({
      phase: "open",
      indicative: {
        price_micro_per_kwh: null,
        energy_wh: null,
        interval: { low_micro_per_kwh: null, high_micro_per_kwh: null },
      },
    });
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
    for (let count = 1; count <= 21; count++) {
      bid(market, `t${count}`, 310_000, 10, ["anne", "bert", "carl"][count % 3]);
    }
    const events = await stream.events(3);
    expect(events.map(({ type }) => type)).toEqual(["snapshot", "indicative", "indicative"]);
    for (const { data } of events) expectShape(LiveEvent, data);
    expect(events.map(({ id }) => id !== undefined && id !== "")).toEqual([true, false, false]);
    expect(events[2]?.data).toMatchObject({ data: { indicative: { energy_wh: 210 } } });
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
