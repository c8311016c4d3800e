/** A desk over its journal: against the real server, after a crash, in a signed market. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { marketGenesis, type MarketRules } from "@micromarket/engine";
import { sealEnvelope, signerOf } from "@micromarket/identity";
import { canonicalText, hashText, instantMs, partyId, type CanonicalValue } from "@micromarket/kernel";
import { marketRules, NOON } from "@micromarket/testkit";
import {
  connect,
  envelopeAuthority,
  limitTender,
  memoryJournal,
  OrderDesk,
  storeJournal,
  type JournalRecord,
  type OrderDeskInit,
  type OrderJournal,
} from "@micromarket/client";
import { fileJournal, nodeSurroundings } from "@micromarket/client/node";
import { MarketServer, TOKEN, type MarketInit } from "./market-server.ts";
import { SocketProxy } from "./socket-proxy.ts";
import { atEnd, closeAll, until } from "./waiting.ts";

afterEach(closeAll);
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-orders-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
});

const surroundings = nodeSurroundings();

async function market(init: MarketInit = {}): Promise<MarketServer> {
  const server = await MarketServer.start(init);
  atEnd(() => server.stop());
  return server;
}

async function desk(url: string, journal: OrderJournal, more: Partial<OrderDeskInit> = {}): Promise<OrderDesk> {
  const session = connect(url, {
    ...{ credential: { kind: "bearer", token: TOKEN }, surroundings, requestTimeoutMs: 1_000 },
    reconnect: { immediate: 1_000, jitterMs: 20 },
  });
  atEnd(() => session.close());
  const opened = await OrderDesk.open({ session, party: "anne", journal, surroundings, resendAfterMs: 50, ...more });
  await session.ready();
  return opened;
}

function order(server: MarketServer, id: string, quantityWh = 100) {
  const slot = { slotMs: server.slot(), slotLengthMs: server.rules.slotLength };
  return limitTender({ id, side: "buy", ...slot, priceMicro: 310_000, quantityWh });
}

describe("a desk", () => {
  test("places, sees orders stand and end, and takes back", async () => {
    const server = await market();
    const own = await desk(server.url, memoryJournal());
    await expect((await own.placeTenders([order(server, "a")])).settled).resolves.toMatchObject({ state: "done" });
    await expect((await own.placeTenders([order(server, "z", 0)])).settled).resolves.toMatchObject({
      ...{ state: "refused", code: "QTY_LOT" },
    });
    const rows = { slotMs: server.slot(), prices: [100_000, null], energies: [1, 2], sides: ["buy", "sell"] as const };
    await (
      await own.placeBatch(rows, { requestId: "b" })
    ).settled;
    await (
      await own.cancel(["b.0"])
    ).settled;
    await until(() => own.order("b.0")?.state === "cancelled" && own.order("a")?.state === "open", "they are told");
    server.close(server.slot());
    await until(() => own.open().length === 0, "all have ended");
    const states = own.orders().map(({ id, state, code }) => `${id} ${state} ${code ?? ""}`);
    expect(states.sort()).toEqual(["a filled ", "b.0 cancelled ", "b.1 filled ", "z refused QTY_LOT"]);
  });

  test("takes back everything", async () => {
    const server = await market();
    const own = await desk(server.url, memoryJournal());
    for (const id of ["a", "b"]) await (await own.placeTenders([order(server, id)])).settled;
    await (
      await own.cancelAll()
    ).settled;
    await until(() => own.open().length === 0, "none is open");
  });

  test("whose request was swallowed on its way, or its answer, sends it again and places it once", async () => {
    const server = await market();
    for (const [index, side] of (["fromClient", "fromServer"] as const).entries()) {
      let isLost = false;
      const proxy = await SocketProxy.start(server.port, {
        link: (link) => ({
          [side]: (data: string | Buffer) => {
            const lose = !isLost && /"EiCreate(?:d)?Tender"/.test(String(data));
            isLost ||= lose;
            if (!lose) (side === "fromClient" ? link.toServer : link.toClient)(data);
          },
        }),
      });
      atEnd(() => proxy.close());
      const own = await desk(proxy.url, memoryJournal());
      const { first, settled } = await own.placeTenders([order(server, `o${index}`)]);
      await expect(first).resolves.toMatchObject({ state: "unknown" });
      await expect(settled).resolves.toMatchObject({ state: "done", isDuplicate: side === "fromServer" });
    }
    expect(server.archive.ordersOf(partyId("anne"), {}, { after: null, limit: 9 }).orders).toHaveLength(2);
  });

  test("that crashed after it had written, before it had sent, sends when it is there again", async () => {
    const server = await market();
    const path = join(folder, "orders.jsonl");
    const written = await fileJournal(path);
    const data = { requestId: "r", partyId: "anne", tender: [order(server, "a")] };
    await written.append([{ kind: "request", atMs: 0, request: { form: "tenders", data } }]);
    await written.close();
    const own = await desk(server.url, await fileJournal(path));
    await until(() => own.unsettled().length === 0 && own.order("a")?.view !== null, "it is placed");
    expect(own.order("a")).toMatchObject({ state: "open", requested: { quantityWh: 100, priceMicro: 310_000 } });
    await own.close();
    // what was heard is there after another restart, without a server
    const lines = readFileSync(path, "utf8").trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as JournalRecord).kind)).toContain("answer");
  });

  test("sends nothing that its journal has not", async () => {
    const server = await market();
    const full = { ...memoryJournal(), append: () => Promise.reject(new Error("the disk is full")) };
    const own = await desk(server.url, full);
    await expect(own.placeTenders([order(server, "a")])).rejects.toThrow("the disk is full");
    expect(server.archive.order(partyId("anne"), "a")).toBeNull();
  });
});

test("in a signed market an order counts under the party's envelope, and a repeated one is the same", async () => {
  const [operator, annes] = ["operator", "anne"].map((name) =>
    signerOf(Uint8Array.from(Buffer.from(hashText(name), "hex"))),
  );
  if (operator === undefined || annes === undefined) throw new Error("no keys");
  const rules: MarketRules = marketRules({ identity: "signed", operator: operator.key.did });
  const net = marketGenesis(rules);
  const now = instantMs(NOON - 3_600_000);
  const says = (body: object, salt: string) => ({
    type: "Signed" as const,
    envelope: sealEnvelope(
      {
        ...{ type: "operator", net, market: rules.market, party: rules.residual.party, salt },
        ...{
          notBefore: now,
          expires: instantMs(now + 3_600_000),
          body: JSON.parse(canonicalText(body as CanonicalValue)) as CanonicalValue,
        },
      },
      operator,
    ),
  });
  const server = await market({
    rules,
    founding: [
      says({ type: "RegisterParty", party: "anne" }, "1"),
      says({ type: "CreditAccount", party: "anne", amount: "5000000000", reference: "p" }, "2"),
      says({ type: "SetTariff", from: 0, tariff: 300_000, feedIn: 80_000 }, "3"),
      says({ type: "EnrolKey", party: "anne", did: annes.key.did, role: "gateway", from: now }, "4"),
    ],
  });
  const authority = envelopeAuthority({
    ...{ signer: annes, net, party: "anne", terms: rules, marketNowMs: () => server.clock.now() },
  });
  const own = await desk(server.url, memoryJournal(), { authority });
  await expect((await own.placeTenders([order(server, "a")])).settled).resolves.toMatchObject({ state: "done" });
  await expect((await own.cancel(["a"])).settled).resolves.toMatchObject({ state: "done" });
  await until(() => own.order("a")?.state === "cancelled", "it is cancelled");
  const unsigned = await desk(server.url, memoryJournal());
  await expect((await unsigned.placeTenders([order(server, "b")])).settled).resolves.toMatchObject({
    ...{ state: "refused", code: "SIGNATURE_REQUIRED" },
  });
});

describe("journals", () => {
  const RECORDS: readonly JournalRecord[] = [
    { kind: "heard", seq: 1, epoch: 1 },
    { kind: "heard", seq: 2, epoch: 1 },
    { kind: "heard", seq: 3, epoch: 1 },
  ];
  const texts = new Map<string, string>();
  const store = {
    getItem: (name: string) => texts.get(name) ?? null,
    setItem: (name: string, text: string) => void texts.set(name, text),
    removeItem: (name: string) => void texts.delete(name),
  };

  test.each<[string, () => Promise<OrderJournal>]>([
    ["in a file", () => fileJournal(join(folder, "j"))],
    ["in a browser's store", () => Promise.resolve(storeJournal(store))],
  ])("%s: what was appended is there when it is opened again, and what replaced it", async (_, open) => {
    const [one, two, three] = RECORDS;
    if (one === undefined || two === undefined || three === undefined) throw new Error("no records");
    const first = await open();
    await Promise.all([first.append([one]), first.append([two, three])]);
    await first.close();
    const second = await open();
    expect(await second.load()).toEqual(RECORDS);
    await second.replace([three]);
    await second.append([one]);
    await second.close();
    expect(await (await open()).load()).toEqual([three, one]);
  });

  test("in a file: a last line that was cut off is cut away; a wrong one in the middle is told with its place", async () => {
    const path = join(folder, "j");
    const first = await fileJournal(path);
    await first.append(RECORDS);
    await first.close();
    appendFileSync(path, '{"kind":"hea');
    const second = await fileJournal(path);
    expect(await second.load()).toEqual(RECORDS);
    await second.close();
    writeFileSync(path, `{"kind":"heard"\n${readFileSync(path, "utf8")}`);
    await expect((await fileJournal(path)).load()).rejects.toThrow(`${path}:1: no record`);
  });
});
