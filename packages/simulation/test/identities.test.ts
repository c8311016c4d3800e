import { describe, expect, test } from "@jest/globals";
import { amountNano, partsPerMillion, partyId, priceMicro, tenderId, wattHours } from "@micromarket/kernel";
import { accountOf, newLedger, openAccount } from "@micromarket/ledger";
import { runScenario, type IdentityName } from "@micromarket/simulation";
import { checkRun, checkSlot, type RunAccounts } from "../src/identities.ts";
import { totalsOf, type SlotOutcome } from "../src/slot-outcome.ts";
import { newWitness } from "../src/violations.ts";
import { home, NOBODY, scenario } from "./scenarios.ts";

const street = scenario([home("ash", [500], [2_000]), home("birch", [1_800], [0])]);

/** Ash has 1500 Wh to spare, birch takes them and 300 Wh of the supplier's. */
function soundSlot(): SlotOutcome {
  const zero = wattHours(0);
  const nothing = {
    bought: zero,
    sold: zero,
    localBought: zero,
    localSold: zero,
    imported: zero,
    exported: zero,
    deviation: zero,
  };
  const forecast = { loadForecast: zero, pvForecast: zero };
  const [surplus, rest, whole] = [wattHours(1_500), wattHours(300), wattHours(1_800)];
  const ash = {
    ...nothing,
    ...forecast,
    load: wattHours(500),
    pv: wattHours(2_000),
    sold: surplus,
    localSold: surplus,
    exported: surplus,
  };
  const birch = {
    ...nothing,
    ...forecast,
    load: whole,
    pv: zero,
    bought: whole,
    localBought: surplus,
    imported: whole,
  };
  const price = priceMicro(300_000);
  const [load, pv, residual] = [tenderId("birch/load"), tenderId("ash/pv"), tenderId("residual:sell")];
  return {
    index: 0,
    start: street.start,
    tariff: price,
    feedIn: priceMicro(100_000),
    homes: [ash, birch],
    grid: { sold: rest, bought: zero, imported: rest, exported: zero },
    totals: totalsOf([ash, birch]),
    settlement: { taking: price, giving: priceMicro(100_000), penalty: null, levy: priceMicro(0) },
    refused: 0,
    result: {
      price,
      energy: whole,
      interval: { low: price, high: price },
      surplus: { buyers: amountNano(0n), sellers: amountNano(0n) },
      scarcity: null,
      fills: [
        { id: pv, energy: surplus, price },
        { id: load, energy: whole, price },
        { id: residual, energy: rest, price },
      ],
      trades: [
        { buy: load, sell: pv, energy: surplus, price },
        { buy: load, sell: residual, energy: rest, price },
      ],
      unfilled: [],
      rejections: [],
      selfTrades: [],
    },
  };
}

const slot = soundSlot();
const [ash, birch] = slot.homes;
const one = wattHours(1);

function withBirch(change: Partial<SlotOutcome["homes"][number]>): SlotOutcome {
  const homes = [ash, birch].flatMap((each) =>
    each === undefined ? [] : [each === birch ? { ...each, ...change } : each],
  );
  return { ...slot, homes, totals: totalsOf(homes) };
}

const brokenSlots: readonly (readonly [IdentityName, SlotOutcome])[] = [
  ["LOCAL_TRADES_BALANCE", withBirch({ localBought: wattHours(1_499) })],
  ["FILLS_EQUAL_TRADES", { ...slot, result: { ...slot.result, energy: wattHours(1_799) } }],
  ["FILLS_EQUAL_TRADES", { ...slot, result: { ...slot.result, fills: slot.result.fills.slice(1) } }],
  ["PRICE_IN_INTERVAL", { ...slot, result: { ...slot.result, price: priceMicro(299_999) } }],
  ["PRICE_IN_INTERVAL", { ...slot, result: { ...slot.result, price: priceMicro(300_001) } }],
  [
    "PRICE_IN_BAND",
    { ...slot, result: { ...slot.result, price: priceMicro(1_000_001), interval: { low: null, high: null } } },
  ],
  [
    "PRICE_IN_BAND",
    { ...slot, result: { ...slot.result, price: priceMicro(-1), interval: { low: null, high: null } } },
  ],
  ["HOME_ENERGY_BALANCES", withBirch({ deviation: one })],
  ["HOME_ENERGY_BALANCES", withBirch({ imported: wattHours(1_801) })],
  ["TIE_ENERGY_BALANCES", { ...slot, grid: { ...slot.grid, exported: one } }],
  ["TIE_ENERGY_BALANCES", { ...slot, grid: { ...slot.grid, sold: wattHours(301) } }],
  ["TRADED_WITHIN_BOUND", { ...slot, totals: { ...slot.totals, localBound: wattHours(1_499) } }],
];

describe("identities of a slot", () => {
  test("hold where nothing is broken", () => {
    const witness = newWitness();
    checkSlot(slot, street, witness);
    expect(witness.violations()).toEqual([]);
  });

  test.each(brokenSlots)("%s is noticed", (identity, broken) => {
    const witness = newWitness();
    checkSlot(broken, street, witness);
    expect(witness.violations().map((violation) => violation.name)).toContain(identity);
  });

  test("meters that err are held to what they count instead of load and PV", () => {
    const meters = { noise: partsPerMillion(1), gaps: partsPerMillion(0) };
    const erring = withBirch({ imported: wattHours(1_801), deviation: one });
    for (const [seen, found] of [
      [erring, []],
      [withBirch({ imported: wattHours(1_801) }), ["HOME_ENERGY_BALANCES"]],
      [withBirch({ deviation: one }), ["HOME_ENERGY_BALANCES"]],
    ] as const) {
      const witness = newWitness();
      checkSlot(seen, { ...street, meters }, witness);
      expect(witness.violations().map(({ name }) => name)).toEqual(found);
    }
  });

  test("more may be traded than the bound where forecasts err", () => {
    const witness = newWitness();
    const over = { ...slot, totals: { ...slot.totals, localBound: wattHours(1_499) } };
    checkSlot(over, { ...street, forecast: "persistence" }, witness);
    expect(witness.violations()).toEqual([]);
  });
});

const run = runScenario(street, NOBODY);
const [ashBill, birchBill] = run.bills;
const { energy, efficiency } = run.kpis;

/** The run's accounts, with a ledger that holds what is given. */
function accounts(change: Partial<RunAccounts> = {}, balance = 0n): RunAccounts {
  const ledger = newLedger();
  openAccount(ledger, "money", "outside");
  ledger.money.set("outside", accountOf(balance));
  const balances = run.bills.map(({ billMarket }) => amountNano(-billMarket));
  const gridBill = amountNano(-run.kpis.bills.marketNano);
  return { bills: run.bills, kpis: run.kpis, gridBill, ledger, balances, ...change };
}

function withEnergy(change: Partial<typeof energy>): RunAccounts {
  return accounts({ kpis: { ...run.kpis, energy: { ...energy, ...change } } });
}

function withEfficiency(change: Partial<typeof efficiency>): RunAccounts {
  return accounts({ kpis: { ...run.kpis, efficiency: { ...efficiency, ...change } } });
}

const brokenRuns: readonly (readonly [IdentityName, where: string, RunAccounts])[] = [
  ["BILL_EQUALS_BALANCE", "birch", accounts({ balances: [amountNano(-(ashBill?.billMarket ?? 0n)), amountNano(1n)] })],
  ["BILLS_SUM_TO_ZERO", "run", accounts({ gridBill: amountNano(1n) })],
  ["LEDGER_SUMS_TO_ZERO", "money", accounts({}, 1n)],
  ["PARTITION_SUMS_TO_WHOLE", "load", withEnergy({ loadWh: one })],
  ["PARTITION_SUMS_TO_WHOLE", "PV", withEnergy({ pvWh: one })],
  ["PARTITION_SUMS_TO_WHOLE", "covered alone", withEnergy({ coveredAloneWh: one })],
  ["PARTITION_SUMS_TO_WHOLE", "bought locally", withEnergy({ localWh: one })],
  ["SAVINGS_EQUAL_GAIN", "run", withEfficiency({ gainNano: amountNano(1n) })],
  ["EFFICIENCY_AT_MOST_ONE", "gain", withEfficiency({ gainBoundNano: amountNano(1n) })],
  ["EFFICIENCY_AT_MOST_ONE", "welfare", withEfficiency({ welfareBoundNano: amountNano(1n) })],
];

describe("identities of a run", () => {
  test("hold where nothing is broken", () => {
    const witness = newWitness();
    checkRun(accounts(), witness);
    expect([witness.violations(), run.violations, birchBill?.party]).toEqual([[], [], partyId("birch")]);
  });

  test.each(brokenRuns)("%s is noticed at %s", (identity, where, broken) => {
    const witness = newWitness();
    checkRun(broken, witness);
    expect(witness.violations()).toContainEqual(expect.objectContaining({ name: identity, where }));
  });
});

describe("a witness", () => {
  test("keeps the first occurrence of each identity and counts the rest", () => {
    const witness = newWitness();
    for (const found of [1, 2, 3]) witness.equal("LEDGER_SUMS_TO_ZERO", () => `at ${found}`, 1, found);
    witness.atMost("PRICE_IN_BAND", () => "here", 5, 6);
    witness.atLeast("PRICE_IN_INTERVAL", () => "there", 5n, 4n);
    expect(witness.violations()).toEqual([
      { name: "LEDGER_SUMS_TO_ZERO", where: "at 2", expected: "1", found: "2", count: 2 },
      { name: "PRICE_IN_BAND", where: "here", expected: "at most 5", found: "6", count: 1 },
      { name: "PRICE_IN_INTERVAL", where: "there", expected: "at least 5", found: "4", count: 1 },
    ]);
    expect(witness.checks()).toEqual([{ name: "LEDGER_SUMS_TO_ZERO", held: 1 }]);
  });
});
