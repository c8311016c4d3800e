import { afterEach, describe, expect, test } from "@jest/globals";
import { formatInstant, instantMs, partyId } from "@micromarket/kernel";
import { decodeBatchAnswer, encodeBatch } from "@micromarket/protocol";
import { NOON } from "@micromarket/testkit";
import type { ListeningServer, SocketLimits } from "@micromarket/api-http";
import { ask, serve } from "./asking.ts";
import { closeSockets, SocketClient } from "./socket-client.ts";
import { tradingStreet, type TradingStreet } from "./trading-street.ts";

afterEach(closeSockets);

const SLOT = formatInstant(NOON);
const PATIENT = 120_000;

function limit(tenderId: string, side: "BUY" | "SELL", price: number | null, quantity: number) {
  return {
    ...{ tenderId, side, priceScale: -6, quantityScale: -3, resourceDesignator: "ENERGY" },
    tenderDetail: { interval: { dtStart: SLOT, duration: "PT15M" }, price, quantity },
  };
}

const create = (requestId: string, party: string, ...tender: readonly ReturnType<typeof limit>[]) => ({
  ...{ requestId, partyId: party, tender },
});

interface Running {
  readonly street: TradingStreet;
  readonly server: ListeningServer;
}

async function start(limits: Partial<SocketLimits> = {}): Promise<Running> {
  const street = tradingStreet();
  return { street, server: await serve(street, { trading: { desk: street.desk, limits } }) };
}

async function enter(server: ListeningServer): Promise<SocketClient> {
  const client = new SocketClient(server);
  await client.next("hello");
  await client.ask("auth", { method: "bearer", token: "anybody on loopback is the operator" });
  return client;
}

describe("a session", () => {
  test(
    "begins with hello; an order is durable when it is answered, and told to its party as it goes on",
    async () => {
      const { street, server } = await start();
      const client = new SocketClient(server);
      const hello = await client.next("hello");
      const { market } = street.rules;
      expect(hello.data).toMatchObject({ protocol: "micromarket.v1", market, principal: null });
      expect((await client.ask("subscribe", { ch: "orders/anne" })).data.code).toBe("AUTH_REQUIRED");
      expect((await client.ask("auth", { method: "bearer", token: "x" })).type).toBe("authenticated");
      await client.ask("subscribe", { ch: "orders/anne" });
      expect((await client.next("snapshot")).data).toEqual({ orders: [] });
      const created = await client.ask("EiCreateTender", create("r1", "anne", limit("t1", "BUY", 350_000, 500)));
      expect(created).toMatchObject({ type: "EiCreatedTender", data: { tenderId: "t1", duplicate: false } });
      const open = await client.next("order.update");
      expect(open).toMatchObject({ ch: "orders/anne", data: { client_order_id: "t1", state: "open" } });
      street.closeGateOf(NOON);
      const traded = await client.next("transaction");
      expect(traded).toMatchObject({ prev: open.seq, data: { client_order_id: "t1", side: "buy", energy_wh: 500 } });
      const filled = await client.next("order.update");
      expect(filled).toMatchObject({ prev: traded.seq, data: { state: "filled", filled_wh: 500 } });
    },
    PATIENT,
  );

  test.each([
    ["no JSON", "{", "BAD_JSON"],
    ["a list", "[]", "BAD_JSON"],
    ["an unknown type", JSON.stringify({ type: "order.fill", id: "1", data: {} }), "UNKNOWN_TYPE"],
    ["an unknown field", JSON.stringify({ type: "subscribe", id: "1", data: { ch: "book", x: 1 } }), "BAD_SCHEMA"],
    ["a missing field", JSON.stringify({ type: "subscribe", id: "1", data: {} }), "BAD_SCHEMA"],
    ["a float", JSON.stringify({ type: "time", id: "1", data: { t0_ms: 0.5 } }), "BAD_SCHEMA"],
  ])(
    "answers %s with an error, and is closed after too many",
    async (_, text, code) => {
      const { server } = await start();
      const client = await enter(server);
      for (let count = 0; count < 6; count++) client.socket.send(text);
      expect((await client.next("error")).data.code).toBe(code);
      expect(await client.end()).toBe(4400);
    },
    PATIENT,
  );

  test(
    "ends where nobody says who is there, or nothing is heard",
    async () => {
      const { server } = await start({ authWithinMs: 50, silenceMsMax: 300, heartbeatMs: 50, pingMs: 100_000 });
      const silent = new SocketClient(server);
      expect(await silent.end()).toBe(4401);
      const client = await enter(server);
      expect(await client.next("heartbeat")).toMatchObject({ data: { last: {} } });
      expect([4408, 1006]).toContain(await client.end()); // it is cut where no goodbye comes
    },
    PATIENT,
  );

  test(
    "is refused before the upgrade without our sub-protocol, and from a foreign page",
    async () => {
      const { server } = await start();
      const other = new SocketClient(server, "micromarket.v9");
      expect((await other.until(() => other.refusal, "a refusal")).status).toBe(400);
      const page = new SocketClient(server, "micromarket.v1", { origin: "http://elsewhere.example" });
      expect((await page.until(() => page.refusal, "a refusal")).status).toBe(403);
      expect((await ask(server, "/api/v1/ws")).status).toBe(426);
    },
    PATIENT,
  );

  test(
    "hears of a planned stop before it is closed",
    async () => {
      const { server } = await start();
      const client = await enter(server);
      await server.close();
      expect((await client.next("server.closing")).data).toMatchObject({ reason: "the gateway stops" });
      expect(await client.end()).toBe(1012);
    },
    PATIENT,
  );

  test(
    "tells the time, answers a test and says what it listens to",
    async () => {
      const { server } = await start();
      const client = await enter(server);
      expect((await client.ask("time", { t0_ms: 7 })).data).toMatchObject({ t0_ms: 7 });
      expect(await client.ask("test", { text: "there?" })).toMatchObject({
        type: "test.answer",
        data: { text: "there?" },
      });
      await client.ask("subscribe", { ch: "results" });
      expect((await client.ask("session.state", {})).data).toMatchObject({ channels: ["results"] });
    },
    PATIENT,
  );
});

describe("channels", () => {
  test(
    "public ones begin with a snapshot; what follows names what came before",
    async () => {
      const { street, server } = await start();
      const client = await enter(server);
      for (const ch of ["market", "book", "trades", "results", "prices"]) await client.ask("subscribe", { ch });
      const begun = await client.next("snapshot", ({ ch }) => ch === "results");
      await client.ask("EiCreateTender", create("r1", "anne", limit("t1", "BUY", 350_000, 500)));
      street.closeGateOf(NOON);
      const result = await client.next("delta", ({ ch }) => ch === "results");
      expect(result).toMatchObject({ prev: begun.seq, data: { start: SLOT, energy_wh: 500 } });
      const trades = await client.next("delta", ({ ch }) => ch === "trades");
      expect(JSON.stringify(trades)).not.toContain("anne");
      const prices = await client.next(
        "delta",
        ({ ch, data }) => ch === "prices" && JSON.stringify(data).includes('"is_final":true'),
      );
      expect(prices.data).toMatchObject({ prices: [{ slot: SLOT, energy_wh: 500 }] });
      await client.ask("resync", { ch: "results" });
      const again = await client.next("snapshot", ({ ch }) => ch === "results");
      expect(again.seq).toBe(result.seq);
    },
    PATIENT,
  );

  test(
    "a private one goes on after what was heard, and begins anew where that is gone or was counted otherwise",
    async () => {
      const { server } = await start();
      const first = await enter(server);
      const subscribed = await first.ask("subscribe", { ch: "orders/anne" });
      const { seq, epoch } = subscribed.data as { seq: number; epoch: number };
      first.socket.terminate();
      const second = await enter(server);
      for (const name of ["t1", "t2", "t3"])
        await second.ask("EiCreateTender", create(`r${name}`, "anne", limit(name, "BUY", 350_000, 100)));
      const resumed = await second.ask("resume", { ch: "orders/anne", after_seq: seq, epoch });
      expect(resumed).toMatchObject({ type: "resumed", data: { after_seq: seq, to_seq: seq + 3 } });
      let prev = seq;
      for (const name of ["t1", "t2", "t3"]) {
        const update = await second.next("order.update");
        expect(update).toMatchObject({ prev, data: { client_order_id: name } });
        prev = update.seq ?? 0;
      }
      const other = await second.ask("resume", { ch: "orders/anne", after_seq: seq, epoch: epoch + 1 });
      expect(other.type).toBe("resume.reset");
      expect((await second.next("snapshot")).data["orders"]).toHaveLength(3);
      expect((await second.ask("resume", { ch: "orders/bert", after_seq: 1_000 })).type).toBe("resume.reset");
    },
    PATIENT,
  );

  test.each([
    ["an unknown channel", "subscribe", { ch: "gossip" }, "UNKNOWN_CHANNEL"],
    ["a party that does not exist", "subscribe", { ch: "orders/zoe" }, "NOT_FOUND"],
    ["a channel that is not listened to", "resync", { ch: "book" }, "NOT_SUBSCRIBED"],
    ["a public channel to go on with", "resume", { ch: "book", after_seq: 1 }, "UNKNOWN_CHANNEL"],
  ])(
    "%s is refused",
    async (_, type, data, code) => {
      const { server } = await start();
      const client = await enter(server);
      expect(await client.ask(type, data)).toMatchObject({ type: "error", data: { code } });
    },
    PATIENT,
  );

  test(
    "a reader that does not read is closed, and others hear everything",
    async () => {
      const { street, server } = await start({ unreadBytesMax: 20_000 });
      const [slow, quick] = [await enter(server), await enter(server)];
      await slow.ask("subscribe", { ch: "results" });
      await quick.ask("subscribe", { ch: "orders/anne" });
      slow.socket.pause();
      const text = "x".repeat(120);
      await slow.until(() => {
        for (let count = 0; count < 400; count++)
          if (slow.socket.readyState === slow.socket.OPEN) slow.send("test", { text });
        return slow.closed ?? isCut(slow);
      }, "the slow one's end");
      await quick.ask("EiCreateTender", create("r1", "anne", limit("t1", "BUY", 350_000, 100)));
      expect(await quick.next("order.update")).toMatchObject({ data: { state: "open" } });
      expect(street.archive.order(partyId("anne"), "t1")).not.toBeNull();
    },
    PATIENT,
  );
});

/** A paused socket does not hear of its end: it is asked whether it can still be read. */
function isCut(client: SocketClient): boolean {
  client.socket.resume();
  client.socket.pause();
  return client.closed !== null;
}

describe("orders", () => {
  test(
    "the same request has the same answer, also while the first one is on its way; another one of its name is refused",
    async () => {
      const { street, server } = await start();
      const client = await enter(server);
      let release: () => void = () => undefined;
      street.hold = new Promise((resolve) => void (release = resolve));
      const data = create("r1", "anne", limit("t1", "BUY", 350_000, 500));
      const [one, two] = [client.ask("EiCreateTender", data), client.ask("EiCreateTender", data)];
      await new Promise((resolve) => setTimeout(resolve, 20));
      release();
      const answers = [await one, await two];
      expect(answers.map(({ data: { duplicate } }) => duplicate)).toEqual([false, true]);
      const ids = answers.map(({ data: { marketOrderId } }) => marketOrderId);
      expect(ids[0]).toBe(ids[1]);
      street.closeGateOf(NOON);
      expect((await client.ask("EiCreateTender", data)).data).toMatchObject({ duplicate: true, marketOrderId: ids[0] });
      const other = create("r1", "anne", limit("t1", "BUY", 350_000, 501));
      expect((await client.ask("EiCreateTender", other)).data).toMatchObject({ response: { code: "ID_REUSED" } });
    },
    PATIENT,
  );

  test(
    "several are taken whole or not at all, or each for itself",
    async () => {
      const { street, server } = await start();
      const client = await enter(server);
      const bad = [limit("r1.0", "BUY", 350_000, 1), limit("r1.1", "BUY", 350_000, 0)];
      const none = await client.ask("EiCreateTender", create("r1", "anne", ...bad));
      expect(none.data).toMatchObject({ response: { code: "QTY_LOT" } });
      expect(street.archive.order(partyId("anne"), "r1.0")).toBeNull();
      const some = await client.ask("EiCreateTender", { ...create("r1", "anne", ...bad), partial: true });
      expect(some.data).toMatchObject({ tenders: [{ state: "open" }, { state: "rejected" }] });
      const whole = [limit("r2.0", "BUY", 350_000, 1), limit("r2.1", "SELL", 350_000, 2)];
      const all = await client.ask("EiCreateTender", create("r2", "anne", ...whole));
      expect(all.data).toMatchObject({
        response: { responseCode: 200 },
        tenders: [{ state: "open" }, { state: "open" }],
      });
      expect((await client.ask("EiCreateTender", create("r2", "anne", ...whole))).data).toMatchObject({
        duplicate: true,
      });
    },
    PATIENT,
  );

  test(
    "are taken back by name, or all of them; what has ended is not",
    async () => {
      const { street, server } = await start();
      const client = await enter(server);
      for (const name of ["t1", "t2", "t3"])
        await client.ask("EiCreateTender", create(name, "anne", limit(name, "BUY", 350_000, 100)));
      const one = await client.ask("EiCancelTender", { requestId: "c1", partyId: "anne", tenderId: ["t1", "t9"] });
      expect(one.data["eiCanceledResponse"]).toMatchObject([
        { success: true, remainingQuantity: 100 },
        { success: false, remainingQuantity: 0 },
      ]);
      const rest = await client.ask("EiCancelTender", { requestId: "c2", partyId: "anne" });
      expect(rest.data["eiCanceledResponse"]).toHaveLength(2);
      const again = await client.ask("EiCancelTender", { requestId: "c3", partyId: "anne", tenderId: ["t1"] });
      expect(again.data["eiCanceledResponse"]).toMatchObject([{ success: false }]);
      expect(street.archive.order(partyId("anne"), "t2")?.state).toBe("CANCELED");
    },
    PATIENT,
  );

  test.each([
    [
      "after the gate",
      (street: TradingStreet) => street.closeGateOf(NOON),
      limit("t", "BUY", 350_000, 1),
      "GATE_CLOSED",
    ],
    [
      "off the tick or out of the band",
      () => undefined,
      limit("t", "BUY", Number.MAX_SAFE_INTEGER, 1),
      "PRICE_OUT_OF_BAND",
    ],
    ["too large", () => undefined, limit("t", "BUY", 350_000, 2_000_000_000), "QTY_LIMIT"],
  ])(
    "%s are refused with a code",
    async (_, before, tender, code) => {
      const { street, server } = await start();
      const client = await enter(server);
      before(street);
      const answer = await client.ask("EiCreateTender", create("r", "anne", tender));
      expect(answer.data).toMatchObject({ response: { code } });
    },
    PATIENT,
  );

  test(
    "of a session that is gone are taken back after its grace, unless another one takes them over",
    async () => {
      const { street, server } = await start();
      const first = await enter(server);
      const { session } = (await first.ask("session.state", {})).data as unknown as { session: string };
      await first.ask("session.configure", { cancel_on_disconnect: { grace_ms: 60_000 } });
      await first.ask("EiCreateTender", create("r1", "anne", limit("t1", "BUY", 350_000, 1)));
      first.socket.close();
      await first.end();
      const second = await enter(server);
      const configure = { cancel_on_disconnect: { grace_ms: 0 }, takes_over: session };
      await second.until(
        async () => (await second.ask("session.configure", configure)).data["took_over"] === true,
        "the orders",
      );
      second.socket.close();
      const third = await enter(server);
      await third.until(() => street.archive.order(partyId("anne"), "t1")?.state === "CANCELED", "the cancel");
    },
    PATIENT,
  );

  test(
    "a batch is one entry; the same one again is not placed again; bytes that are none count as unreadable",
    async () => {
      const { street, server } = await start();
      const client = await enter(server);
      const rows = { prices: [350_000, null], energies: [10, 20], sides: ["buy", "sell"] as const };
      const batch = encodeBatch({ requestId: "b1", party: "anne", slotMs: NOON, ...rows, said: null });
      for (const bytes of [batch, batch]) client.socket.send(bytes);
      await client.until(() => client.bytes.length === 2, "two answers");
      const [one, two] = client.bytes.map((bytes) => decodeBatchAnswer(bytes));
      expect(one).toMatchObject({ ok: true, value: { requestId: "b1", status: 200, rows: 2, refusedRow: null } });
      expect(two).toEqual(one);
      expect(street.archive.order(partyId("anne"), "b1.1")).toMatchObject({ side: "sell", quantity: 20 });
      const late = encodeBatch({ requestId: "b2", party: "anne", slotMs: instantMs(NOON + 1), ...rows, said: null });
      client.socket.send(late);
      await client.until(() => client.bytes.length === 3, "a refusal");
      const refused = client.bytes[2];
      expect(refused === undefined ? null : decodeBatchAnswer(refused)).toMatchObject({
        value: { status: 404, code: "SLOT_UNKNOWN" },
      });
      client.socket.send(Buffer.from([1, 2, 3]));
      expect((await client.next("error")).data.code).toBe("BAD_FRAME");
    },
    PATIENT,
  );
});
