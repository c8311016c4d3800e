/** `micromarket ledger reconcile`: the journals of two markets, one below the other, held against each other. */
import { reconcileTie, TieLedger, type ReconciledSlot, type TieEnd, type TieVerdict } from "@micromarket/aggregator";
import { partyAccount, type MarketEvent, type NodePosition } from "@micromarket/engine";
import { formatDecimal, formatInstant, isIdentifier, partyId, type PartyId } from "@micromarket/kernel";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { refuse } from "../input.ts";
import { replayJournal, type JournalOptions, type JournalReplay } from "../ledger/replay-journal.ts";
import { reportTrouble } from "../ledger/report-trouble.ts";
import { unknownParty } from "../ledger/unknown-party.ts";

/** Options of `micromarket ledger reconcile`. */
export interface LedgerReconcileOptions extends Omit<JournalOptions, "config"> {
  /** What the market below is called above. */
  readonly party: string;
  readonly all?: boolean;
  readonly configAbove?: string;
  readonly configBelow?: string;
}

/** One journal, read as one end of the tie. */
interface ReadEnd {
  readonly replay: JournalReplay;
  readonly ledger: TieLedger;
  /** What was paid in on the account that stands for the other end, less what was paid out. */
  readonly paidIn: bigint;
}

/** Exit 0 where every slot that is settled at both ends agrees, 1 where one differs or a journal is damaged, 3 without the party. */
export function ledgerReconcile(
  aboveFile: string,
  belowFile: string,
  options: LedgerReconcileOptions,
  port: ConsolePort,
): ExitCode {
  const { json = false, party, configAbove, configBelow } = options;
  const above = readEnd(aboveFile, "above", () => named(party), withConfig(options, configAbove), port);
  if (typeof above === "number") return above;
  if (!(above.replay.state.parties as ReadonlySet<string>).has(party))
    return refuse([unknownParty(aboveFile, above.replay.state, party)], json, port);
  const tieOf = ({ state }: NodePosition): PartyId => state.rules.residual.party;
  const below = readEnd(belowFile, "below", tieOf, withConfig(options, configBelow), port);
  if (typeof below === "number") return below;
  const slots = reconcileTie(above.ledger, below.ledger);
  const differing = slots.filter(({ verdict }) => verdict === "differs").length;
  port.out(json ? `${JSON.stringify(recordOf(slots, above, below), null, 2)}\n` : textOf(slots, above, below, options));
  return differing > 0 ? EXIT_CODE.failed : EXIT_CODE.ok;
}

/** A name that cannot be one is nobody's. */
function named(party: string): PartyId {
  return partyId(isIdentifier(party) ? party : "nobody");
}

function withConfig({ json, quiet }: LedgerReconcileOptions, config: string | undefined): JournalOptions {
  return {
    ...(config === undefined ? {} : { config }),
    ...(json === undefined ? {} : { json }),
    ...(quiet === undefined ? {} : { quiet }),
  };
}

function readEnd(
  file: string,
  side: TieLedger["side"],
  partyOf: (start: NodePosition) => PartyId,
  options: JournalOptions,
  port: ConsolePort,
): ReadEnd | ExitCode {
  let ledger: TieLedger | null = null;
  let paidIn = 0n;
  const replayed = replayJournal(file, options, port, (start) => {
    const own = new TieLedger(side, partyOf(start));
    ledger = own;
    return (_, events) => {
      own.note(events);
      for (const event of events) paidIn += paymentIn(event, own.party);
    };
  });
  if (!replayed.ok) return reportTrouble(file, replayed.error, options.json === true, port);
  return { replay: replayed.value, ledger: ledger ?? new TieLedger(side, partyOf(replayed.value)), paidIn };
}

function paymentIn(event: MarketEvent, party: PartyId): bigint {
  if (event.type !== "AccountCredited" && event.type !== "PaidOut") return 0n;
  if (event.party !== party) return 0n;
  return event.type === "AccountCredited" ? event.amount : -event.amount;
}

function countOf(slots: readonly ReconciledSlot[], verdict: TieVerdict): number {
  return slots.filter((slot) => slot.verdict === verdict).length;
}

function recordOf(slots: readonly ReconciledSlot[], above: ReadEnd, below: ReadEnd): Record<string, unknown> {
  return {
    above: marketOf(above),
    below: marketOf(below),
    agreeing: countOf(slots, "agrees"),
    open: countOf(slots, "open"),
    untold: countOf(slots, "untold"),
    differing: countOf(slots, "differs"),
    slots: slots.map(({ slot, verdict, difference, above: upper, below: lower }) => ({
      slot: formatInstant(slot),
      verdict,
      difference: formatDecimal(difference, 9),
      above: endOf(upper),
      below: endOf(lower),
    })),
  };
}

function marketOf({ replay, ledger, paidIn }: ReadEnd): Record<string, unknown> {
  const { rules } = replay.state;
  const since = replay.base === null ? null : formatInstant(replay.base.at);
  const account = partyAccount(ledger.party);
  return { market: rules.market, currency: rules.currency, account, paidIn: formatDecimal(paidIn, 9), since };
}

function endOf(end: TieEnd | null): Record<string, unknown> | null {
  if (end === null) return null;
  const { energy, mode, money, metered, statements, isSettled } = end;
  const meteredWh = metered === null ? null : String(metered);
  return { energyWh: String(energy), mode, money: formatDecimal(money, 9), meteredWh, statements, isSettled };
}

const HEADINGS = ["slot", "", "mode", "Wh awarded", "Wh taken", "booked above", "booked below", "difference"] as const;
/** Columns of figures, which end together. */
const FIGURES_FROM = 3;

function textOf(
  slots: readonly ReconciledSlot[],
  above: ReadEnd,
  below: ReadEnd,
  { all = false }: LedgerReconcileOptions,
): string {
  const shown = slots.filter(({ verdict }) => all || verdict !== "agrees");
  const rows = [HEADINGS, ...shown.map(rowOf)];
  const widths = HEADINGS.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const padded = (text: string, at: number): string =>
    at < FIGURES_FROM ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0);
  const table = rows.map((row) => `${row.map(padded).join("  ").trimEnd()}\n`).join("");
  const { currency, market } = above.replay.state.rules;
  const others = (["open", "untold", "differs"] as const).map(
    (verdict) => `${countOf(slots, verdict)} ${WORDS[verdict]}`,
  );
  const paid = [above, below].map(({ paidIn }) => formatDecimal(paidIn, 9));
  return (
    (shown.length === 0 ? "" : `${table}\n`) +
    `${market} and ${below.replay.state.rules.market}: ${countOf(slots, "agrees")} slots agree, ${others.join(", ")}\n` +
    `paid in beside that: ${paid[0]} ${currency} above, ${paid[1]} ${currency} below\n`
  );
}

const WORDS = {
  open: "are not settled at both ends",
  untold: "wait for a statement below",
  differs: "differ",
} as const;

function rowOf({ slot, verdict, difference, above, below }: ReconciledSlot): readonly string[] {
  return [
    formatInstant(slot),
    verdict,
    below?.mode ?? "",
    above === null ? "" : String(above.energy),
    below === null ? "" : String(below.energy),
    above === null ? "" : formatDecimal(above.money, 9),
    below === null ? "" : formatDecimal(below.money, 9),
    formatDecimal(difference, 9),
  ];
}
