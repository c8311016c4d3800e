/**
 * The process of the gateway: what `micromarket gateway --allow-control` runs, and what it weighs. Usage: gateway-script
 * FILE LAG-EVERY-MS; needs --expose-gc. Says, each as a line of JSON: where its page is, how late it is; and, for each line
 * on standard input, what it holds after a collection.
 */
import { processStopSignals, runGateway } from "@micromarket/gateway";
import { readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Burden } from "./burden.ts";
import { reportLag } from "./lag.ts";
import type { GatewayWord } from "./gateway-words.ts";

/** What page and API keep is full after a quarter of the day: what grows from then on is something else. */
const SLOTS_KEPT = 24;

const [file = "", lagEveryMs = ""] = process.argv.slice(2);

function say(word: GatewayWord): void {
  process.stdout.write(`${JSON.stringify(word)}\n`);
}

function burden(): Burden {
  globalThis.gc?.();
  globalThis.gc?.();
  const active = process.getActiveResourcesInfo();
  const count = (kind: string): number => active.filter((each) => each === kind).length;
  const { heapUsed, rss } = process.memoryUsage();
  const [heapKb, rssKb] = [heapUsed, rss].map((bytes) => Math.round(bytes / 1_024));
  return {
    heapKb: heapKb ?? 0,
    rssKb: rssKb ?? 0,
    files: fileCount(),
    sockets: count("TCPSocketWrap"),
    timers: count("Timeout"),
  };
}

/** Descriptors that are open; `null` where the system does not show them. */
function fileCount(): number | null {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return null;
  }
}

const lines = createInterface(process.stdin);
lines.on("line", () => say({ word: "burden", burden: burden() }));
const stopLag = reportLag(Number(lagEveryMs), (lag) => say({ word: "lag", ...lag }));
process.exitCode = await runGateway(file, {
  version: "0.0.0",
  page: null,
  env: {},
  allowControl: true,
  ports: { slotsKept: SLOTS_KEPT },
  onStopSignal: processStopSignals,
  onListening: (url) => say({ word: "url", url }),
});
stopLag();
lines.close();
process.stdin.destroy();
