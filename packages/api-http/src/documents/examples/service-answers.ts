/** What the routes beside the market answer. */
import type { Health } from "@micromarket/protocol";

/** All is well. */
export const EXAMPLE_HEALTH: Health = {
  status: "pass",
  version: "1.2.3",
  checks: [
    { name: "market-loop", status: "pass", detail: "gates close in time" },
    { name: "store", status: "pass", detail: "works" },
    { name: "clock", status: "pass", detail: "works" },
    { name: "devices", status: "pass", detail: "0 devices answer" },
  ],
};

/** A counter. */
export const EXAMPLE_METRICS =
  "# HELP micromarket_trades_total Trades\n# TYPE micromarket_trades_total counter\nmicromarket_trades_total 4\n";

/** One event. */
export const EXAMPLE_EVENT_STREAM = [
  "id: 1782903600014",
  "event: account-credited",
  'data: {"type":"account-credited","seq":1782903600014,"at":"2026-07-01T12:15Z","at_ms":1782908100000,' +
    '"data":{"party":"anne","amount_nano":"5000000000","reference":"payment of anne"}}',
  "",
  "",
].join("\n");
