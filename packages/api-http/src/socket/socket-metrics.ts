/** What is counted of sockets. */
import { Counter, Gauge, type Registry } from "prom-client";
import type { SocketCounts } from "./session-context.ts";

/** Registers the metrics of sockets and counts. */
export function countSockets(registry: Registry): SocketCounts {
  const registers = [registry];
  const open = new Gauge({ name: "micromarket_ws_sessions", help: "Open WebSocket sessions", registers });
  const closed = new Counter({
    name: "micromarket_ws_closed_total",
    help: "WebSocket sessions that ended, by close code",
    labelNames: ["code"],
    registers,
  });
  const slow = new Counter({
    name: "micromarket_ws_slow_total",
    help: "WebSocket sessions that were closed because they did not read",
    registers,
  });
  const refused = new Counter({
    name: "micromarket_ws_refusals_total",
    help: "Messages of WebSocket sessions that were refused, by code",
    labelNames: ["code"],
    registers,
  });
  const received = new Counter({
    name: "micromarket_ws_messages_total",
    help: "Messages of WebSocket sessions, by type",
    labelNames: ["type"],
    registers,
  });
  open.set(0);
  return {
    opened: () => open.inc(),
    closed: (code) => {
      open.dec();
      closed.inc({ code: String(code) });
    },
    slow: () => slow.inc(),
    refused: (code) => refused.inc({ code }),
    received: (type) => received.inc({ type }),
  };
}
