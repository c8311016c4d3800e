/** What a gateway left behind: its journal, replayed from the founding, and what its log says of slots. */
import { replayFromZero, violatedInvariants, type MarketEvent } from "@micromarket/engine";
import { foundingRules, journalPath, loadGatewayFile } from "@micromarket/gateway";
import { verifyByOpenssl } from "@micromarket/identity-node";
import { isBalanced } from "@micromarket/ledger";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import type { Day } from "./settlement-judge.ts";

/** What one line of the log says. */
export type LogLine = Readonly<Record<string, unknown>>;

/** What is judged, and what does not hold already. */
export interface Evidence extends Pick<Day, "closed" | "missed" | "settled" | "gaps"> {
  readonly faults: readonly string[];
  readonly entries: number;
}

const ERROR_LEVEL = 50;

/** The lines of a log that are JSON. */
export function logLines(log: readonly string[]): readonly LogLine[] {
  return log.flatMap((line) => {
    try {
      return [JSON.parse(line) as LogLine];
    } catch {
      return [];
    }
  });
}

/** A set-point that a flaky line swallowed is told as an error as well: those are the controls' own story. */
function isMarketError({ level, capability }: LogLine): boolean {
  return level === ERROR_LEVEL && capability === undefined;
}

/** Reads what the gateway of the file at `path` left. Throws where the file is wrong, or the journal does not replay. */
export function readEvidence(path: string, log: readonly LogLine[], slotLengthMs: number): Evidence {
  const loaded = loadGatewayFile(path);
  if (!loaded.ok) throw new Error(`the gateway's file is wrong: ${JSON.stringify(loaded.error)}`);
  const journal = openSqliteJournal(journalPath(loaded.value));
  const events: MarketEvent[] = [];
  try {
    const rules = foundingRules(loaded.value.rules, journal, null);
    const replayed = replayFromZero(rules, journal.read(1), (_, happened) => void events.push(...happened), {
      verify: verifyByOpenssl,
    });
    if (!replayed.ok) throw new Error(`the journal cannot be replayed: ${JSON.stringify(replayed.error)}`);
    const { state, head } = replayed.value;
    const faults = [
      ...violatedInvariants(state),
      ...(isBalanced(state.ledger) ? [] : ["the ledger does not balance"]),
      ...log.filter(isMarketError).map((line) => `the log has an error: ${JSON.stringify(line)}`),
    ];
    const supplier: string = rules.residual.party;
    return { faults, entries: head.sequence, ...slotsOf(events, supplier), ...toldSlots(log, slotLengthMs) };
  } finally {
    journal.close();
  }
}

function slotsOf(events: readonly MarketEvent[], supplier: string): Pick<Day, "closed" | "settled"> {
  return {
    closed: events.flatMap((event) => (event.type === "GateClosed" ? [event.slot] : [])),
    settled: events.flatMap((event) => {
      if (event.type !== "DeliveryPosted" || event.party === supplier) return [];
      const { party, slot, imported, exported } = event;
      return [{ home: party, slotMs: slot, imported, exported }];
    }),
  };
}

function toldSlots(log: readonly LogLine[], slotLengthMs: number): Pick<Day, "missed" | "gaps"> {
  const instant = (value: unknown): number => Date.parse(String(value));
  const missed = new Set<number>();
  for (const { notice, from, through } of log) {
    if (notice !== "slots-missed") continue;
    for (let slot = instant(from); slot <= instant(through); slot += slotLengthMs) missed.add(slot);
  }
  const gaps = log
    .filter(({ notice }) => notice === "delivery-missing")
    .map(({ party, slot }) => ({ home: String(party), slotMs: instant(slot) }));
  return { missed, gaps };
}
