import { describe, expect, test } from "@jest/globals";
import { partsPerMillion, priceMicro, tenderId, wattHours } from "@micromarket/kernel";
import { curveOfDrops } from "@micromarket/market";
import {
  encodeCommand,
  DELIVERED,
  foundMarket,
  IMBALANCE,
  partyAccount,
  snapshotText,
  UNACCOUNTED,
  type Command,
  type MarketRules,
} from "@micromarket/engine";
import { free, fundedRules, money } from "./funded-street.ts";
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
import {
  BOT,
  UTILITY,
  CENT,
  FUNDS,
  registers,
  withBoth,
  type Order,
  traded,
  energyOf,
  moneyOf,
  imbalances,
} from "./unmetered-street.ts";

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

describe.each([
  ["without rules of settlement", {}],
  ["with rules of settlement", { settlement: fundedRules({ levies: [] }).settlement }],
])("a trader in a market below another, %s", (_, change) => {
  const NODE = { above: "market", positionSteps: 8, membersMin: 0 } as const;
  const { settlement, ...none } = change as Partial<MarketRules>;
  const rules = rulesWith({ ...none, ...(settlement === undefined ? {} : { settlement }), node: NODE });

  test("is balanced by the account that stands in for the tie, and the award's mirror stays what it was", () => {
    const state = street(rules);
    obeyed(state, registers(BOT, "financial"), START);
    if (settlement !== undefined)
      for (const party of [ANNE, BOT]) obeyed(state, money("CreditAccount", party, FUNDS, party), START);
    const tie = {
      importLimit: null,
      exportLimit: null,
      feeIn: priceMicro(0),
      feeOut: priceMicro(0),
      loss: partsPerMillion(0),
    };
    obeyed(state, { type: "SetTie", from: slot(1), tie }, START);
    const before = moneyOf(state, BOT);
    obeyed(state, submit(slot(1), tender("anne/b", ANNE, "buy", [30 * CENT, 1_000])), START);
    obeyed(state, submit(slot(1), tender("bot/s", BOT, "sell", [10 * CENT, 400])), START);
    const { number } = only(obeyed(state, { type: "CloseGate", slot: slot(1) }, minute(10)), "PositionFormed");
    const price = priceMicro(20 * CENT);
    obeyed(state, { type: "ApplyAward", slot: slot(1), number, price, energy: wattHours(600) }, minute(11));
    for (const [party, energy] of [
      [ANNE, 1_000],
      [BERT, 0],
    ] as const)
      obeyed(state, report(slot(1), party, energy, 0), minute(30));
    const last = obeyed(state, report(slot(1), GRID, 0, 1_000), minute(30));
    expect(only(last, "SlotSettled").unaccounted).toBe(0);
    // below a market without rules of settlement the tariff is the price of a deviation, else what the tie asks
    const paid = settlement === undefined ? 300_000n : 200_000n;
    expect(moneyOf(state, BOT) - before).toBe((200_000n - paid) * 400n);
    expect([energyOf(state, IMBALANCE), energyOf(state, partyAccount(GRID)), energyOf(state, DELIVERED)]).toEqual([
      0n,
      0n,
      0n,
    ]);
  });
});
