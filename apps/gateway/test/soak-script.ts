/**
 * A street and its gateway in one process, real sockets between them, for so many days. Prints a line of JSON for each
 * day: what is open, and what the heap holds after a collection; and a last line after everything was stopped.
 *
 * Arguments: folder, days, speed. Needs --expose-gc.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSimulator } from "@micromarket/device-simulator";
import { runGateway } from "@micromarket/gateway";
import { durationMs, instantMs } from "@micromarket/kernel";
import { pacedTime } from "./paced-time.ts";
import { fileOfStreet } from "./processes.ts";

const [folder = "", days = "", speed = ""] = process.argv.slice(2);
const SLOTS_A_DAY = 96;
const SLOT_MS = 900_000;
const epoch = instantMs(Date.UTC(2026, 5, 1));

const time = pacedTime();
const wallNow = (): number => time.wallNow();
const publishEvery = durationMs(Math.floor(SLOT_MS / Number(speed) / 6));
const simulator = await startSimulator({
  homes: 2,
  seed: 5,
  speed: Number(speed),
  epoch,
  publishEvery,
  realNow: wallNow,
});
const file = join(folder, "gateway.yaml");
writeFileSync(file, fileOfStreet(simulator.description, 0));

let stop = (): void => undefined;
const listening = new Promise<string>((resolve) => {
  void runGateway(file, {
    version: "0.0.0",
    page: null,
    env: {},
    onStopSignal: (listener) => {
      stop = listener;
      return () => undefined;
    },
    onListening: resolve,
    ports: { time, slotsKept: SLOTS_A_DAY },
  }).then(async (exit) => {
    await simulator.stop();
    time.stop();
    await new Promise((resolve_) => setTimeout(resolve_, 200));
    say({ exit, ...open() });
  });
});
const url = await listening;
for (let day = 1; day <= Number(days); day++) {
  const end = epoch + day * SLOTS_A_DAY * SLOT_MS;
  while (simulator.virtualNow() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const residual = Number(/^micromarket_settlement_residual (.*)$/m.exec(metrics)?.[1] ?? Number.NaN);
  say({ day, residual, ...open() });
}
stop();
stop();

function open() {
  globalThis.gc?.();
  globalThis.gc?.();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  const { heapUsed, rss } = process.memoryUsage();
  return { heapKb: Math.round(heapUsed / 1_024), rssKb: Math.round(rss / 1_024), files: fileCount(), resources };
}

/** Descriptors that are open; `null` where the system does not show them. */
function fileCount(): number | null {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return null;
  }
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
