/**
 * The last second before a gate: a thousand connections, ten orders each. Every order is acknowledged or refused with a
 * reason; what was acknowledged stands in the book that is cleared, and nothing else; the gate closes on time; the market
 * does not grow; and somebody who asks for much and reads nothing is shown out without harm to others.
 */
import { decodeCommand } from "@micromarket/engine";
import { limitTender } from "@micromarket/client";
import { durationMs, instantMs } from "@micromarket/kernel";
import { encodeBatch, tradeRequest } from "@micromarket/protocol";
import { readSqliteJournal } from "@micromarket/store-sqlite";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { realNow } from "../devices/lag.ts";
import type { Say, SoakOptions, Tell } from "../round.ts";
import { marketWords } from "./market-words.ts";
import { startMarket, type RunningMarket } from "./running-market.ts";
import { WireBot, type HeardFrame } from "./wire-bot.ts";
import { newWireKey } from "./wire-key.ts";

const SLOT_MS = 20_000;
const GATE_LEAD_MS = 5_000;
const ORDERS_EACH = 10;
/** The second in which they are sent. */
const RUSH_MS = 1_000;
/** What is left of it for the last order to arrive. */
const RUSH_ENDS_MS = 50;
/** Time to get ready before a gate is chosen. */
const READY_MS = 10_000;
/** A gate may close this much after it is due: what a gateway allows itself, a tenth of a slot. */
const LATE_MS_MAX = SLOT_MS / 10;
const HEAP_KB_MORE = 120_000;
/** Connections that are opened at once. */
const OPENING = 16;
/** What the one who reads nothing asks for: pages of many orders. */
const HOARD = { orders: 1_000, asks: 80, page: 500 };
/** The goodbye of who reads nothing may wait behind what it has not read. */
const SHOWN_OUT: readonly (number | null)[] = [1_006, 1_008];
const PATIENCE_MS = 15_000;

interface Sent {
  readonly order: string;
  readonly atMs: number;
  answerMs: number | null;
  /** `null`: acknowledged. */
  code: string | null;
}

/** Lets the rush happen. */
export async function runGate(
  options: SoakOptions,
  folder: string,
  script: string,
  tell: Tell,
  say: Say,
): Promise<void> {
  const { connections } = options;
  const keys = Array.from({ length: connections }, () => newWireKey());
  const market = await startMarket(script, {
    ...{
      folder: join(folder, "gate"),
      slotMs: SLOT_MS,
      gateLeadMs: GATE_LEAD_MS,
      parties: connections + 1,
      closesGates: true,
    },
    principals: keys.map(({ did }, at) => ({
      id: `bot-${at}`,
      key: did,
      party: `p${at}`,
      scopes: ["read", "trade"] as const,
    })),
    ...{ invalidPerMinuteMax: 5, diesAfter: null },
  });
  const point = `${connections * ORDERS_EACH} orders of ${connections} connections in the last second before a gate`;
  const told = { part: "gate", round: 1, trial: 0, point, acknowledged: 0, lost: 0, doubled: 0 } as const;
  try {
    const bots: WireBot[] = [];
    for (let from = 0; from < connections; from += OPENING) {
      const some = keys.slice(from, from + OPENING);
      bots.push(...(await Promise.all(some.map((key) => WireBot.open(market.port, key)))));
      if (bots.length % 200 < OPENING) say(`gate: ${bots.length} of ${connections} connections`);
    }
    tell({ ...told, ...(await rush(market, bots, connections, say)) });
  } catch (failure) {
    tell({ ...told, faults: [failure instanceof Error ? failure.message : String(failure)], story: "it did not end" });
  } finally {
    await market.kill();
  }
}

async function rush(market: RunningMarket, bots: readonly WireBot[], connections: number, say: Say) {
  const before = await market.burden();
  const slotMs = Math.ceil((realNow() + READY_MS + GATE_LEAD_MS) / SLOT_MS) * SLOT_MS;
  const dueMs = slotMs - GATE_LEAD_MS;
  say(`gate: the gate is due in ${Math.round((dueMs - realNow()) / 1_000)} s`);
  const slow = await hoarder(market, connections, slotMs);
  for (let count = 0; count < HOARD.asks; count++) slow.ask();
  const frames = bots.map((_, at) => Array.from({ length: ORDERS_EACH }, (__, number) => orderOf(at, number, slotMs)));
  await delay(Math.max(0, dueMs - RUSH_MS - realNow()));
  const answers: Promise<unknown>[] = [];
  const sent: Sent[] = [];
  for (let number = 0; number < ORDERS_EACH; number++) {
    for (const [at, bot] of bots.entries()) {
      const place = number * bots.length + at;
      const wantedMs = dueMs - RUSH_MS + ((RUSH_MS - RUSH_ENDS_MS) * place) / (bots.length * ORDERS_EACH);
      if (wantedMs - realNow() > 1) await delay(wantedMs - realNow());
      const order = frames[at]?.[number];
      if (order === undefined) throw new Error("every bot has its orders");
      const entry: Sent = { order: order.name, atMs: realNow(), answerMs: null, code: "UNANSWERED" };
      sent.push(entry);
      answers.push(bot.ask("EiCreateTender", order.data).then((answer) => settle(entry, answer)));
    }
  }
  say(`gate: ${sent.length} orders are sent`);
  await Promise.all(answers);
  say("gate: every order is answered");
  const gates = () => marketWords(market.child.out, "gate").filter((gate) => gate.slotMs === slotMs);
  while (gates().length === 0 && market.child.end() === null) await delay(50);
  await slow.read();
  return judge(market, { sent, bots, slotMs, dueMs, gate: gates()[0], before, slow });
}

function orderOf(at: number, number: number, slotMs: number) {
  const name = `o${at}.${number}`;
  const side = (at + number) % 2 === 0 ? ("buy" as const) : ("sell" as const);
  const priceMicro = 100_000 + ((at * 7 + number * 13) % 200) * 1_000;
  const tender = limitTender({
    ...{
      id: name,
      side,
      slotMs: instantMs(slotMs),
      slotLengthMs: durationMs(SLOT_MS),
      priceMicro,
      quantityWh: 1 + (at % 9),
    },
  });
  return { name: `p${at} ${name}`, data: { requestId: name, partyId: `p${at}`, tender: [tender] } };
}

function settle(entry: Sent, answer: HeardFrame | null): void {
  entry.answerMs = realNow();
  if (answer === null) entry.code = "CLOSED";
  else if (answer.type === "error") entry.code = String(answer.data["code"]);
  else {
    const { response } = answer.data as {
      response: { responseCode: number; responseTermsViolated?: unknown[]; responseDescription?: string };
    };
    entry.code = response.responseCode < 300 ? null : `${response.responseCode} ${response.responseDescription ?? ""}`;
  }
}

/** Somebody with a thousand orders of an earlier time, who asks for all of them again and again, and reads nothing. */
async function hoarder(market: RunningMarket, connections: number, slotMs: number) {
  const bot = await WireBot.open(market.port, "operator");
  const rows = Array.from({ length: HOARD.orders }, (_, row) => row);
  const stored = new Promise((resolve) => (bot.hearBytes = resolve));
  bot.socket.send(
    encodeBatch({
      ...{ requestId: "hoard", party: `p${connections}`, slotMs: slotMs + 10 * SLOT_MS, said: null },
      ...{
        prices: rows.map((row) => 100_000 + (row % 20) * 10_000),
        energies: rows.map(() => 1),
        sides: rows.map(() => "buy" as const),
      },
    }),
  );
  const answer = Buffer.from((await stored) as Buffer);
  if (answer.readUInt16LE(4) !== 200) throw new Error("what is to be asked for was not stored");
  bot.socket.pause();
  const ended = new Promise<void>((resolve) => bot.socket.once("close", () => resolve()));
  return {
    bot,
    /** Reads at last, so that the end can be seen. */
    read: async (): Promise<void> => {
      bot.socket.resume();
      await Promise.race([ended, delay(PATIENCE_MS)]);
    },
    ask: () =>
      bot.socket.send(
        JSON.stringify({ type: "orders.list", id: "h", data: { party: `p${connections}`, limit: HOARD.page } }),
      ),
  };
}

interface Rush {
  readonly sent: readonly Sent[];
  readonly bots: readonly WireBot[];
  readonly slotMs: number;
  readonly dueMs: number;
  readonly gate: ReturnType<typeof marketWords<"gate">>[number] | undefined;
  readonly before: Awaited<ReturnType<RunningMarket["burden"]>>;
  readonly slow: Awaited<ReturnType<typeof hoarder>>;
}

async function judge(market: RunningMarket, { sent, bots, slotMs, dueMs, gate, before, slow }: Rush) {
  const faults: string[] = [];
  const after = await market.burden();
  const ended = bots.filter(({ closed }) => closed !== null).length;
  const slowEnd = slow.bot.closed; // before the market ends, which ends every socket
  await market.kill();
  const placed = placedIn(market, slotMs);
  const acknowledged = sent.filter(({ code }) => code === null);
  const lost = acknowledged.filter(({ order }) => placed.get(order) !== 1);
  const unknown = sent.filter(({ code, order }) => code !== null && placed.has(order));
  const codes = new Map<string, number>();
  for (const { code } of sent) if (code !== null) codes.set(code, (codes.get(code) ?? 0) + 1);
  if (lost.length > 0) faults.push(`${lost.length} acknowledged orders are not in the journal once`);
  if (unknown.length > 0) faults.push(`${unknown.length} refused orders are in the journal`);
  for (const code of ["UNANSWERED", "CLOSED"])
    if (codes.has(code)) faults.push(`${codes.get(code) ?? 0} orders: ${code}`);
  if (gate === undefined) faults.push("the gate was not closed");
  const lateMs = (gate?.closedMs ?? Infinity) - dueMs;
  if (lateMs > LATE_MS_MAX) faults.push(`the gate closed ${lateMs} ms after it was due`);
  if (gate !== undefined && gate.tenders - 2 !== acknowledged.length)
    faults.push(`${gate.tenders} tenders were cleared, ${acknowledged.length} acknowledged, and the supplier's two`);
  if (!SHOWN_OUT.includes(slowEnd)) faults.push(`who reads nothing was closed with ${String(slowEnd)}`);
  if (ended > 0) faults.push(`${ended} of the others were closed`);
  if (after.heapKb > before.heapKb + HEAP_KB_MORE)
    faults.push(`the heap grew from ${before.heapKb} to ${after.heapKb} KB`);
  const errors = marketWords(market.child.out, "error");
  if (errors.length > 0) faults.push(`${errors.length} failures inside, the first: ${errors[0]?.what ?? ""}`);
  const times = sent.map(({ atMs, answerMs }) => (answerMs ?? Infinity) - atMs).sort((a, b) => a - b);
  const figures = {
    orders: sent.length,
    acknowledged: acknowledged.length,
    refused: JSON.stringify(Object.fromEntries(codes)),
    "answered before the gate": sent.filter(({ answerMs }) => (answerMs ?? Infinity) <= dueMs).length,
    "answer ms, median": Math.round(times[times.length >> 1] ?? 0),
    "answer ms, 99 %": Math.round(times[Math.floor(times.length * 0.99)] ?? 0),
    "last answer after the gate, ms": Math.round(Math.max(...sent.map(({ answerMs }) => answerMs ?? 0)) - dueMs),
    "gate closed late by, ms": lateMs,
    "heap KB": `${before.heapKb} → ${after.heapKb}`,
  };
  return { faults, acknowledged: acknowledged.length, lost: lost.length, story: "every order was answered", figures };
}

/** How often the journal places each order for the slot: `PARTY NAME`. */
function placedIn(market: RunningMarket, slotMs: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const order = JSON.parse(market.child.process.spawnargs.at(-1) ?? "{}") as { folder: string };
  const journal = readSqliteJournal(join(order.folder, "journal.sqlite"), { checkPages: false });
  try {
    for (const { command } of journal.read(1)) {
      const read = decodeCommand(command);
      const request = read.ok ? tradeRequest(read.value) : null;
      for (const [at, { slot, tender }] of (request?.placed ?? []).entries()) {
        if (slot !== slotMs) continue;
        const name = `${tender.party} ${request?.orders[at] ?? ""}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
  } finally {
    journal.close();
  }
  return counts;
}
