/** The street with rules of settlement, and random commands for it: payments, credit, counters and estimates on top. */
import fc from "fast-check";
import {
  amountNano,
  HOUR,
  instantMs,
  MINUTE,
  partsPerMillion,
  priceMicro,
  times,
  wattHours,
  type InstantMs,
  type PartyId,
} from "@micromarket/kernel";
import { availableOf, balanceOf } from "@micromarket/ledger";
import type { Side } from "@micromarket/market";
import {
  partyAccount,
  type Command,
  type Funding,
  type ImbalanceRules,
  type MarketEvent,
  type MarketRules,
  type SettlementRules,
  type State,
} from "@micromarket/engine";
import { ANNE, BERT, CLEO, GRID, obeyed, report, rulesWith, START, street, submit, tender } from "./street.ts";
import { actionsOf, anybody, marketCommands, slotToClose, slotToReport, type Weighted } from "./traffic.ts";

export const SETTLEMENT: SettlementRules = {
  funding: { kind: "prepaid" },
  bond: partsPerMillion(100_000),
  imbalance: { kind: "dual" },
  levies: [{ name: "grid", price: priceMicro(20_000) }],
  readingsDue: times(MINUTE, 10),
  trueUp: times(HOUR, 2),
};

/** The street's rules with these of settlement. */
export function fundedRules(change: Partial<SettlementRules> = {}): MarketRules {
  return rulesWith({ settlement: { ...SETTLEMENT, ...change } });
}

/** A payment of either direction. */
export const money = (
  type: "CreditAccount" | "PayOut",
  party: PartyId,
  amount: bigint,
  reference: string,
): Command => ({
  type,
  party,
  amount: amountNano(amount),
  reference,
});

/** What the money account holds. */
export const balance = (state: State, account: string): bigint | null => balanceOf(state.ledger, "money", account);

/** What the party's account can still be debited with. */
export const free = (state: State, party: PartyId): bigint | null =>
  availableOf(state.ledger, "money", partyAccount(party));

/** A street with settlement where Anne and Bert have 1 (10^9 nano) each. */
export function funded(
  change: Partial<SettlementRules> = {},
  amount = 1_000_000_000n,
  rules = fundedRules(change),
): State {
  const state = street(rules);
  for (const party of [ANNE, BERT]) obeyed(state, money("CreditAccount", party, amount, `for ${party}`), START);
  return state;
}

const fundings: readonly Funding[] = [
  { kind: "prepaid" },
  { kind: "credit-line", collateral: partsPerMillion(250_000) },
  { kind: "mutual", limit: amountNano(200_000_000n) },
];

const imbalances: readonly ImbalanceRules[] = [
  { kind: "parent" },
  { kind: "dual" },
  { kind: "penalty", share: partsPerMillion(333_333) },
];

const limit = fc.constantFrom(0, 300, 10_000).map(wattHours);

/** The street's rules with limits of any kind, any funding and any price of imbalance. */
export const anyFundedRules: fc.Arbitrary<MarketRules> = fc
  .record({
    funding: fc.constantFrom(...fundings),
    imbalance: fc.constantFrom(...imbalances),
    bond: fc.constantFrom(0, 50_000, 1_000_000).map(partsPerMillion),
    levies: fc.constantFrom([], SETTLEMENT.levies),
    importLimit: limit,
    exportLimit: limit,
  })
  .map(({ funding, imbalance, bond, levies, importLimit, exportLimit }) =>
    rulesWith({
      residual: { party: GRID, importLimit, exportLimit },
      settlement: { ...SETTLEMENT, funding, imbalance, bond, levies },
    }),
  );

/** The street on these rules, in which Anne and Bert have something to begin with; `note` hears of it. */
export function fundedStreet(rules: MarketRules, note: (event: MarketEvent, state: State) => void): State {
  const state = street(rules);
  for (const party of [ANNE, BERT]) {
    const amount = amountNano(2_000_000_000n);
    const paid = obeyed(state, { type: "CreditAccount", party, amount, reference: `first of ${party}` }, START);
    for (const event of paid) note(event, state);
  }
  return state;
}

let payments = 0;

const payment = fc
  .record({
    type: fc.constantFrom("CreditAccount" as const, "CreditAccount" as const, "PayOut" as const),
    party: fc.constantFrom(ANNE, BERT, CLEO, GRID),
    amount: fc.bigInt(1n, 900_000_000n).map(amountNano),
  })
  .map((fields) => (): Command => ({ ...fields, reference: `payment ${(payments += 1)}` }));

const lend = fc
  .record({ party: anybody, limit: fc.bigInt(-1n, 900_000_000n).map(amountNano) })
  .map((fields) => (): Command => ({ type: "SetCreditLine", ...fields }));

const readMeter = fc
  .record({
    party: fc.constantFrom(BERT, CLEO),
    index: fc.constantFrom(0, 0, 1, 2, 3),
    imported: fc.integer({ min: -60, max: 900 }),
    exported: fc.nat(900),
    isStart: fc.constantFrom(false, false, false, false, false, true),
  })
  .map(({ party, index, imported, exported, isStart }) => (state: State): Command => {
    const last = state.meters.get(party);
    const at = instantMs(slotToReport(state, index) + 900_000);
    const counters = {
      imported: wattHours((last?.imported ?? 5_000) + imported),
      exported: wattHours((last?.exported ?? 5_000) + exported),
    };
    return { type: "ReadMeter", party, at, ...counters, ...(isStart ? { isStart } : {}) };
  });

const estimate = fc
  .constantFrom(0, 0, 1)
  .map((index) => (state: State): Command => ({ type: "EstimateDeliveries", slot: slotToReport(state, index) }));

/** A reading of a slot that was settled on an estimate. */
const lateReport = fc
  .record({ index: fc.nat(2), who: fc.nat(3), imported: fc.nat(900), exported: fc.nat(900) })
  .map(({ index, who, imported, exported }) => (state: State): Command => {
    const [slot, record] = [...state.estimated][index] ?? [slotToClose(state, -1), undefined];
    const party = [...(record?.missing.keys() ?? [])].sort()[who] ?? ANNE;
    return {
      type: "ReportDelivery",
      slot,
      party,
      imported: wattHours(imported),
      exported: wattHours(exported),
    };
  });

/** The commands of a market with settlement. */
export const fundedCommands: readonly Weighted[] = [
  ...marketCommands,
  { weight: 2, arbitrary: payment },
  { weight: 1, arbitrary: lend },
  { weight: 2, arbitrary: readMeter },
  { weight: 2, arbitrary: estimate },
  { weight: 2, arbitrary: lateReport },
];

/** A run of actions on a funded street. */
export const fundedActions = actionsOf(fundedCommands);

/** A slot: who tenders what, and what the meters count; `null` is a reading that is late, or never comes. */
export interface SlotStory {
  readonly tenders: readonly {
    readonly party: PartyId;
    readonly side: Side;
    readonly price: number;
    readonly energy: number;
  }[];
  readonly readings: readonly (readonly [number, number] | null)[];
  readonly late: readonly (readonly [number, number] | null)[];
}

const members = [ANNE, BERT, CLEO, GRID];
const counted = fc.tuple(fc.nat(900), fc.constantFrom(0, 0, 100, 500));

export const slotStory: fc.Arbitrary<SlotStory> = fc.record({
  tenders: fc.array(
    fc.record({
      party: fc.constantFrom(ANNE, BERT, CLEO),
      side: fc.constantFrom("buy" as const, "sell" as const),
      price: fc.integer({ min: -4, max: 30 }).map((ticks) => ticks * 10_000),
      energy: fc.integer({ min: 1, max: 900 }),
    }),
    { minLength: 2, maxLength: 8 },
  ),
  readings: fc.array(fc.option(counted, { freq: 6 }), { minLength: 4, maxLength: 4 }),
  late: fc.array(fc.option(counted, { freq: 2 }), { minLength: 4, maxLength: 4 }),
});

/** The commands of a slot with their times, in order. */
export function commandsOf(
  { tenders, readings, late }: SlotStory,
  slot: InstantMs,
): readonly { readonly command: Command; readonly at: InstantMs }[] {
  const [gate, end] = [instantMs(slot - 300_000), instantMs(slot + 900_000)];
  const reports = (list: SlotStory["readings"], at: InstantMs) =>
    list.flatMap((reading, index) => {
      const party = members[index];
      if (reading === null || party === undefined) return [];
      return [{ command: report(slot, party, ...reading), at }];
    });
  return [
    { command: { type: "RegisterParty", party: CLEO }, at: instantMs(gate - 2) },
    ...tenders.map(({ party, side, price, energy }, index) => {
      return { command: submit(slot, tender(`t${index}`, party, side, [price, energy])), at: instantMs(gate - 1) };
    }),
    { command: { type: "CloseGate", slot }, at: gate },
    ...reports(readings, end),
    { command: { type: "EstimateDeliveries", slot }, at: dueOf(slot) },
    ...reports(late, dueOf(slot)),
  ];
}

/** The first instant from which on a slot's readings may be estimated. */
export function dueOf(slot: InstantMs): InstantMs {
  return instantMs(slot + 900_000 + SETTLEMENT.readingsDue);
}
