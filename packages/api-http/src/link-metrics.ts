/** What the links to devices count, for Prometheus: one row a link, whatever it speaks. */
import { Counter, type Registry } from "prom-client";

/** What one link has counted since the start. */
export interface LinkReport {
  /** Where it leads: an address, a serial line or a broker. */
  readonly link: string;
  readonly protocol: string;
  /** Frames or commands that were sent. */
  readonly requests: number;
  /** Those that were not answered in time. */
  readonly timeouts: number;
  /** Answers that say no, by number. */
  readonly exceptions: Readonly<Record<number, number>>;
  /** Connections after the first one. */
  readonly reconnects: number;
  /** What requests waited before they were sent, all together; `null`: they do not wait. */
  readonly queueWaitSeconds: number | null;
}

/** What a report says as one number. */
type Total = "requests" | "timeouts" | "reconnects" | "queueWaitSeconds";

/** The exceptions that Modbus names; a device that makes up others does not make up labels. */
const EXCEPTION_MAX = 11;

const TOTALS: readonly (readonly [string, string, Total])[] = [
  ["micromarket_link_requests_total", "Requests sent to devices", "requests"],
  ["micromarket_link_timeouts_total", "Requests that were not answered in time", "timeouts"],
  ["micromarket_link_reconnects_total", "Connections after the first one", "reconnects"],
  ["micromarket_link_queue_wait_seconds_total", "Time that requests waited to be sent", "queueWaitSeconds"],
];

/** Registers what `read` gives at each scrape. */
export function describeLinks(registry: Registry, read: () => readonly LinkReport[]): void {
  const registers = [registry];
  for (const [name, help, key] of TOTALS) {
    new Counter({
      ...{ name, help, registers, labelNames: ["link", "protocol"] },
      collect() {
        this.reset();
        for (const report of read()) {
          const { link, protocol, [key]: total } = report;
          if (total !== null) this.inc({ link, protocol }, total);
        }
      },
    });
  }
  new Counter({
    ...{ name: "micromarket_link_exceptions_total", help: "Answers of devices that say no", registers },
    labelNames: ["link", "protocol", "code"],
    collect() {
      this.reset();
      for (const { link, protocol, exceptions } of read()) {
        for (const [code, count] of Object.entries(exceptions))
          this.inc({ link, protocol, code: Number(code) <= EXCEPTION_MAX ? code : "other" }, count);
      }
    },
  });
}
