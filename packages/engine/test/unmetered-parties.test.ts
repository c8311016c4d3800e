import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { partyId, partsPerMillion, priceMicro, tenderId, wattHours, type PartyId } from "@micromarket/kernel";
import { balanceOf } from "@micromarket/ledger";
import { curveOfDrops } from "@micromarket/market";
import {
  arrearsAccount,
  decodeCommand,
  encodeCommand,
  apply,
  DELIVERED,
  foundMarket,
  partyAccount,
  restoreState,
  snapshotText,
  stateHash,
  UNACCOUNTED,
  violatedInvariants,
  type Command,
  type ImbalanceRules,
  type MarketEvent,
  type MarketRules,
  type State,
  type UnmeteredBasis,
} from "@micromarket/engine";
import { balance, free, fundedRules, money } from "./funded-street.ts";
import {
  ANNE,
  BERT,
  GRID,
  minute,
  obeyed,
  only,
  refused,
  report,
  rulesWith,
  RULES,
  slot,
  START,
  street,
  submit,
  tender,
} from "./street.ts";

const BOT = partyId("bot");
const UTILITY = partyId("utility");
const CENT = 10_000;
const FUNDS = 10_000_000_000n;

const registers = (party: PartyId, delivery?: UnmeteredBasis | "metered"): Command => ({
  type: "RegisterParty",
  party,
  ...(delivery === undefined ? {} : { delivery }),
});

/** The street with a trader and a utility; with rules of settlement all but the supplier have paid in. */
function withBoth(rules: MarketRules = RULES): State {
  const state = street(rules);
  obeyed(state, registers(BOT, "financial"), START);
  obeyed(state, registers(UTILITY, "scheduled"), START);
  if (rules.settlement === undefined) return state;
  for (const party of [ANNE, BERT, BOT, UTILITY]) obeyed(state, money("CreditAccount", party, FUNDS, party), START);
  return state;
}

type Order = readonly [party: PartyId, side: "buy" | "sell", cents: number, energy: number];

/** Clears the second slot with the orders, and reports what the meters counted: the events of the whole. */
function traded(state: State, orders: readonly Order[], metered: readonly [PartyId, number, number][]): MarketEvent[] {
  const at = slot(1);
  const events: MarketEvent[] = [];
  for (const [index, [party, side, cents, energy]] of orders.entries())
    events.push(...obeyed(state, submit(at, tender(`${party}/${index}`, party, side, [cents * CENT, energy])), START));
  events.push(...obeyed(state, { type: "CloseGate", slot: at }, minute(10)));
  for (const [party, imported, exported] of metered)
    events.push(...obeyed(state, report(at, party, imported, exported), minute(30)));
  return events;
}

const energyOf = (state: State, account: string): bigint | null => balanceOf(state.ledger, "energy", account);
const moneyOf = (state: State, party: PartyId): bigint => balance(state, partyAccount(party)) ?? 0n;

const imbalances: readonly ImbalanceRules[] = [
  { kind: "dual" },
  { kind: "parent" },
  { kind: "penalty", share: partsPerMillion(300_000) },
];
const bothModes: readonly (readonly [string, MarketRules])[] = [
  ["without rules of settlement", RULES],
  ...imbalances.map((imbalance) => [`settled at ${imbalance.kind}`, fundedRules({ imbalance, levies: [] })] as const),
];

describe.each(bothModes)("a market %s", (_, rules) => {
  const penalty = rules.settlement?.imbalance.kind === "penalty";

  test("settles with the last reading of a meter, and waits for nobody without one", () => {
    const state = withBoth(rules);
    const events = traded(
      state,
      [],
      [
        [ANNE, 400, 0],
        [BERT, 0, 100],
      ],
    );
    expect(events.filter(({ type }) => type === "SlotSettled")).toEqual([]);
    const last = obeyed(state, report(slot(1), GRID, 0, 300), minute(31));
    expect(last.flatMap((event) => (event.type === "DeliveryPosted" ? [event.basis ?? event.party] : []))).toEqual([
      GRID,
      "financial",
      "scheduled",
    ]);
    expect(only(last, "SlotSettled")).toMatchObject({ unaccounted: 0 });
    expect(state.cleared.size).toBe(0);
  });

  test("a trader that sells what nobody makes buys it back and gains nothing; the supplier is paid for what it brings", () => {
    const state = withBoth(rules);
    const before = [moneyOf(state, ANNE), moneyOf(state, BOT), moneyOf(state, GRID)];
    // Anne draws what she bought, all of it from the grid
    const events = traded(
      state,
      [
        [ANNE, "buy", 30, 1_000],
        [BOT, "sell", 10, 1_000],
      ],
      [
        [ANNE, 1_000, 0],
        [BERT, 0, 0],
        [GRID, 0, 1_000],
      ],
    );
    const price = BigInt(only(events, "GateClosed").result.price ?? 0);
    const [anne, bot, grid] = [ANNE, BOT, GRID].map((party, index) => moneyOf(state, party) - (before[index] ?? 0n));
    expect(anne).toBe(-price * 1_000n);
    const paid = penalty ? price : 300_000n;
    const fine = penalty ? (price * 1_000n * 3n) / 10n : 0n;
    expect(bot).toBe((price - paid) * 1_000n - fine);
    expect(grid).toBe(paid * 1_000n);
    expect(only(events, "SlotSettled").unaccounted).toBe(0);
    expect(energyOf(state, DELIVERED)).toBe(0n);
  });

  test("nor where the slot is scarce and its price is above the tariff", () => {
    const scarce = { ...rules, residual: { ...rules.residual, importLimit: wattHours(200) } };
    const state = withBoth(scarce);
    const before = moneyOf(state, BOT);
    const events = traded(
      state,
      [
        [ANNE, "buy", 90, 1_000],
        [BOT, "sell", 60, 500],
      ],
      [
        [ANNE, 700, 0],
        [BERT, 0, 0],
        [GRID, 0, 700],
      ],
    );
    expect(only(events, "GateClosed").result.price).toBeGreaterThan(300_000);
    expect(moneyOf(state, BOT) <= before).toBe(true);
    expect(only(events, "SlotSettled").unaccounted).toBe(0);
  });

  test("a utility delivers over the tie what it sold: it keeps its price, and the supplier answers for the rest", () => {
    const state = withBoth(rules);
    const before = [ANNE, UTILITY, GRID].map((party) => moneyOf(state, party));
    const events = traded(
      state,
      [
        [ANNE, "buy", 30, 1_000],
        [UTILITY, "sell", 20, 1_000],
      ],
      [
        [ANNE, 1_000, 0],
        [BERT, 0, 0],
        [GRID, 0, 1_050],
      ],
    );
    const price = BigInt(only(events, "GateClosed").result.price ?? 0);
    const now = [ANNE, UTILITY, GRID].map((party, index) => moneyOf(state, party) - (before[index] ?? 0n));
    expect(now).toEqual([-price * 1_000n, price * 1_000n, 0n]);
    // what came in beyond the schedule and the meters is the tie's own, as ever
    expect(only(events, "SlotSettled").unaccounted).toBe(50);
    expect([energyOf(state, UNACCOUNTED), energyOf(state, partyAccount(UTILITY))]).toEqual([50n, 0n]);
  });

  test("a position that is closed in the slot costs a trader nothing", () => {
    const state = withBoth(rules);
    const before = moneyOf(state, BOT);
    const orders: readonly Order[] = [
      [BERT, "sell", 10, 600],
      [ANNE, "buy", 28, 600],
      [BOT, "buy", 28, 400],
      [UTILITY, "sell", 10, 400],
      [BOT, "sell", 12, 400],
      [ANNE, "buy", 29, 400],
    ];
    const events = traded(state, orders, [
      [ANNE, 1_000, 0],
      [BERT, 0, 600],
      [GRID, 0, 400],
    ]);
    expect(only(events, "SlotSettled").unaccounted).toBe(0);
    expect(moneyOf(state, BOT)).toBe(before);
  });
});

describe("a party without a meter", () => {
  test.each<[string, Command, string]>([
    ["reports no delivery", report(slot(1), BOT, 1, 0), "DELIVERY_NOT_METERED"],
    ["nor does one by schedule", report(slot(1), UTILITY, 1, 0), "DELIVERY_NOT_METERED"],
    [
      "has no counters",
      { type: "ReadMeter", party: BOT, at: slot(0), imported: wattHours(0), exported: wattHours(0) },
      "DELIVERY_NOT_METERED",
    ],
    ["is not registered twice", registers(BOT, "scheduled"), "PARTY_ALREADY_REGISTERED"],
  ])("%s", (_, command, code) => {
    const state = withBoth();
    traded(state, [], []);
    expect(refused(state, command, minute(30))).toMatchObject({ code });
  });

  test("is no market of its own", () => {
    const state = withBoth(rulesWith({ node: { above: "tariff", positionSteps: 8, membersMin: 0 } }));
    const curve = curveOfDrops(wattHours(100), []);
    const command: Command = { type: "SubmitPosition", slot: slot(1), party: BOT, number: 1, curve };
    expect(refused(state, command, START)).toMatchObject({ code: "POSITION_NOT_METERED" });
  });

  test("delivers by schedule at the root only: below a market the tie carries the award", () => {
    const rules = rulesWith({ node: { above: "market", positionSteps: 8, membersMin: 0 } });
    const state = foundMarket(rules);
    expect(refused(state, registers(UTILITY, "scheduled"), START)).toMatchObject({ code: "SCHEDULE_NOT_AT_ROOT" });
    expect(obeyed(state, registers(BOT, "financial"), START)).toEqual([
      { type: "PartyRegistered", party: BOT, delivery: "financial" },
    ]);
  });

  test("a trader sets aside all that its position may cost: the cap for a sale, the price and the floor for a purchase", () => {
    const state = withBoth(fundedRules());
    obeyed(state, submit(slot(1), tender("bot/s", BOT, "sell", [20 * CENT, 1_000])), START);
    expect(free(state, BOT)).toBe(FUNDS - 1_000_000_000n);
    obeyed(state, submit(slot(1), tender("bot/b", BOT, "buy", [20 * CENT, 1_000])), START);
    expect(free(state, BOT)).toBe(FUNDS - 1_000_000_000n - 200_000_000n - 500_000_000n);
    // a batch costs the same as its tenders one by one, and comes back whole
    const lot = {
      slot: slot(2),
      prices: [priceMicro(200_000), priceMicro(200_000)],
      energies: [wattHours(-1_000), wattHours(1_000)],
    };
    obeyed(state, { type: "SubmitTenders", party: BOT, batch: tenderId("b"), lots: [lot] }, START);
    expect(free(state, BOT)).toBe(FUNDS - 3_400_000_000n);
    for (const at of [slot(1), slot(2)])
      obeyed(state, { type: "CancelTenders", party: BOT, slot: at, tenders: null }, START);
    expect(free(state, BOT)).toBe(FUNDS);
  });

  test("pays no levy: it is on what a meter imported", () => {
    const state = withBoth(fundedRules());
    const events = traded(
      state,
      [
        [BERT, "sell", 10, 500],
        [UTILITY, "buy", 20, 500],
      ],
      [
        [ANNE, 0, 0],
        [BERT, 0, 500],
        [GRID, 500, 0],
      ],
    );
    const price = BigInt(only(events, "GateClosed").result.price ?? 0);
    expect(moneyOf(state, UTILITY)).toBe(FUNDS - price * 500n);
    expect(only(events, "SlotSettled").unaccounted).toBe(0);
  });

  test("is not estimated: what is missing is estimated around it", () => {
    const state = withBoth(fundedRules());
    traded(
      state,
      [
        [ANNE, "buy", 30, 1_000],
        [UTILITY, "sell", 20, 1_000],
        [BOT, "sell", 25, 10],
      ],
      [[BERT, 0, 0]],
    );
    const events = obeyed(state, { type: "EstimateDeliveries", slot: slot(1) }, minute(60));
    const estimated = events.flatMap((event) => (event.type === "DeliveryEstimated" ? [event.party] : []));
    expect(estimated).toEqual([ANNE, GRID]);
    expect(only(events, "SlotSettled").unaccounted).toBe(0);
    obeyed(state, report(slot(1), GRID, 0, 1_002), minute(61));
    obeyed(state, report(slot(1), ANNE, 1_002, 0), minute(62));
    expect(energyOf(state, UNACCOUNTED)).toBe(0n);
  });

  test("metered is what is meant where nothing is said, and leaves no word in the state", () => {
    const [silent, said] = [street(), street()];
    obeyed(silent, registers(BOT), START);
    obeyed(said, registers(BOT, "metered"), START);
    expect(snapshotText(said)).toBe(snapshotText(silent));
    expect(snapshotText(said)).not.toContain('metered":[[');
    expect(encodeCommand(registers(BOT))).toBe('{"party":"bot","type":"RegisterParty"}');
  });
});

const order = fc.tuple(
  fc.constantFrom(ANNE, BERT, BOT, UTILITY),
  fc.constantFrom("buy" as const, "sell" as const),
  fc.integer({ min: -20, max: 60 }),
  fc.integer({ min: 1, max: 900 }),
);
const counted = fc.integer({ min: 0, max: 900 });
const anyStory = fc.record({
  orders: fc.array(order, { maxLength: 8 }),
  anne: fc.tuple(counted, counted),
  bert: fc.tuple(counted, counted),
  tie: fc.tuple(counted, counted),
});
const anyRules = fc
  .record({
    settled: fc.option(fc.constantFrom(...imbalances)),
    importLimit: fc.constantFrom(0, 300, 10_000).map(wattHours),
    exportLimit: fc.constantFrom(0, 300, 10_000).map(wattHours),
  })
  .map(({ settled, importLimit, exportLimit }) => {
    const base = settled === null ? RULES : fundedRules({ imbalance: settled });
    return { ...base, residual: { party: GRID, importLimit, exportLimit } };
  });

describe("whatever is traded and metered", () => {
  test("energy and money are conserved, every slot settles, no trader gains by an open position or owes anything", () => {
    const seen = { open: 0, scheduled: 0, scarce: 0 };
    fc.assert(
      fc.property(anyRules, anyStory, (rules, { orders, anne, bert, tie }) => {
        const state = withBoth(rules);
        const before = moneyOf(state, BOT);
        const events = traded(state, orders, [
          [ANNE, ...anne],
          [BERT, ...bert],
          [GRID, ...tie],
        ]);
        const { result, owners } = only(events, "GateClosed");
        const net = (party: PartyId): number =>
          result.trades.reduce((sum, { buy, sell, energy }) => {
            return sum + (owners.get(buy) === party ? energy : 0) - (owners.get(sell) === party ? energy : 0);
          }, 0);
        if (net(BOT) !== 0) seen.open += 1;
        if (net(UTILITY) !== 0) seen.scheduled += 1;
        if ((result.price ?? 0) > 300_000 && net(BOT) < 0) seen.scarce += 1;
        const gained = moneyOf(state, BOT) - before;
        expect(net(BOT) === 0 ? gained === 0n : gained <= 0n).toBe(true);
        expect(balance(state, arrearsAccount(BOT)) ?? 0n).toBe(0n);
        // a utility has the worth of its trades, to the last unit
        const funds = rules.settlement === undefined ? 0n : FUNDS;
        expect(moneyOf(state, UTILITY)).toBe(funds - BigInt(result.price ?? 0) * BigInt(net(UTILITY)));
        // what the tie brought is what the meters took, and what nobody accounts for: a schedule changes nothing of it
        const taken = anne[0] - anne[1] + bert[0] - bert[1];
        const unaccounted = tie[1] - tie[0] - taken;
        expect(only(events, "SlotSettled").unaccounted).toBe(unaccounted);
        expect(energyOf(state, partyAccount(BOT))).toBe(0n);
        expect(state.cleared.size).toBe(0);
        expect(violatedInvariants(state)).toEqual([]);
      }),
      { numRuns: 600 },
    );
    expect(Object.entries(seen).filter(([, often]) => often < 10)).toEqual([]);
  });

  test("a replay of the texts and a restored snapshot come to the same state at every point", () => {
    fc.assert(
      fc.property(anyRules, anyStory, (rules, { orders, anne, bert, tie }) => {
        const [live, replayed] = [withBoth(rules), withBoth(rules)];
        let restored = withBoth(rules);
        const tell = (command: Command, at: ReturnType<typeof minute>): void => {
          const outcome = apply(live, command, at);
          const read = decodeCommand(encodeCommand(command));
          expect(read.ok && apply(replayed, read.value, at)).toEqual(outcome);
          const again = restoreState(snapshotText(restored));
          if (!again.ok) throw new Error(JSON.stringify(again.error));
          restored = again.value;
          expect(apply(restored, command, at)).toEqual(outcome);
          expect([stateHash(replayed), stateHash(restored)]).toEqual([stateHash(live), stateHash(live)]);
        };
        for (const [index, [party, side, cents, energy]] of orders.entries())
          tell(submit(slot(1), tender(`${party}/${index}`, party, side, [cents * CENT, energy])), START);
        tell({ type: "CloseGate", slot: slot(1) }, minute(10));
        for (const [party, [imported, exported]] of [
          [ANNE, anne],
          [BERT, bert],
          [GRID, tie],
        ] as const)
          tell(report(slot(1), party, imported, exported), minute(30));
        expect(live.cleared.size).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
