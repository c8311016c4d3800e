/** Small scenarios with everything filled in that a test does not care about, and a sink that keeps its rows. */
import fc from "fast-check";
import {
  DAY,
  HOUR,
  instantMs,
  MINUTE,
  partyId,
  priceMicro,
  times,
  wattHours,
  type PriceMicro,
} from "@micromarket/kernel";
import { auctionRules, marketRules } from "@micromarket/testkit";
import type { ForecastMethod, Home, ResultSink, Scenario, SlotRow, TradeRow } from "@micromarket/simulation";

/** 2026-07-01T00:00Z. */
export const START = instantMs(1_782_864_000_000);
/** More than any of the homes here needs. */
const PLENTY = wattHours(1_000_000);

export function home(id: string, load: readonly number[], pv: readonly number[]): Home {
  return { id: partyId(id), load: load.map(wattHours), pv: pv.map(wattHours) };
}

/** The same price in `count` slots. */
export function flat(price: number, count: number): readonly PriceMicro[] {
  return new Array<PriceMicro>(count).fill(priceMicro(price));
}

/** Slots of twelve hours at 0.30 and 0.10 per kWh; load bids the cap of 1.00, PV asks for nothing. */
export function scenario(homes: readonly Home[], overrides: Partial<Scenario> = {}): Scenario {
  const slotCount = overrides.slotCount ?? homes[0]?.load.length ?? 4;
  return {
    name: "test",
    seed: 1,
    start: START,
    slotCount,
    homes,
    tariff: flat(300_000, slotCount),
    feedIn: flat(100_000, slotCount),
    carbon: null,
    forecast: "perfect",
    bidding: { load: priceMicro(1_000_000), pvReserve: priceMicro(0) },
    rules: marketRules({
      slotLength: times(HOUR, 12),
      auction: auctionRules({ tick: priceMicro(1), priceFloor: priceMicro(0), priceCap: priceMicro(1_000_000) }),
      residual: { party: partyId("supplier"), importLimit: PLENTY, exportLimit: PLENTY },
    }),
    ...overrides,
  };
}

/** A sink that keeps its rows. */
export function keeper(): ResultSink & { readonly slots: SlotRow[]; readonly trades: TradeRow[] } {
  const slots: SlotRow[] = [];
  const trades: TradeRow[] = [];
  return {
    slots,
    trades,
    slot: (row) => void slots.push(row),
    trade: (row) => void trades.push(row),
  };
}

/** Nobody reads the rows. */
export const NOBODY: ResultSink = { slot: () => undefined, trade: () => undefined };

/** What random scenarios vary; prices in thousandths of the currency per kWh. */
interface Draft {
  readonly homes: readonly { readonly load: readonly number[]; readonly pv: readonly number[] }[];
  readonly prices: readonly { readonly feedIn: number; readonly margin: number }[];
  readonly k: number;
  readonly gateLeadMinutes: number;
  readonly timePriority: boolean;
}

const SLOTS = 8;

function drafts(): fc.Arbitrary<Draft> {
  const energies = (most: number): fc.Arbitrary<number[]> =>
    fc.array(fc.oneof(fc.constant(0), fc.nat(most)), { minLength: SLOTS, maxLength: SLOTS });
  const price = fc.record({ feedIn: fc.integer({ min: -50, max: 300 }), margin: fc.integer({ min: 1, max: 400 }) });
  return fc.record({
    homes: fc.array(fc.record({ load: energies(2_000), pv: energies(3_000) }), { minLength: 1, maxLength: 4 }),
    prices: fc.array(price, { minLength: SLOTS, maxLength: SLOTS }),
    k: fc.nat(10),
    gateLeadMinutes: fc.constantFrom(0, 5, 360, 900),
    timePriority: fc.boolean(),
  });
}

/**
 * Random streets over two days of six-hour slots. Their agents are truthful: load bids the cap, above every tariff, and
 * PV takes the floor, below every feed-in price. The tie carries everything.
 */
export function truthfulScenarios(forecast: ForecastMethod): fc.Arbitrary<Scenario> {
  return drafts().map((draft) => {
    const prices = draft.prices.map(({ feedIn }) => priceMicro(feedIn * 1_000));
    return scenario(
      draft.homes.map(({ load, pv }, index) => home(`home-${index + 1}`, load, pv)),
      {
        feedIn: prices,
        tariff: draft.prices.map(({ feedIn, margin }) => priceMicro((feedIn + margin) * 1_000)),
        carbon: draft.prices.map(({ margin }) => margin),
        forecast,
        bidding: { load: priceMicro(5_000_000), pvReserve: priceMicro(-1_000_000) },
        rules: marketRules({
          slotLength: times(HOUR, 6),
          gateLead: times(MINUTE, draft.gateLeadMinutes),
          horizon: DAY,
          auction: auctionRules({
            k: { numerator: BigInt(draft.k), denominator: 10n },
            tick: priceMicro(1),
            rationing: draft.timePriority ? "time-priority" : "pro-rata",
          }),
          residual: { party: partyId("supplier"), importLimit: PLENTY, exportLimit: PLENTY },
        }),
      },
    );
  });
}

/** The same streets where anything goes: any limits at the tie, bids on the wrong side of the tariff, no net metering spread. */
export function crookedScenarios(forecast: ForecastMethod): fc.Arbitrary<Scenario> {
  const limit = fc.oneof(fc.constant(0), fc.nat(4_000)).map(wattHours);
  const price = fc.integer({ min: -900, max: 1_500 }).map((thousandths) => priceMicro(thousandths * 1_000));
  return fc
    .tuple(truthfulScenarios(forecast), limit, limit, price, price, fc.boolean())
    .map(([truthful, importLimit, exportLimit, load, pvReserve, netMetering]) => ({
      ...truthful,
      bidding: { load, pvReserve },
      tariff: netMetering ? truthful.feedIn : truthful.tariff,
      rules: { ...truthful.rules, residual: { party: partyId("supplier"), importLimit, exportLimit } },
    }));
}
