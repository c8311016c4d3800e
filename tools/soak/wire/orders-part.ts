/**
 * A bot and a market behind a network that cuts, loses, doubles, swaps and delays, and leaves connections half open; the
 * market is killed between the disk and the answer, the bot goes on from its own journal. In the end the market's journal has
 * each order once, and the bot knows how each of them stands.
 */
import { connect, limitTender, OrderDesk, type MarketSession } from "@micromarket/client";
import { fileJournal, nodeSurroundings } from "@micromarket/client/node";
import { decodeCommand } from "@micromarket/engine";
import { durationMs, instantMs, randomStream, type RandomStream } from "@micromarket/kernel";
import { tradeRequest } from "@micromarket/protocol";
import { readSqliteJournal } from "@micromarket/store-sqlite";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SocketProxy, type Link } from "../../../packages/client/test/socket-proxy.ts";
import { realNow } from "../devices/lag.ts";
import type { Say, SoakOptions, Tell } from "../round.ts";
import { marketWords, OPERATOR_TOKEN } from "./market-words.ts";
import { startMarket, type RunningMarket } from "./running-market.ts";
import { storm, type Mischief } from "./storm.ts";
import { WireBot } from "./wire-bot.ts";

const SLOT_MS = 3_600_000;
const PARTY = "p0";
const WORKERS = 32;
/** Every tenth break is a kill of the market; so many of its groups become durable before that. */
const KILL_EVERY = 10;
const GROUPS_UNTIL = 8;
const HALF_OPEN_EVERY = 4;
/** After a third of the breaks, and after two, the bot goes down and comes back. */
const CRASHES = 3;
const SETTLE_MS = 120_000;
const PAGE = 1_000;

interface Bot {
  readonly session: MarketSession;
  readonly desk: OrderDesk;
}

/** What the run works with. */
interface Scene {
  readonly folder: string;
  readonly script: string;
  readonly port: number;
  readonly proxy: SocketProxy;
  readonly links: Map<number, Link>;
  readonly stream: RandomStream;
  readonly slots: readonly number[];
  market: RunningMarket;
  kills: number;
}

/** Lets the orders through. */
export async function runOrders(
  options: SoakOptions,
  folder: string,
  script: string,
  tell: Tell,
  say: Say,
): Promise<void> {
  const { orders, cuts, seed } = options;
  const stream = randomStream(seed, "soak", "orders");
  const done: Mischief = { lost: 0, doubled: 0, swapped: 0, delayed: 0 };
  let isStormy = true;
  const own = join(folder, "orders");
  mkdirSync(own, { recursive: true });
  const market = await startMarket(script, marketOrder(own, null));
  const links = new Map<number, Link>();
  const plan = storm(stream, done, () => isStormy);
  const link = (each: Link) => {
    links.set(each.number, each);
    return plan(each);
  };
  const proxy = await SocketProxy.start(market.port, { link });
  const first = Math.ceil(realNow() / SLOT_MS) * SLOT_MS + SLOT_MS;
  const slots = [0, 1, 2, 3].map((count) => first + count * SLOT_MS);
  const scene: Scene = { ...{ folder: own, script, port: market.port, proxy, links, stream, slots }, market, kills: 0 };
  const told = { part: "orders", round: 1, trial: 0, point: `${orders} orders over ${cuts} breaks` } as const;
  try {
    const bot = await goThrough(scene, orders, cuts, say);
    isStormy = false;
    proxy.cutAll();
    const judged = await judge(scene, bot, options, say);
    bot.session.close();
    await bot.desk.close();
    const figures = { orders, connections: proxy.count, kills: scene.kills, ...done };
    tell({ ...told, ...judged, story: "each order is there once", figures });
  } catch (failure) {
    const fault = failure instanceof Error ? failure.message : String(failure);
    tell({ ...told, acknowledged: 0, lost: 0, doubled: 0, faults: [fault], story: "it did not end" });
  } finally {
    await proxy.close();
    await scene.market.kill();
  }
}

function marketOrder(folder: string, diesAfter: number | null) {
  return {
    ...{ folder, slotMs: SLOT_MS, gateLeadMs: 600_000, parties: 1, principals: [], closesGates: false },
    ...{ invalidPerMinuteMax: 5, diesAfter },
  };
}

async function openBot({ proxy, folder }: Scene): Promise<Bot> {
  const surroundings = nodeSurroundings();
  const session = connect(proxy.url, {
    credential: { kind: "bearer", token: OPERATOR_TOKEN },
    surroundings,
    ...{ requestTimeoutMs: 1_500, silenceMs: 3_000, helloWithinMs: 3_000, clockSamples: 1 },
    reconnect: { immediate: 1_000_000, jitterMs: 20 },
  });
  const journal = await fileJournal(join(folder, "bot.jsonl"));
  const settings = { resendAfterMs: 300, compactAt: 20_000 };
  const desk = await OrderDesk.open({ session, party: PARTY, journal, surroundings, ...settings });
  return { session, desk };
}

/** Places all orders, with a break in the middle of each share of them. */
async function goThrough(scene: Scene, orders: number, cuts: number, say: Say): Promise<Bot> {
  let bot = await openBot(scene);
  await bot.session.ready();
  const began = realNow();
  let placed = 0;
  for (let cut = 0; cut < cuts; cut++) {
    const share = Math.floor((orders * (cut + 1)) / cuts) - placed;
    const numbers = Array.from({ length: share }, (_, at) => placed + at);
    placed += share;
    await until(() => bot.session.state === "ready"); // or two breaks would end one connection
    const watch = cut % KILL_EVERY === KILL_EVERY - 1 ? await armed(scene) : null;
    const work = placeAll(bot, numbers, scene);
    await Promise.race([work, until(() => bot.desk.unsettled().length > share / 8 || watch?.() === true)]);
    const link = scene.links.get(scene.proxy.count);
    if (watch === null && cut % HALF_OPEN_EVERY === 1) link?.halfOpen();
    else if (watch === null) link?.cut();
    else await revived(scene, work);
    await work;
    if (cuts > CRASHES && cut % Math.ceil(cuts / CRASHES) === 1) {
      bot.session.close(); // as a crash: nothing is settled, nothing is said
      await bot.desk.close();
      bot = await openBot(scene);
      await bot.session.ready();
    }
    if (cut % 10 === 9) {
      const leftMs = ((realNow() - began) / (cut + 1)) * (cuts - cut - 1);
      say(
        `orders: ${placed} of ${orders}, ${cut + 1} breaks, ${scene.kills} kills; ${Math.ceil(leftMs / 1_000)} s to go`,
      );
    }
  }
  return bot;
}

/** Puts a market in the place of this one that ends itself between the disk and an answer: whether it has. */
async function armed(scene: Scene): Promise<() => boolean> {
  await scene.market.kill();
  scene.kills += 1;
  const dies = 2 + scene.stream.below(GROUPS_UNTIL);
  scene.market = await startMarket(scene.script, marketOrder(scene.folder, dies), scene.port);
  const { child } = scene.market;
  return () => child.end() !== null;
}

/** A market that lives on, in the place of one that has ended, or is about to. */
async function revived(scene: Scene, work: Promise<void>): Promise<void> {
  await Promise.race([scene.market.child.ended, work]);
  await scene.market.kill();
  scene.kills += 1;
  scene.market = await startMarket(scene.script, marketOrder(scene.folder, null), scene.port);
}

/** Places the orders, some at a time, and takes some of them back. Each has an outcome in the end. */
async function placeAll({ desk }: Bot, numbers: readonly number[], { slots, stream }: Scene): Promise<void> {
  const waiting = [...numbers];
  const work = async (): Promise<void> => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      const slotMs = slots[number % slots.length] ?? 0;
      const side = stream.below(2) === 0 ? ("buy" as const) : ("sell" as const);
      const tender = limitTender({
        ...{ id: `o${number}`, side, slotMs: instantMs(slotMs), slotLengthMs: durationMs(SLOT_MS) },
        ...{ priceMicro: side === "buy" ? 310_000 : 70_000, quantityWh: 1 + (number % 7) },
      });
      const { first } = await desk.placeTenders([tender], { requestId: `r${number}` });
      await first;
      if (number % 11 === 0) await (await desk.cancel([`o${number}`], { requestId: `c${number}` })).first;
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
}

async function until(holds: () => boolean): Promise<void> {
  for (const end = realNow() + SETTLE_MS; !holds() && realNow() < end;) await delay(5);
}

interface Judgement {
  readonly faults: readonly string[];
  /** Orders that the bot and the journal have. */
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
}

/** What does not hold in the end. */
async function judge(
  scene: Scene,
  { session, desk }: Bot,
  { orders, cuts }: SoakOptions,
  say: Say,
): Promise<Judgement> {
  const faults: string[] = [];
  say("orders: the storm is over");
  await until(() => session.state === "ready" && desk.unsettled().length === 0);
  if (desk.unsettled().length > 0) faults.push(`${desk.unsettled().length} requests have no outcome`);
  const market = await standingAt(scene);
  await until(() => desk.orders().every(({ id, view }) => view?.rev === market.get(id)?.rev));
  let wrong = 0;
  for (const { id, state, view } of desk.orders()) {
    const other = market.get(id);
    if (other === undefined || other.state !== state || other.rev !== view?.rev) wrong += 1;
  }
  if (desk.orders().length !== orders) faults.push(`the bot knows ${desk.orders().length} of ${orders} orders`);
  if (market.size !== orders) faults.push(`the market knows ${market.size} of ${orders} orders`);
  if (wrong > 0) faults.push(`${wrong} orders stand otherwise at the bot`);
  const breaks = cuts - Math.floor(cuts / KILL_EVERY) + scene.kills; // each kill ends a connection, too
  if (scene.proxy.count <= breaks) faults.push(`${scene.proxy.count} connections are too few for ${breaks} breaks`);
  const errors = marketWords(scene.market.child.out, "error");
  if (errors.length > 0) faults.push(`${errors.length} failures inside, the first: ${errors[0]?.what ?? ""}`);
  await scene.market.kill();
  const counts = entriesByOrder(scene);
  const doubled = [...counts.values()].filter((count) => count > 1).length;
  if (counts.size !== orders) faults.push(`the journal has ${counts.size} of ${orders} orders`);
  if (doubled > 0) faults.push(`${doubled} orders are in the journal more than once`);
  const known = desk.orders().filter(({ id, view }) => view !== null && counts.has(id)).length;
  return { faults, acknowledged: known, lost: orders - counts.size, doubled };
}

/** How the market says that each order stands, asked without the storm. */
async function standingAt({
  port,
}: Scene): Promise<ReadonlyMap<string, { readonly state: string; readonly rev: number }>> {
  const bot = await WireBot.open(port, "operator");
  const standing = new Map<string, { state: string; rev: number }>();
  let after: string | null = null;
  do {
    const asked: Record<string, unknown> = { party: PARTY, limit: PAGE, ...(after === null ? {} : { after }) };
    const answer = await bot.ask("orders.list", asked);
    const { orders, next } = answer?.data as {
      orders: readonly { client_order_id: string; state: string; rev: number }[];
      next: string | null;
    };
    for (const { client_order_id: id, state, rev } of orders) standing.set(id, { state, rev });
    after = next;
  } while (after !== null);
  bot.socket.close();
  return standing;
}

/** How often the journal places each order. */
function entriesByOrder({ folder }: Scene): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const journal = readSqliteJournal(join(folder, "journal.sqlite"), { checkPages: false });
  try {
    for (const { command } of journal.read(1)) {
      const read = decodeCommand(command);
      const request = read.ok ? tradeRequest(read.value) : null;
      if (request === null || request.placed.length === 0) continue;
      for (const id of request.orders) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  } finally {
    journal.close();
  }
  return counts;
}
