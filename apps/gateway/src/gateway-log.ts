/** What the operator reads: NDJSON, on stderr or in a file. Powers and energies of single homes are in none of it. */
import { formatInstant, instantMs } from "@micromarket/kernel";
import { destination, pino, type Logger } from "pino";
import type { Notice } from "./notice.ts";

/** Takes what is worth saying, with its fields. */
export type GatewayLog = Pick<Logger, "info" | "warn" | "error">;

const STDERR = 2;

/** A log that is appended to `dest`, a file or a descriptor: stderr by default. Throws where the file cannot be opened. */
export function openLog(dest: string | number = STDERR): GatewayLog {
  const output = destination({ dest, sync: true });
  output.on("error", () => undefined); // nobody reads, or the disk behind it is full: the market goes on
  return pino({ level: "info", base: null, timestamp: pino.stdTimeFunctions.isoTime }, output);
}

/** Writes what the market loop says. */
export function logNotice(log: GatewayLog, notice: Notice): void {
  const { type, ...rest } = notice;
  const fields = { notice: type, ...Object.fromEntries(Object.entries(rest).map(readable)) };
  switch (notice.type) {
    case "gate-closed":
      return log.info(fields, notice.late ? "gate closed late: it was due while the gateway was away" : "gate closed");
    case "slot-settled":
      return log.info(fields, "slot settled");
    case "slots-missed":
      return log.warn(fields, "slots passed over: nobody was there to close their gates");
    case "delivery-missing":
      return log.warn(fields, "delivered energy is not known: the slot stays open");
    case "slots-left-open":
      return log.warn(fields, "slots of before the start stay open: their delivered energy is not known");
    case "command-refused":
      return log.warn(fields, "the market refused a command");
    case "clock-lost":
      return log.error(fields, "no gate opens or closes until the clock is right again");
    case "clock-found":
      return log.info(fields, "the clock is right again");
  }
}

const INSTANTS = new Set(["slot", "from", "through"]);
const WIRE_NAMES: Readonly<Record<string, string>> = { price: "price_micro_per_kwh", energy: "energy_wh" };

function readable([key, value]: [string, unknown]): [string, unknown] {
  if (INSTANTS.has(key) && typeof value === "number") return [key, formatInstant(instantMs(value))];
  return [WIRE_NAMES[key] ?? key, value];
}
