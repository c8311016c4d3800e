/** What a person sees of a running demo: a banner, a line per cleared slot, and whatever is wrong. Never on stdout. */
import type { ConsolePort } from "../console-port.ts";

/** What the banner says. */
export interface DemoFacts {
  readonly url: string;
  readonly homes: number;
  readonly meters: number;
  /** What follows the market, in words; empty: nothing. */
  readonly controlled: readonly string[];
  readonly speed: number;
  readonly goesOn: boolean;
  /** Market time, ISO 8601. */
  readonly marketTime: string;
  readonly folder: string;
}

/** The screen of one demo. */
export interface DemoScreen {
  banner(facts: DemoFacts): void;
  /** A line of the gateway's log. */
  log(level: "info" | "warn" | "error", fields: unknown, text: string): void;
  say(text: string): void;
}

const SLOT_SECONDS = 900;
/** The supplier's two stand in every book. */
const SUPPLIER_TENDERS = 2;
const SECOND_MS = 1_000;
const MICRO = 1_000_000;
const WH_PER_KWH = 1_000;

/** Shows nothing but errors where `quiet`. On a terminal the newest slot stays in one line below the banner. */
export function openDemoScreen(quiet: boolean, { interactive, err }: ConsolePort): DemoScreen {
  let isLineOpen = false;
  const print = (text: string): void => {
    err(`${isLineOpen ? "\n" : ""}${text}\n`);
    isLineOpen = false;
  };
  const slot = (text: string): void => {
    err(interactive ? `\r\u001b[K  ${text}` : `${text}\n`);
    isLineOpen = interactive;
  };
  return {
    banner: (facts) => {
      if (!quiet) print(bannerText(facts, interactive && process.env["NO_COLOR"] === undefined));
    },
    log: (level, fields, text) => {
      const { notice, wait_ms: waitMs } =
        typeof fields === "object" ? (fields as Readonly<Record<string, unknown>>) : {};
      if (level === "error") return print(`micromarket: ${text}`);
      if (quiet) return undefined;
      if (notice === "gate-closed") return slot(slotText(fields as ClosedGate));
      if (typeof waitMs !== "number") return undefined;
      const seconds = Math.max(1, Math.ceil(waitMs / SECOND_MS));
      return print(`stopping at the end of the slot, in ${seconds} s; Ctrl-C again stops at once`);
    },
    say: (text) => {
      if (!quiet) print(text);
    },
  };
}

function bannerText(facts: DemoFacts, bold: boolean): string {
  const { url, homes, meters, controlled, speed, goesOn, marketTime, folder } = facts;
  const address = bold ? `\u001b[1m${url}\u001b[0m` : url;
  const slotSeconds = Math.round((10 * SLOT_SECONDS) / speed) / 10;
  const fast = speed === 1 ? "in real time" : `${speed} times faster than real time: 15 minutes in ${slotSeconds} s`;
  return [
    "",
    `  Micromarket demo: ${homes} neighbours trade electricity`,
    "",
    `  page      ${address}`,
    `  devices   ${meters} simulated meters behind real Modbus TCP and MQTT sockets`,
    ...(controlled.length === 0
      ? []
      : [
          `  control   ${controlled.join(", ")} follow the market`,
          "            All three locks are open, because these devices are simulated: nothing real is written to.",
        ]),
    `  clock     ${goesOn ? "goes on" : "starts"} at ${dayAndTime(marketTime)} UTC, ${fast}`,
    `  data      ${folder}`,
    "            journal.sqlite, gateway.yaml (the configuration), gateway.log",
    "  stop      Ctrl-C; the next start goes on from here, --reset begins anew",
    "",
  ].join("\n");
}

/** The log's fields of a gate that closed. */
interface ClosedGate {
  readonly slot: string;
  readonly price_micro_per_kwh: number | null;
  readonly energy_wh: number;
  readonly tenders: number;
}

function slotText({ slot, price_micro_per_kwh: price, energy_wh: energy, tenders }: ClosedGate): string {
  if (price === null) return `${dayAndTime(slot)}  ${tenders > SUPPLIER_TENDERS ? "no trade" : "the homes look on"}`;
  const traded = `${(energy / WH_PER_KWH).toFixed(3)} kWh traded`;
  return `${dayAndTime(slot)}  ${(price / MICRO).toFixed(3)} EUR/kWh  ${traded}`;
}

function dayAndTime(iso: string): string {
  return iso.slice(0, "2026-06-01T06:00".length).replace("T", " ");
}
