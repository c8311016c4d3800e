/** What holds of money in a market with rules of settlement, from the state alone. */
import { compareText } from "@micromarket/kernel";
import { availableOf, balanceOf, type TransferId } from "@micromarket/ledger";
import { arrearsAccount, collateralAccount, partyAccount } from "./accounts.ts";
import { holdsOfBook, tradeHolds } from "./hold-trades.ts";
import type { StateView } from "./state.ts";

/** The invariants of funds that `state` breaks, in words. */
export function fundsViolations(state: StateView): readonly string[] {
  return [...holdViolations(state), ...accountViolations(state), ...readingViolations(state)];
}

/** Every open hold is one of a standing tender or position, or of a trade that waits for its settlement. */
function holdViolations({ ledger, books, waiting, cleared, rules }: StateView): readonly string[] {
  const open = [...ledger.known].filter(([, { fate }]) => fate === "open").map(([id]) => id);
  if (rules.settlement === undefined) return open.map((id) => `${id} is held in a market without rules of settlement`);
  const meant = new Set<TransferId>();
  for (const [slot, book] of [...books, ...waiting]) for (const hold of holdsOfBook(slot, book)) meant.add(hold);
  for (const [slot, record] of cleared) {
    for (const number of record.open?.trades.keys() ?? []) {
      for (const hold of Object.values(tradeHolds(slot, number))) meant.add(hold);
    }
  }
  return open.filter((id) => !meant.has(id)).map((id) => `nothing stands behind the hold ${id}`);
}

/** Nobody is below its floor but by a line that was withdrawn, owes a negative sum, or has less than nothing set aside. */
function accountViolations({ ledger, parties, rules }: StateView): readonly string[] {
  if (rules.settlement === undefined) return [];
  const isLent = rules.settlement.funding.kind === "credit-line";
  return [...parties].sort(compareText).flatMap((party) => {
    const available = availableOf(ledger, "money", partyAccount(party)) ?? 0n;
    return [
      ...(available < 0n && !isLent ? [`${party} has promised more than it has`] : []),
      ...((balanceOf(ledger, "money", arrearsAccount(party)) ?? 0n) > 0n ? [`${party} is owed arrears`] : []),
      ...((balanceOf(ledger, "money", collateralAccount(party)) ?? 0n) < 0n
        ? [`${party} backs less than nothing`]
        : []),
    ];
  });
}

/** A slot keeps its trades open by the rules; it has the readings of those, and only those, that it does not wait for. */
function readingViolations({ cleared, estimated, meters, parties, rules }: StateView): readonly string[] {
  const violations: string[] = [];
  for (const [slot, { open, awaiting, traded }] of cleared) {
    if ((open !== null) !== (rules.settlement !== undefined))
      violations.push(`slot ${slot} is not settled by the rules`);
    if (open === null) continue;
    const isComplete = [...traded.keys()].every((party) => awaiting.has(party) !== open.readings.has(party));
    if (!isComplete || open.readings.size + awaiting.size !== traded.size)
      violations.push(`the readings of slot ${slot} are not of those that have reported`);
    if (open.trades.some(({ buyer, seller, energy }) => buyer === seller || energy <= 0))
      violations.push(`slot ${slot} keeps a trade that is none`);
  }
  for (const [slot, { missing }] of estimated) {
    if (cleared.has(slot)) violations.push(`slot ${slot} is settled and is not`);
    if ([...missing.keys()].some((party) => !parties.has(party)))
      violations.push(`a stranger's reading of slot ${slot}`);
  }
  if ([...meters.keys()].some((party) => !parties.has(party))) violations.push("a stranger's meter");
  return violations;
}
