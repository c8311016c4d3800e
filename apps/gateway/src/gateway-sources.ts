/** What only the process knows, and API and metrics show. */
import { statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { PARTIES_MIN, type IndicativeSource, type MetricSources } from "@micromarket/api-http";
import { indicative, partiesTendering, type MarketNode } from "@micromarket/engine";
import type { LedgerView } from "@micromarket/ledger";
import type { GatewayConfig } from "./gateway-config.ts";
import type { SlotClock } from "./slot-clock.ts";

/** Where the journal of `config` is. */
export function journalPath({ dataDirectory }: Pick<GatewayConfig, "dataDirectory">): string {
  return join(dataDirectory, "journal.sqlite");
}

/** Where the archive of orders of `config` is. */
export function ordersPath({ dataDirectory }: Pick<GatewayConfig, "dataDirectory">): string {
  return join(dataDirectory, "orders.sqlite");
}

/** Where the secret key of `config` is. */
export function keyPath({ dataDirectory }: Pick<GatewayConfig, "dataDirectory">): string {
  return join(dataDirectory, "gateway.key");
}

/** The sources of a node that runs; of a failed one nothing is known but its files. */
export function metricSources(config: GatewayConfig, node: MarketNode, clock: SlotClock): MetricSources {
  return {
    ledgerSequence: () => (node.failed ? Number.NaN : node.head.sequence),
    settlementResidual: () => (node.failed ? Number.NaN : residual(node.state.ledger)),
    clockOffsetSeconds: () => offsetSeconds(clock),
    databaseBytes: () => measure(() => statSync(journalPath(config)).size),
    diskFreeBytes: () => measure(() => freeBytes(config.dataDirectory)),
  };
}

/** What the open books of `node` would clear at; of a failed node nobody knows. */
export function indicativeSource(node: MarketNode): IndicativeSource {
  return (slot) => {
    const indication = node.failed ? null : indicative(node.state, slot);
    return indication === null ? null : { indication, parties: partiesTendering(node.state, slot, PARTIES_MIN) };
  };
}

/** What the balances of the two books do not sum to 0 by. */
function residual({ money, energy }: LedgerView): number {
  const sums = [money, energy].map((book) => [...book.values()].reduce((sum, { balance }) => sum + balance, 0n));
  return sums.reduce((worst, sum) => Math.max(worst, Math.abs(Number(sum))), 0);
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** A file that is not there has no size. */
function measure(read: () => number): number {
  try {
    return read();
  } catch {
    return Number.NaN;
  }
}

/** A clock that nobody compares has no offset. */
function offsetSeconds(clock: SlotClock): number {
  const state = clock.state();
  return state.kind === "synchronised" && state.offsetMs !== null ? state.offsetMs / 1_000 : Number.NaN;
}
