/**
 * A bot behind a network that does everything wrong: it cuts, loses, doubles, swaps and delays frames, leaves connections half
 * open; the bot crashes, and goes on from its journal. In the end the market has each order once, and the bot knows how each
 * stands. MICROMARKET_CHAOS_ORDERS and MICROMARKET_CHAOS_CUTS make it longer.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { decodeCommand } from "@micromarket/engine";
import { partyId, randomStream } from "@micromarket/kernel";
import { orderView, tradeRequest } from "@micromarket/protocol";
import { connect, limitTender, OrderDesk, type ClientOrder, type MarketSession } from "@micromarket/client";
import { fileJournal, nodeSurroundings } from "@micromarket/client/node";
import { MarketServer, TOKEN } from "./market-server.ts";
import { SocketProxy, type Link, type LinkPlan } from "./socket-proxy.ts";
import { atEnd, closeAll, until } from "./waiting.ts";

afterEach(closeAll);

const ORDERS = Number(process.env["MICROMARKET_CHAOS_ORDERS"] ?? 2_000);
const CUTS = Number(process.env["MICROMARKET_CHAOS_CUTS"] ?? 20);
const SEED = Number(process.env["MICROMARKET_CHAOS_SEED"] ?? 1);
const MINUTES = Math.max(3, Math.ceil(ORDERS / 1_500));
const ANNE = "anne";

/** What became of the frames. */
interface Mischief {
  lost: number;
  doubled: number;
  swapped: number;
  delayed: number;
  cut: number;
  halfOpen: number;
}

/** Frames of hello and sign-in pass, or nothing would ever begin. */
function chaos(draw: () => number, done: Mischief, isOn: () => boolean): (link: Link) => LinkPlan {
  return (link) => {
    const way = (send: (data: string | Buffer) => void) => {
      const queue: (string | Buffer)[] = [];
      let held: "no" | "swap" | "delay" = "no";
      let frames = 0;
      const flush = (): void => {
        held = "no";
        for (const data of queue.splice(0)) send(data);
      };
      const hold = (how: "swap" | "delay"): void => {
        if (held !== "no") return;
        held = how;
        setTimeout(flush, 5 + Math.floor(draw() * 40));
      };
      return (data: string | Buffer): void => {
        frames += 1;
        const chance = frames <= 4 || !isOn() ? 1 : draw();
        if (chance < 0.004) return void (done.lost += 1);
        if (held === "swap") {
          done.swapped += 1;
          queue.unshift(data);
          return flush();
        }
        queue.push(data);
        if (chance < 0.014) {
          done.doubled += 1;
          queue.push(data);
        } else if (chance < 0.024) hold("swap");
        else if (chance < 0.034) {
          done.delayed += 1;
          hold("delay");
        }
        if (held === "no") flush();
      };
    };
    return { fromClient: way(link.toServer), fromServer: way(link.toClient) };
  };
}

interface Bot {
  readonly session: MarketSession;
  readonly desk: OrderDesk;
}

async function bot(url: string, path: string): Promise<Bot> {
  const surroundings = nodeSurroundings();
  const session = connect(url, {
    credential: { kind: "bearer", token: TOKEN },
    surroundings,
    ...{ requestTimeoutMs: 700, silenceMs: 1_500, helloWithinMs: 3_000, clockSamples: 1 },
    reconnect: { immediate: 1_000_000, jitterMs: 20 },
  });
  const journal = await fileJournal(path);
  const desk = await OrderDesk.open({
    session,
    party: ANNE,
    journal,
    surroundings,
    resendAfterMs: 100,
    compactAt: 3_000,
  });
  return { session, desk };
}

test(
  `${ORDERS} orders over ${CUTS} broken connections and three crashes: none is lost, none is doubled`,
  async () => {
    const server = await MarketServer.start();
    atEnd(() => server.stop());
    const stream = randomStream(SEED, "chaos");
    const draw = (): number => stream.below(1_000_000) / 1_000_000;
    const done: Mischief = { lost: 0, doubled: 0, swapped: 0, delayed: 0, cut: 0, halfOpen: 0 };
    const isOn = (): boolean => isStormy;
    let isStormy = true;
    const links = new Map<number, Link>();
    const plan = chaos(draw, done, isOn);
    const proxy = await SocketProxy.start(server.port, {
      link: (link) => {
        links.set(link.number, link);
        return plan(link);
      },
    });
    atEnd(() => proxy.close());
    const path = join(newFolder(), "orders.jsonl");
    let now = await bot(proxy.url, path);
    atEnd(() => now.session.close());
    await now.session.ready();

    const perCut = Math.floor(ORDERS / CUTS);
    let placed = 0;
    for (let round = 0; round < CUTS; round++) {
      const asked = Array.from({ length: perCut }, () => (placed += 1));
      const work = place(now, asked, draw, server);
      // in the middle of it the connection breaks
      await Promise.race([work, until(() => now.desk.unsettled().length > perCut / 8, "orders are on their way")]);
      const link = links.get(proxy.count);
      if (round % 4 === 3) {
        done.halfOpen += 1;
        link?.halfOpen();
      } else {
        done.cut += 1;
        link?.cut();
      }
      await work;
      if (round % Math.ceil(CUTS / 3) === 1) {
        now.session.close(); // as a crash: nothing is settled, nothing is said
        await now.desk.close();
        now = await bot(proxy.url, path);
        await now.session.ready();
      }
    }
    isStormy = false;
    proxy.cutAll();
    const bound = MINUTES * 60_000;
    await until(
      () => now.session.state === "ready" && now.desk.unsettled().length === 0,
      "everything is settled",
      bound,
    );
    await until(() => heardAll(server, now), "everything is heard", bound, 200);
    server.close(server.slot(0));
    await until(() => heardAll(server, now), "the gate is heard of", bound, 200);

    expect(entriesByOrder(server)).toEqual(
      new Map(ordersOfMarket(server).map(({ clientOrderId }) => [clientOrderId, 1])),
    );
    expect(standings(now.desk.orders())).toEqual(
      ordersOfMarket(server)
        .map((record) => `${record.clientOrderId} ${orderView(record).state} ${record.rev} ${record.filled}`)
        .sort(),
    );
    expect(now.desk.orders()).toHaveLength(placed + 20 * batches(placed));
    expect(server.errors).toEqual([]);
    console.info(`chaos: ${JSON.stringify({ orders: now.desk.orders().length, connections: proxy.count, ...done })}`);
  },
  MINUTES * 60_000 + 60_000,
);

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "micromarket-chaos-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Every fiftieth order is followed by a batch of twenty. */
function batches(placed: number): number {
  return Math.floor(placed / 50);
}

/** Places the orders, some at a time; takes some of them back. Returns once each has a first outcome. */
async function place(
  { desk }: Bot,
  numbers: readonly number[],
  draw: () => number,
  server: MarketServer,
): Promise<void> {
  const waiting = [...numbers];
  const work = async (): Promise<void> => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      const [side, priceMicro] = draw() < 0.5 ? (["buy", 310_000] as const) : (["sell", 70_000] as const);
      const tender = limitTender({
        ...{ id: `o${number}`, side, slotMs: server.slot(number % 4), slotLengthMs: server.rules.slotLength },
        ...{ priceMicro, quantityWh: 1 + (number % 7) },
      });
      const { first } = await desk.placeTenders([tender], { requestId: `r${number}` });
      await first;
      if (number % 11 === 0) await (await desk.cancel([`o${number}`], { requestId: `c${number}` })).first;
      if (number % 50 === 0) {
        const rows = Array.from({ length: 20 }, (_, row) => row);
        const batch = await desk.placeBatch(
          {
            slotMs: server.slot(number % 4),
            prices: rows.map(() => 100_000),
            energies: rows.map((row) => row + 1),
            sides: rows.map(() => "buy" as const),
          },
          { requestId: `b${number}` },
        );
        await batch.first;
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
}

function ordersOfMarket(server: MarketServer) {
  return server.archive.ordersOf(partyId(ANNE), {}, { after: null, limit: 1_000_000 }).orders;
}

function heardAll(server: MarketServer, { desk }: Bot): boolean {
  return ordersOfMarket(server).every((record) => desk.order(record.clientOrderId)?.view?.rev === record.rev);
}

/** How often the journal places each order. */
function entriesByOrder(server: MarketServer): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { command } of server.disk.entries) {
    const read = decodeCommand(command);
    const request = read.ok ? tradeRequest(read.value) : null;
    if (request === null || request.placed.length === 0) continue;
    for (const id of request.orders) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

function standings(orders: readonly ClientOrder[]): readonly string[] {
  return orders.map(({ id, state, view }) => `${id} ${state} ${view?.rev ?? ""} ${view?.filled_wh ?? ""}`).sort();
}
