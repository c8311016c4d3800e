/** `micromarket ledger balance`: what every account of a journal holds, in both books. */
import type { StateView } from "@micromarket/engine";
import { compareText, formatDecimal } from "@micromarket/kernel";
import { balanceOf } from "@micromarket/ledger";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { refuse } from "../input.ts";
import { replayJournal, type JournalOptions } from "../ledger/replay-journal.ts";
import { reportTrouble } from "../ledger/report-trouble.ts";
import { unknownParty } from "../ledger/unknown-party.ts";

/** Money in the market's currency, energy in Wh; `null` where the book has no such account. */
interface Balance {
  readonly account: string;
  readonly money: string | null;
  readonly energyWh: string | null;
}

/** All accounts, or those of `party` alone; exit 3 where the market has no such party. */
export function ledgerBalance(
  file: string,
  party: string | null,
  options: JournalOptions,
  port: ConsolePort,
): ExitCode {
  const { json = false } = options;
  const replayed = replayJournal(file, options, port);
  if (!replayed.ok) return reportTrouble(file, replayed.error, json, port);
  const { state } = replayed.value;
  const all = balancesOf(state);
  const balances = party === null ? all : all.filter(({ account }) => account === `party:${party}`);
  if (balances.length === 0) return refuse([unknownParty(file, state, party ?? "")], json, port);
  const { currency } = state.rules;
  port.out(json ? `${JSON.stringify({ currency, balances }, null, 2)}\n` : tableOf(balances, currency));
  return EXIT_CODE.ok;
}

function balancesOf({ ledger }: StateView): readonly Balance[] {
  const accounts = [...new Set([...ledger.money.keys(), ...ledger.energy.keys()])].sort(compareText);
  return accounts.map((account) => {
    const money = balanceOf(ledger, "money", account);
    const energy = balanceOf(ledger, "energy", account);
    return {
      account,
      money: money === null ? null : formatDecimal(money, 9),
      energyWh: energy === null ? null : String(energy),
    };
  });
}

function tableOf(balances: readonly Balance[], currency: string): string {
  const rows = [
    ["account", currency, "Wh"],
    ...balances.map((row) => [row.account, row.money ?? "", row.energyWh ?? ""]),
  ];
  const widths = [0, 1, 2].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const line = ([account = "", money = "", energy = ""]: readonly string[]): string =>
    `${account.padEnd(widths[0] ?? 0)}  ${money.padStart(widths[1] ?? 0)}  ${energy.padStart(widths[2] ?? 0)}\n`;
  return rows.map(line).join("");
}
