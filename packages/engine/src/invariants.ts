/**
 * What holds after every command, checked from the state alone. Tests ask after each command; a restored snapshot is
 * asked before it is believed.
 */
import { compareText, type InstantMs, type PartyId, type TenderId } from "@micromarket/kernel";
import { balanceOf, LEDGER_NAMES, violatedLedgerInvariants } from "@micromarket/ledger";
import {
  accountsOfParty,
  DELIVERED,
  IMBALANCE,
  LOSSES,
  marketAccounts,
  partyAccount,
  RENT,
  UNACCOUNTED,
} from "./accounts.ts";
import { fundsViolations } from "./funds-violations.ts";
import { idInBatch } from "./lot.ts";
import { sessionViolations } from "./session/session-violations.ts";
import type { StandingTendersView } from "./standing-tenders.ts";
import type { ClearedSlot, StateView, View } from "./state.ts";
import { unmeteredViolations } from "./unmetered.ts";

/** The invariants that `state` breaks, in words; none in a sound state. */
export function violatedInvariants(state: StateView): readonly string[] {
  return [
    ...violatedLedgerInvariants(state.ledger),
    ...accountViolations(state),
    ...energyViolations(state),
    ...slotViolations(state),
    ...treeViolations(state),
    ...tariffViolations(state),
    ...fundsViolations(state),
    ...identityViolations(state),
    ...sessionViolations(state),
    ...unmeteredViolations(state),
  ];
}

function accountViolations({ ledger, parties, rules }: StateView): readonly string[] {
  const expected = marketAccounts(rules);
  for (const party of parties) {
    if (party === rules.residual.party) continue;
    const own = accountsOfParty(party, rules);
    for (const name of LEDGER_NAMES) expected[name].push(...own[name]);
  }
  const violations = parties.has(rules.residual.party) ? [] : ["the residual counterparty is not registered"];
  for (const name of LEDGER_NAMES) {
    const open = [...ledger[name].keys()].sort(compareText);
    const wanted = expected[name].sort(compareText);
    if (open.join("\n") !== wanted.join("\n")) violations.push(`the ${name} accounts are not those of the parties`);
  }
  return violations;
}

/** Every Wh of a party is one that it traded in a slot and has not reported; every delivered one waits for the tie. */
function energyViolations(state: StateView): readonly string[] {
  const { residual } = state.rules;
  const expected = new Map([...state.parties].map((party): [PartyId, bigint] => [party, 0n]));
  const add = (party: PartyId, energy: bigint): void => void expected.set(party, (expected.get(party) ?? 0n) + energy);
  let [metered, lost, imbalance] = [0n, 0n, 0n];
  const addOther = (energy: bigint, record: View<ClearedSlot>): void => {
    if (record.flow === null) add(residual.party, energy);
    else imbalance += energy;
  };
  for (const record of state.cleared.values()) {
    if (record.open !== null) {
      const between = BigInt((record.flow?.above ?? 0) - (record.flow?.below ?? 0));
      add(residual.party, -between);
      lost += between;
      continue;
    }
    metered += BigInt(record.metered);
    addOther(-BigInt(record.metered), record);
    if (record.flow !== null) {
      add(residual.party, -BigInt(record.flow.above));
      imbalance += BigInt(record.flow.below);
      lost += BigInt(record.flow.above - record.flow.below);
    }
    for (const party of record.awaiting) {
      if (party === residual.party) continue;
      add(party, BigInt(record.traded.get(party) ?? 0));
      addOther(-BigInt(record.traded.get(party) ?? 0), record);
    }
  }
  const violations = [...expected]
    .filter(([party, energy]) => balanceOf(state.ledger, "energy", partyAccount(party)) !== energy)
    .map(([party]) => `the energy of party ${party} is not what its open slots say`);
  const delivered = balanceOf(state.ledger, "energy", DELIVERED) ?? 0n;
  const unaccounted = balanceOf(state.ledger, "energy", UNACCOUNTED) ?? 0n;
  const losses = balanceOf(state.ledger, "energy", LOSSES) ?? 0n;
  if ((balanceOf(state.ledger, "energy", IMBALANCE) ?? 0n) !== imbalance)
    violations.push("the imbalance is not what members deviated in open slots");
  if (delivered + unaccounted + losses !== metered + lost)
    violations.push("delivered energy is not what the meters of open slots say");
  return violations;
}

function slotViolations({ books, cleared, closedThrough, parties, rules }: StateView): readonly string[] {
  const last = closedThrough ?? -Infinity;
  const violations: string[] = [];
  for (const [slot, { tenders, cancelled }] of books) {
    if (slot <= last) violations.push(`the book of slot ${slot} outlived its gate`);
    if ([...cancelled].some((id) => tenders.has(id)))
      violations.push(`a tender of slot ${slot} stands and was cancelled`);
    if ([...tenders.values()].some(({ party }) => !parties.has(party)))
      violations.push(`a stranger tenders in slot ${slot}`);
    violations.push(...lotViolations(slot, tenders, cancelled));
  }
  for (const [slot, { traded, awaiting, tie }] of cleared) {
    const net = [...traded.values()].reduce((sum, energy) => sum + BigInt(energy), 0n);
    if (slot > last) violations.push(`slot ${slot} is cleared before its gate closed`);
    if (net !== 0n) violations.push(`what was bought in slot ${slot} is not what was sold`);
    if (awaiting.size === 0) violations.push(`slot ${slot} waits for nobody`);
    if ([...awaiting].some((party) => !traded.has(party))) violations.push(`slot ${slot} waits for a stranger`);
    if ([...traded.keys()].some((party) => !parties.has(party))) violations.push(`a stranger traded in slot ${slot}`);
    if (awaiting.has(rules.residual.party) !== (tie === null))
      violations.push(`the tie of slot ${slot} is not what was reported`);
  }
  return violations;
}

/** Every tender has an id of its own, and what a lot has lost was taken back. */
function lotViolations(
  slot: InstantMs,
  tenders: StandingTendersView,
  cancelled: ReadonlySet<TenderId>,
): readonly string[] {
  const lots = [...tenders.lots()];
  const isDouble = new Set(tenders.keys()).size !== tenders.size;
  const isLost = lots.some((lot) => {
    return Array.from({ length: lot.count }, (_, place) => lot.first + place).some((number) => {
      return !lot.has(number) && !cancelled.has(idInBatch(lot.batch, number));
    });
  });
  return [
    ...(isDouble ? [`two tenders of slot ${slot} have one id`] : []),
    ...(isLost ? [`a tender of slot ${slot} is gone and was not taken back`] : []),
  ];
}

function treeViolations({
  books,
  waiting,
  cleared,
  closedThrough,
  ties,
  rules,
  parties,
  ledger,
}: StateView): readonly string[] {
  const violations: string[] = [];
  for (const [slot, { tenders, positions }] of books) {
    const both = [...tenders.values()].some(({ party }) => positions.has(party));
    if (both) violations.push(`a party of slot ${slot} is a member and a market`);
    if ([...positions.keys()].some((party) => !parties.has(party)))
      violations.push(`a strange market stands in slot ${slot}`);
  }
  for (const slot of waiting.keys()) {
    if (slot > (closedThrough ?? -Infinity)) violations.push(`slot ${slot} waits before its gate closed`);
    if (cleared.has(slot)) violations.push(`slot ${slot} waits and is cleared`);
  }
  if (rules.node?.above !== "market" && (waiting.size > 0 || ties.length > 0))
    violations.push("a market without one above has a tie to it");
  if (ties.some(({ from }, index) => from <= (ties[index - 1]?.from ?? -Infinity)))
    violations.push("ties out of order");
  if ((balanceOf(ledger, "money", RENT) ?? 0n) < 0n) violations.push("the congestion rent is negative");
  return violations;
}

function tariffViolations({ tariffs }: StateView): readonly string[] {
  return [
    ...(tariffs.some(({ from }, index) => from <= (tariffs[index - 1]?.from ?? -Infinity))
      ? ["tariffs out of order"]
      : []),
    ...(tariffs.some(({ tariff, feedIn }) => tariff < feedIn) ? ["a tariff below its feed-in price"] : []),
  ];
}

function identityViolations({ parties, registry, grants, books, rules }: StateView): readonly string[] {
  const violations: string[] = [];
  if ([...registry.parties.keys()].some((party) => !parties.has(party))) violations.push("a stranger has a standing");
  for (const { did, party, role } of registry.keys.values()) {
    if (!registry.parties.has(party)) violations.push(`the key ${did} is a stranger's`);
    if (role === "operator" && party !== rules.residual.party) violations.push(`the key ${did} is no operator's`);
  }
  for (const { grant } of grants.values()) {
    if (!parties.has(grant.party)) violations.push(`grant ${grant.id} acts for a stranger`);
    if (grant.parent !== null && !grants.has(grant.parent)) violations.push(`grant ${grant.id} was made from nothing`);
  }
  for (const [slot, { tenders, placed }] of books) {
    if ([...placed.keys()].some((id) => !tenders.has(id))) violations.push(`slot ${slot} knows who placed no tender`);
    if ([...tenders.values()].some(({ party }) => registry.parties.get(party) === "left"))
      violations.push(`somebody who left tenders in slot ${slot}`);
  }
  return violations;
}
