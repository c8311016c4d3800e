/**
 * A million frames that nobody should send, to a market in a process of its own: none ends it, none changes what it knows,
 * every one that stands in the protocol is answered. They come from somebody who may read only, from somebody who trades for
 * a party that the market has not, and from nobody.
 */
import { randomStream } from "@micromarket/kernel";
import { join } from "node:path";
import type { Say, SoakOptions, Tell } from "../round.ts";
import { marketWords } from "./market-words.ts";
import { startMarket, type RunningMarket } from "./running-market.ts";
import { wildFrame } from "./mutations.ts";
import { WireBot } from "./wire-bot.ts";
import { newWireKey, type WireKey } from "./wire-key.ts";

/** With what a server ends a connection for what it said: broken below the protocol, too large, unreadable, nobody. */
const ENDED_FOR_FRAMES: ReadonlySet<number> = new Set([1_002, 1_007, 1_009, 4_400, 4_401]);
/** Frames that wait for their answers, in each connection. */
const WINDOW = 64;
const CONNECTIONS = 6;
/** What a market may weigh more at the end than after the first tenth of the frames. */
const HEAP_KB_MORE = 40_000;
const PATIENCE_MS = 60_000;

interface Counts {
  sent: number;
  answered: number;
  refused: number;
  closed: number;
  readonly codes: Set<string>;
}

/** Sends the frames. */
export async function runFrames(
  options: SoakOptions,
  folder: string,
  script: string,
  tell: Tell,
  say: Say,
): Promise<void> {
  const [reader, ghost] = [newWireKey(), newWireKey()];
  const market = await startMarket(script, {
    ...{ folder: join(folder, "frames"), slotMs: 3_600_000, gateLeadMs: 600_000, parties: 3, closesGates: false },
    principals: [
      { id: "reader", key: reader.did, party: "p0", scopes: ["read"] },
      { id: "ghost", key: ghost.did, party: "nobody-here", scopes: ["read", "trade"] },
    ],
    ...{ invalidPerMinuteMax: Number.MAX_SAFE_INTEGER, diesAfter: null },
  });
  const counts: Counts = { sent: 0, answered: 0, refused: 0, closed: 0, codes: new Set() };
  const faults: string[] = [];
  try {
    const before = await market.state();
    let early = 0;
    const stream = randomStream(options.seed, "soak", "frames");
    const share = Math.ceil(options.frames / CONNECTIONS);
    const senders = Array.from({ length: CONNECTIONS }, async (_, at) => {
      const who = at % 3 === 2 ? "nobody" : at % 3 === 1 ? ghost : reader;
      const own = randomStream(stream.nextUint32(), "connection", String(at));
      for (let left = share; left > 0;) left -= await sendSome(market, who, own, left, counts);
    });
    const watch = setInterval(() => {
      if (early === 0 && counts.sent > options.frames / 10) {
        early = 1;
        void market.burden().then(({ heapKb }) => (early = heapKb));
      }
      say(`frames: ${counts.sent} of ${options.frames}, ${counts.closed} connections ended`);
    }, 5_000);
    await Promise.all(senders);
    clearInterval(watch);
    const after = await market.state();
    if (after.stateHash !== before.stateHash || after.sequence !== before.sequence)
      faults.push("the market's state has changed");
    const missing = counts.sent - counts.answered;
    if (missing > 0) faults.push(`${missing} frames were not answered`);
    const { heapKb } = await market.burden();
    if (early > 1 && heapKb > early + HEAP_KB_MORE) faults.push(`its heap has grown from ${early} to ${heapKb} KB`);
    const errors = marketWords(market.child.out, "error");
    if (errors.length > 0) faults.push(`${errors.length} failures inside, the first: ${errors[0]?.what ?? ""}`);
    const figures = {
      frames: counts.sent,
      refused: counts.refused,
      codes: counts.codes.size,
      connections: counts.closed,
      heapKb,
    };
    tell({ ...told(options), faults, story: `${counts.sent} frames answered or their connection ended`, figures });
  } catch (failure) {
    tell({
      ...told(options),
      faults: [failure instanceof Error ? failure.message : String(failure)],
      story: "it did not end",
    });
  } finally {
    await market.kill();
  }
}

function told({ frames }: SoakOptions) {
  const point = `${frames} frames changed at random`;
  return { part: "frames", round: 1, trial: 0, point, acknowledged: 0, lost: 0, doubled: 0 } as const;
}

/** Sends frames until the connection ends or `most` are sent: how many they were. */
async function sendSome(
  market: RunningMarket,
  who: WireKey | "nobody",
  stream: ReturnType<typeof randomStream>,
  most: number,
  counts: Counts,
): Promise<number> {
  const bot = await WireBot.open(market.port, who);
  const parties = ["p0", "p1", "nobody-here"];
  let [sent, waiting] = [0, 0];
  let wake: () => void = () => undefined;
  const settle = (code: unknown): void => {
    waiting -= 1;
    counts.answered += 1;
    if (typeof code === "string") {
      counts.refused += 1;
      counts.codes.add(code);
    }
    wake();
  };
  bot.hear = ({ type, id, data }) => {
    if (id !== undefined || type === "error") settle(type === "error" ? data["code"] : null);
  };
  bot.hearBytes = () => settle(null);
  bot.socket.on("close", () => wake());
  let isBroken = false;
  while (sent < most && bot.closed === null && !isBroken) {
    while (waiting >= WINDOW && bot.closed === null) await heard((resolve) => (wake = resolve));
    if (bot.closed !== null) break;
    const { data, breaks } = wildFrame(stream, `w${sent}`, parties);
    if (breaks && waiting > 0) {
      while (waiting > 0 && bot.closed === null) await heard((resolve) => (wake = resolve));
      if (bot.closed !== null) break;
    }
    bot.socket.send(data);
    sent += 1;
    waiting += 1;
    isBroken = breaks;
  }
  while (waiting > 0 && bot.closed === null) await heard((resolve) => (wake = resolve));
  counts.sent += sent;
  // what stood in a connection that the server has ended for its frames, it has refused with it
  if (bot.closed !== null && ENDED_FOR_FRAMES.has(bot.closed)) counts.answered += waiting;
  counts.closed += 1;
  if (bot.closed === null) bot.socket.close();
  return Math.max(1, sent);
}

/** Waits for a wake; an answer that never comes is a fault. */
function heard(listen: (resolve: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("a frame was not answered")), PATIENCE_MS);
    listen(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
