/** A day of a made-up market with numbers that fit together, in the shapes of the API. */
import type {
  DeviceList,
  MarketView,
  PartyList,
  PartyPosition,
  PartyStatement,
  SlotBook,
  SlotDetail,
  SlotSummary,
  StatementLine,
} from "@micromarket/api-http";

export const SLOT_MS = 900_000;
const LEAD_MS = 300_000;
export const TARIFF = 320_000;
export const FEED_IN = 82_000;
/** Start of the latest cleared slot; it is being delivered. */
export const LATEST_MS = Date.parse("2026-07-01T12:00:00Z");
/** When the story begins. */
export const NOW_MS = LATEST_MS + 310_000;
const SLOTS = 96;
/** Slots without a trade, and one that nobody cleared, counted from the oldest. */
export const NO_TRADE = [30, 31];
export const PASSED_OVER = 50;

export const instant = (ms: number): string => new Date(ms).toISOString().replace(/(?::00)?\.000Z$/, "Z");
export const startOf = (index: number): number => LATEST_MS - (SLOTS - 1 - index) * SLOT_MS;
const indexOf = (startMs: number): number => (startMs - LATEST_MS) / SLOT_MS + SLOTS - 1;

/** Starts of all cleared slots, oldest first. */
export const STARTS = Array.from({ length: SLOTS }, (_, index) => startOf(index)).filter(
  (_, index) => index !== PASSED_OVER,
);

type Tender = SlotBook["tenders"][number];
type Steps = Tender["steps"];
type Level = [number | null, number];

interface Slot {
  readonly summary: SlotSummary;
  readonly detail: SlotDetail;
  readonly book: SlotBook;
}

/** The slot that starts at `startMs`. */
export function slotAt(startMs: number): Slot {
  const index = indexOf(startMs);
  const shift = (Math.abs((index % 32) - 16) * 20 - 100) * 100;
  const isTraded = !NO_TRADE.includes(index);
  const isRationed = Math.floor(index / 8) % 2 === 1;
  const price = !isTraded ? null : (isRationed ? 255_000 : 227_500) + shift;
  const tenders = isTraded ? tradedTenders(shift, isRationed) : idleTenders();
  return assemble(startMs, tenders, price, intervalOf(isTraded, isRationed, shift));
}

function intervalOf(isTraded: boolean, isRationed: boolean, shift: number): SlotBook["interval"] {
  if (!isTraded) return { low_micro_per_kwh: 180_000, high_micro_per_kwh: 200_000 };
  return { low_micro_per_kwh: (isRationed ? 255_000 : 200_000) + shift, high_micro_per_kwh: 255_000 + shift };
}

function tender(party: string, side: "buy" | "sell", steps: Steps, filled_wh: number, marginal = false): Tender {
  const asked = steps.reduce((sum, [, energy]) => sum + energy, 0);
  return { tender: `${party}/${side}`, party, side, steps, filled_wh, unfilled_wh: asked - filled_wh, marginal };
}

function tradedTenders(shift: number, isRationed: boolean): Tender[] {
  return [
    tender("home-1", "sell", [[60_000, 900]], 900),
    tender("home-2", "buy", [[260_000 + shift, isRationed ? 600 : 500]], isRationed ? 600 : 500),
    tender("home-3", "buy", [[null, 1_000]], 1_000),
    tender("home-4", "buy", [[180_000, 700]], 0),
    tender(
      "home-5",
      "buy",
      [
        [310_000, 800],
        [255_000 + shift, 400],
      ],
      isRationed ? 1_100 : 1_200,
      true,
    ),
    tender("home-6", "sell", [[100_000, 1_200]], 1_200),
    tender("home-8", "sell", [[200_000 + shift, 600]], 600, true),
    tender("supplier", "buy", [[FEED_IN, 20_000]], 0),
    tender("supplier", "sell", [[TARIFF, 30_000]], 0),
  ];
}

function idleTenders(): Tender[] {
  return [
    tender("home-4", "buy", [[180_000, 700]], 0),
    tender("home-8", "sell", [[200_000, 600]], 0),
    tender("supplier", "buy", [[FEED_IN, 20_000]], 0),
    tender("supplier", "sell", [[TARIFF, 30_000]], 0),
  ];
}

/** Best price first, energies summed up. */
function curveOf(tenders: readonly Tender[], side: "buy" | "sell"): Level[] {
  const steps = tenders.filter((one) => one.side === side).flatMap((one) => one.steps);
  const sign = side === "buy" ? -1 : 1;
  const ordered = steps.toSorted(([a], [b]) => (a === null ? -1 : b === null ? 1 : sign * (a - b)));
  let sum = 0;
  return ordered.map(([price, energy]): Level => [price, (sum += energy)]);
}

function assemble(startMs: number, tenders: Tender[], price: number | null, interval: SlotBook["interval"]): Slot {
  const energy_wh = tenders.reduce((sum, { side, filled_wh }) => sum + (side === "buy" ? filled_wh : 0), 0);
  const head = { start: instant(startMs), start_ms: startMs, price_micro_per_kwh: price, energy_wh, interval };
  const isSettled = startMs < LATEST_MS - SLOT_MS;
  const trades = price === null ? [] : pair(tenders, price);
  const summary: SlotSummary = {
    ...head,
    end_ms: startMs + SLOT_MS,
    phase: startMs === LATEST_MS ? "delivering" : startMs > LATEST_MS ? "cleared" : isSettled ? "settled" : "metering",
    closed_at: instant(startMs - LEAD_MS),
    closed_at_ms: startMs - LEAD_MS,
    surplus: { buyers_nano: price === null ? "0" : "182500000", sellers_nano: price === null ? "0" : "320250000" },
    scarcity: null,
    tariff_micro_per_kwh: TARIFF,
    feed_in_micro_per_kwh: FEED_IN,
    tender_count: tenders.length,
    trade_count: trades.length,
    delivery_count: isSettled ? 7 : 0,
    unaccounted_wh: isSettled ? 12 : null,
  };
  return { summary, detail: detailOf(summary, tenders, trades), book: bookOf(head, tenders, price) };
}

type Head = Pick<SlotBook, "start" | "start_ms" | "price_micro_per_kwh" | "energy_wh" | "interval">;

function bookOf(head: Head, tenders: Tender[], price: number | null): SlotBook {
  const marginalOf = (side: "buy" | "sell"): SlotBook["marginal"]["buy"] => {
    const found = tenders.filter((one) => one.side === side && one.marginal);
    const level = found[0]?.steps.at(-1)?.[0] ?? null;
    return price === null ? null : { price_micro_per_kwh: level, tenders: found.map((one) => one.tender) };
  };
  const marginal = { buy: marginalOf("buy"), sell: marginalOf("sell") };
  return { ...head, demand: curveOf(tenders, "buy"), supply: curveOf(tenders, "sell"), marginal, tenders };
}

function detailOf(summary: SlotSummary, tenders: readonly Tender[], trades: SlotDetail["trades"]): SlotDetail {
  const price = summary.price_micro_per_kwh ?? 0;
  const filled = tenders.filter(({ filled_wh }) => filled_wh > 0);
  const rest = tenders.filter(({ unfilled_wh }) => unfilled_wh > 0);
  return {
    ...summary,
    fills: filled.map(({ tender: id, party, side, filled_wh }) => ({
      tender: id,
      party,
      side,
      energy_wh: filled_wh,
      price_micro_per_kwh: price,
    })),
    trades,
    unfilled: rest.map(({ tender: id, party, unfilled_wh, filled_wh }) => ({
      tender: id,
      party,
      energy_wh: unfilled_wh,
      reason: filled_wh > 0 ? "RATIONED" : "OUT_OF_MONEY",
    })),
    rejections: [{ tender: "home-9/buy", code: "PRICE_OFF_TICK" }],
    self_trades: [],
    deliveries: [],
  };
}

function pair(tenders: readonly Tender[], price: number): SlotDetail["trades"] {
  const open = tenders.map((one) => ({ ...one, rest: one.filled_wh }));
  const trades: SlotDetail["trades"] = [];
  for (const buy of open.filter(({ side }) => side === "buy")) {
    for (const sell of open.filter(({ side }) => side === "sell")) {
      const energy_wh = Math.min(buy.rest, sell.rest);
      if (energy_wh === 0) continue;
      buy.rest -= energy_wh;
      sell.rest -= energy_wh;
      const amount_nano = String(BigInt(price) * BigInt(energy_wh));
      trades.push({
        buy: buy.tender,
        sell: sell.tender,
        buyer: buy.party,
        seller: sell.party,
        energy_wh,
        price_micro_per_kwh: price,
        amount_nano,
      });
    }
  }
  return trades;
}

/** The market at `nowMs`. */
export function marketAt(nowMs: number, factor: number | null, sequence: number): MarketView {
  const current = Math.floor(nowMs / SLOT_MS) * SLOT_MS;
  const next = Math.floor((nowMs + LEAD_MS) / SLOT_MS) * SLOT_MS + SLOT_MS;
  return {
    market: "Sonnenweg",
    currency: "EUR",
    rules: {
      version: 1,
      slot_length_ms: SLOT_MS,
      gate_lead_ms: LEAD_MS,
      horizon_ms: 86_400_000,
      tick_micro_per_kwh: 100,
      price_floor_micro_per_kwh: null,
      price_cap_micro_per_kwh: null,
      k: { numerator: "1", denominator: "2" },
      rationing: "pro-rata",
      residual: { party: "supplier", import_limit_wh: 30_000, export_limit_wh: 20_000 },
    },
    clock: { server_time: instant(nowMs), server_ms: nowMs, factor },
    current_slot: {
      start: instant(current),
      start_ms: current,
      end_ms: current + SLOT_MS,
      phase: "delivering",
      price_micro_per_kwh: slotAt(current).summary.price_micro_per_kwh,
      tariff_micro_per_kwh: TARIFF,
      feed_in_micro_per_kwh: FEED_IN,
    },
    next_gate: {
      slot: instant(next),
      slot_ms: next,
      gate: instant(next - LEAD_MS),
      gate_ms: next - LEAD_MS,
      remaining_ms: next - LEAD_MS - nowMs,
    },
    closed_through: instant(LATEST_MS),
    stale: { market: false, devices: true },
    last_sequence: sequence,
  };
}

type Point = DeviceList["devices"][number]["points"][number];

function point(name: string, value: number | Exclude<Point["missing"], null>, atMs: number, nowMs: number): Point {
  const isThere = typeof value === "number";
  const age_ms = Math.max(0, nowMs - atMs);
  return {
    point: name,
    value: isThere ? value : null,
    missing: isThere ? null : value,
    at: instant(atMs),
    at_ms: atMs,
    age_ms,
    stale: !isThere || age_ms > 600_000,
  };
}

/** All devices at `nowMs`. */
export function devicesAt(nowMs: number): DeviceList {
  const at = NOW_MS - 4_000;
  const meter = (power: number, imported: number, exported: number, readAt = at): Point[] => [
    point("power_w", power, readAt, nowMs),
    point("imported_wh", imported, readAt, nowMs),
    point("exported_wh", exported, readAt, nowMs),
  ];
  const known = { profile: null, link: null, trouble: null, flags: [] };
  return {
    devices: [
      {
        device: "home-1 meter",
        ...known,
        up: true,
        points: [...meter(-3_412, 1_204_550, 8_410_233), point("voltage_mv", 231_400, at, nowMs)],
      },
      { device: "home-2 meter", ...known, up: true, points: meter(640, 4_431_067, 0) },
      {
        device: "home-4 battery",
        ...known,
        up: true,
        points: [
          point("power_w", 1_500, at, nowMs),
          point("state_of_charge_ppm", 625_000, at, nowMs),
          point("current_ma", "not-reported", at, nowMs),
          point("imported_wh", "not-provided", at, nowMs),
          point("exported_wh", "not-provided", at, nowMs),
        ],
      },
      { device: "home-6 meter", ...known, up: false, points: meter(-2_050, 733_901, 5_120_004, NOW_MS - 2_700_000) },
      {
        device: "home-8 inverter",
        ...known,
        up: false,
        points: [point("power_w", "device-silent", at, nowMs), point("frequency_mhz", "device-silent", at, nowMs)],
      },
    ],
  };
}

const BALANCES: Readonly<Record<string, string>> = {
  "home-1": "61223456789",
  "home-2": "12000000000",
  "home-5": "-1204567891",
  supplier: "9007199254740993000000007",
};

/** All parties. */
export function partyList(): PartyList {
  return {
    parties: Object.entries(BALANCES).map(([party, balance_nano]) => ({ party, role: roleOf(party), balance_nano })),
  };
}

const roleOf = (party: string): "member" | "residual" => (party === "supplier" ? "residual" : "member");

/** A party's positions, newest first. */
export function positionOf(party: string): PartyPosition {
  const slots = STARTS.toReversed().map((startMs): PartyPosition["slots"][number] => {
    const { detail } = slotAt(startMs);
    const sum = (side: "buyer" | "seller"): number =>
      detail.trades.filter((trade) => trade[side] === party).reduce((total, { energy_wh }) => total + energy_wh, 0);
    const [bought_wh, sold_wh] = [sum("buyer"), sum("seller")];
    return {
      start: detail.start,
      start_ms: startMs,
      phase: detail.phase,
      price_micro_per_kwh: detail.price_micro_per_kwh,
      bought_wh,
      sold_wh,
      net_wh: bought_wh - sold_wh,
      amount_nano: String(BigInt(sold_wh - bought_wh) * BigInt(detail.price_micro_per_kwh ?? 0)),
      metered:
        detail.phase === "settled"
          ? { imported_wh: bought_wh + 37, exported_wh: sold_wh, deviation_wh: 37, is_estimate: false }
          : null,
    };
  });
  return { party, role: roleOf(party), balance_nano: BALANCES[party] ?? "0", slots, next: null };
}

/** A party's statement, oldest first. */
export function statementOf(party: string): PartyStatement {
  const lines = STARTS.flatMap((startMs) => linesOf(party, startMs));
  const sum = (kind: StatementLine["kind"]): bigint =>
    lines.reduce((total, line) => (line.kind === kind ? total + BigInt(line.amount_nano) : total), 0n);
  return {
    party,
    role: roleOf(party),
    balance_nano: BALANCES[party] ?? "0",
    currency: "EUR",
    lines,
    totals: {
      trade_nano: String(sum("trade")),
      deviation_nano: String(sum("deviation")),
      credit_nano: "0",
      total_nano: String(sum("trade") + sum("deviation")),
    },
    complete: true,
    next: null,
  };
}

function linesOf(party: string, startMs: number): StatementLine[] {
  const { detail } = slotAt(startMs);
  const base = { slot: detail.start, reference: null, tender: null, counter_tender: null, reading: null };
  const trades = detail.trades
    .filter(({ buyer, seller }) => buyer === party || seller === party)
    .map((trade): StatementLine => {
      const buys = trade.buyer === party;
      return {
        ...base,
        kind: "trade",
        at: detail.closed_at,
        at_ms: detail.closed_at_ms,
        side: buys ? "buy" : "sell",
        counterparty: buys ? trade.seller : trade.buyer,
        tender: buys ? trade.buy : trade.sell,
        counter_tender: buys ? trade.sell : trade.buy,
        energy_wh: trade.energy_wh,
        price_micro_per_kwh: trade.price_micro_per_kwh,
        amount_nano: `${buys ? "-" : ""}${trade.amount_nano}`,
      };
    });
  const deviation: StatementLine = {
    ...base,
    kind: "deviation",
    at: instant(startMs + SLOT_MS),
    at_ms: startMs + SLOT_MS,
    side: "buy",
    counterparty: "supplier",
    reading: { party, imported_wh: 1_237, exported_wh: 0 },
    energy_wh: 37,
    price_micro_per_kwh: TARIFF,
    amount_nano: `-${String(37n * BigInt(TARIFF))}`,
  };
  return detail.phase === "settled" ? [...trades, deviation] : trades;
}
