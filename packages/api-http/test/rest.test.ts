import { describe, expect, test } from "@jest/globals";
import { formatInstant, measured, missing } from "@micromarket/kernel";
import {
  DeviceList,
  MarketView,
  PartyList,
  PartyPosition,
  PartyStatement,
  SlotBook,
  SlotDetail,
  SlotPage,
} from "@micromarket/api-http";
import { creditAccount, NOON, submitTender, tender } from "@micromarket/testkit";
import { ask, askJson, expectShape, serve } from "./asking.ts";
import { clear, deliver, later, slotNo, street, tradedStreet } from "./street.ts";

const NOON_NAME = "2026-07-01T12:00Z";

describe("GET /market", () => {
  test("tells rules, clock and countdown", async () => {
    const market = street();
    market.clock.set(NOON);
    const view = await askJson(await serve(market), "/market");
    expectShape(MarketView, view);
    expect(view).toMatchObject({
      market: "street",
      currency: "EUR",
      rules: {
        slot_length_ms: 900_000,
        k: { numerator: "1", denominator: "2" },
        price_floor_micro_per_kwh: -1_000_000,
      },
      clock: { server_time: NOON_NAME, server_ms: NOON, factor: 60 },
      current_slot: {
        start: NOON_NAME,
        phase: "clearing",
        tariff_micro_per_kwh: 300_000,
        feed_in_micro_per_kwh: 80_000,
      },
      next_gate: { slot: "2026-07-01T12:15Z", gate: "2026-07-01T12:10Z", remaining_ms: 600_000 },
      closed_through: null,
      stale: { market: true, devices: false },
    });
  });

  test("the phase of the current slot goes from open to settled", async () => {
    const market = street();
    const server = await serve(market);
    const phase = async (): Promise<unknown> =>
      ((await askJson(server, "/slots")) as { slots: { phase: string }[] }).slots[0]?.phase;
    const current = async (): Promise<unknown> =>
      ((await askJson(server, "/market")) as { current_slot: { phase: string } }).current_slot.phase;
    clear(market, slotNo(0));
    expect([await phase(), await current()]).toEqual(["cleared", "passed-over"]);
    market.clock.set(NOON);
    expect([await phase(), await current()]).toEqual(["delivering", "delivering"]);
    market.clock.set(slotNo(1).startMs);
    expect(await phase()).toBe("metering");
    deliver(market, slotNo(0));
    expect(await phase()).toBe("settled");
  });
});

describe("GET /slots", () => {
  test("lists newest first, page by page", async () => {
    const market = street();
    for (let count = 0; count < 5; count += 1) clear(market, slotNo(count));
    const server = await serve(market);
    const pages: unknown[] = [];
    let next: string | null = "";
    while (next !== null) {
      const page = (await askJson(server, `/slots?limit=2${next === "" ? "" : `&to=${next}`}`)) as SlotPage;
      expectShape(SlotPage, page);
      pages.push(page.slots.map(({ start }) => start));
      next = page.next;
    }
    const names = [4, 3, 2, 1, 0].map((count) => formatInstant(slotNo(count).startMs));
    expect(pages).toEqual([names.slice(0, 2), names.slice(2, 4), names.slice(4)]);
  });

  test("a range is half-open", async () => {
    const server = await serve(tradedStreet());
    const page = await askJson(server, "/slots?from=2026-07-01T12:00Z&to=2026-07-01T12:30Z");
    expect((page as SlotPage).slots.map(({ start }) => start)).toEqual([NOON_NAME]);
  });

  test("tells a result in full", async () => {
    const detail = await askJson(await serve(tradedStreet()), `/slots/${NOON_NAME}`);
    expectShape(SlotDetail, detail);
    expect(detail).toMatchObject({
      start: NOON_NAME,
      phase: "settled",
      price_micro_per_kwh: 150_000,
      energy_wh: 900,
      interval: { low_micro_per_kwh: 150_000, high_micro_per_kwh: 150_000 },
      surplus: { buyers_nano: "50000000", sellers_nano: "45000000" },
      unaccounted_wh: 10,
      tender_count: 5,
      rejections: [],
      self_trades: [],
      fills: [
        { tender: "a", party: "anne", side: "buy", energy_wh: 650, price_micro_per_kwh: 150_000 },
        { tender: "b", party: "bert", side: "buy", energy_wh: 250 },
        { tender: "c", party: "carl", side: "sell", energy_wh: 900 },
      ],
      trades: [
        { buy: "a", sell: "c", buyer: "anne", seller: "carl", energy_wh: 650, amount_nano: "97500000" },
        { buy: "b", sell: "c", energy_wh: 250, amount_nano: "37500000" },
      ],
      unfilled: [
        { tender: "a", energy_wh: 150, reason: "RATIONED" },
        { tender: "b", energy_wh: 250, reason: "RATIONED" },
        { tender: "residual:buy", reason: "OUT_OF_MONEY" },
        { tender: "residual:sell", reason: "OUT_OF_MONEY" },
      ],
      deliveries: [
        { party: "anne", imported_wh: 900, exported_wh: 0, deviation_wh: 250 },
        { party: "bert", imported_wh: 100, deviation_wh: -150 },
        { party: "carl", exported_wh: 850, deviation_wh: 50 },
        { party: "supplier", exported_wh: 160, deviation_wh: 0 },
      ],
    });
  });

  test("a slot without trade has no price, which is not 0", async () => {
    const market = street();
    clear(market, slotNo(0), []);
    const detail = await askJson(await serve(market), `/slots/${NOON_NAME}`);
    expectShape(SlotDetail, detail);
    expect(detail).toMatchObject({ price_micro_per_kwh: null, energy_wh: 0, unaccounted_wh: null });
    const book = await askJson(await serve(market), `/slots/${NOON_NAME}/book`);
    expectShape(SlotBook, book);
    expect(book).toMatchObject({ marginal: { buy: null, sell: null } });
  });
});

describe("GET /slots/{start}/book", () => {
  test("holds tenders, curves, the crossing and what is marginal", async () => {
    const book = await askJson(await serve(tradedStreet()), `/slots/${NOON_NAME}/book`);
    expectShape(SlotBook, book);
    expect(book).toMatchObject({
      price_micro_per_kwh: 150_000,
      energy_wh: 900,
      demand: [
        [250_000, 500],
        [150_000, 1_300],
        [80_000, 51_300],
      ],
      supply: [
        [100_000, 900],
        [300_000, 100_900],
      ],
      marginal: {
        buy: { price_micro_per_kwh: 150_000, tenders: ["a", "b"] },
        sell: { price_micro_per_kwh: 100_000, tenders: ["c"] },
      },
    });
    expect((book as SlotBook).tenders).toHaveLength(5);
    expect((book as SlotBook).tenders[0]).toEqual({
      tender: "a",
      party: "anne",
      side: "buy",
      steps: [
        [250_000, 500],
        [150_000, 300],
      ],
      filled_wh: 650,
      unfilled_wh: 150,
      marginal: true,
    });
  });

  test("nothing of an open book is told, on any route", async () => {
    const market = tradedStreet();
    const server = await serve(market);
    const before = await everything(server);
    market.obey(submitTender(slotNo(8).startMs, tender("canary", "anne", "buy", [123_000, 4_567])));
    expect(await everything(server)).toEqual(before);
    const { status, text } = await ask(server, `/api/v1/slots/${formatInstant(slotNo(8).startMs)}/book`);
    expect([status, JSON.parse(text)]).toMatchObject([404, { code: "SLOT_NOT_CLEARED" }]);
  });
});

async function everything(server: Parameters<typeof ask>[0]): Promise<readonly string[]> {
  const paths = ["/market", "/slots", "/parties", "/parties/anne/position", "/parties/anne/statement", "/devices"];
  return Promise.all(paths.map(async (path) => (await ask(server, `/api/v1${path}`)).text));
}

describe("GET /parties", () => {
  test("lists balances as texts of nano-currency", async () => {
    const market = tradedStreet();
    const list = await askJson(await serve(market), "/parties");
    expectShape(PartyList, list);
    const { money } = market.state.ledger;
    expect(list).toEqual({
      parties: ["anne", "bert", "carl", "supplier"].map((party) => ({
        party,
        role: party === "supplier" ? "residual" : "member",
        balance_nano: String(money.get(`party:${party}`)?.balance),
      })),
    });
  });

  test("amounts beyond the safe integers lose nothing", async () => {
    const market = street();
    market.obey(creditAccount("anne", 10n ** 27n, "a fortune"));
    const server = await serve(market);
    const { parties } = (await askJson(server, "/parties")) as PartyList;
    expect(parties[0]?.balance_nano).toBe("1000000000000000005000000000");
    const statement = (await askJson(server, "/parties/anne/statement")) as PartyStatement;
    expect(statement.totals.total_nano).toBe("1000000000000000005000000000");
  });

  test("tells a position; what is not metered is not 0", async () => {
    const position = await askJson(await serve(tradedStreet()), "/parties/anne/position");
    expectShape(PartyPosition, position);
    expect((position as PartyPosition).slots).toMatchObject([
      { start: "2026-07-01T12:30Z", bought_wh: 650, metered: null },
      {
        start: NOON_NAME,
        bought_wh: 650,
        sold_wh: 0,
        net_wh: 650,
        amount_nano: "-97500000",
        metered: { imported_wh: 900, exported_wh: 0, deviation_wh: 250 },
      },
    ]);
  });

  test("traces each line of a statement to its slot, tender or reading", async () => {
    const statement = await askJson(
      await serve(tradedStreet()),
      "/parties/anne/statement?from=2026-07-01T11:00Z&limit=1",
    );
    expectShape(PartyStatement, statement);
    expect(statement).toMatchObject({
      complete: true,
      next: "2026-07-01T12:30Z",
      lines: [
        { kind: "credit", reference: "payment of anne", amount_nano: "5000000000", slot: null },
        {
          kind: "trade",
          slot: NOON_NAME,
          side: "buy",
          counterparty: "carl",
          tender: "a",
          counter_tender: "c",
          energy_wh: 650,
          amount_nano: "-97500000",
        },
        {
          kind: "deviation",
          slot: NOON_NAME,
          side: "buy",
          counterparty: "supplier",
          reading: { party: "anne", imported_wh: 900, exported_wh: 0 },
          energy_wh: 250,
          price_micro_per_kwh: 300_000,
          amount_nano: "-75000000",
        },
      ],
      totals: {
        trade_nano: "-97500000",
        deviation_nano: "-75000000",
        credit_nano: "5000000000",
        total_nano: "4827500000",
      },
    });
  });

  test("an id of 128 characters that are none of ASCII is found", async () => {
    const market = street();
    const id = "家".repeat(128);
    market.obey({ type: "RegisterParty", party: id as never });
    const position = await askJson(await serve(market), `/parties/${encodeURIComponent(id)}/position`);
    expect(position).toMatchObject({ party: id, slots: [] });
  });
});

describe("GET /devices", () => {
  test("tells values or why there is none, with their age", async () => {
    const market = street();
    const at = market.clock.now();
    market.model.observe(
      {
        device: "meter",
        readings: [
          { point: "power_w", value: measured(-1_200), at },
          { point: "voltage_mv", value: missing("out-of-range"), at },
        ],
      },
      at,
    );
    market.model.observe(
      { device: "battery", readings: [{ point: "power_w", value: missing("device-silent"), at }] },
      at,
    );
    market.clock.set(later(at, 60_000));
    const server = await serve(market);
    const list = await askJson(server, "/devices");
    expectShape(DeviceList, list);
    expect(list).toMatchObject({
      devices: [
        { device: "battery", up: false, points: [{ value: null, missing: "device-silent", stale: true }] },
        {
          device: "meter",
          up: true,
          points: [
            { point: "power_w", value: -1_200, missing: null, at_ms: at, age_ms: 60_000, stale: false },
            { point: "voltage_mv", value: null, missing: "out-of-range", stale: true },
          ],
        },
      ],
    });
    market.clock.set(later(at, 60_001));
    expect(await askJson(server, "/devices")).toMatchObject({
      devices: [{}, { up: false, points: [{ stale: true }, {}] }],
    });
    expect(await askJson(server, "/market")).toMatchObject({ stale: { devices: true } });
  });

  test("tells what the profile says, what the link has counted, and what to keep in mind", async () => {
    const market = street();
    const at = market.clock.now();
    const profile = {
      ...{ name: "eastron-sdm630", version: "1.0.0", kind: "meter", vendor: "Eastron", verified: "lab" as const },
      requirements: ["Set 9600 baud"],
      caveats: ["Counts in steps of 10 Wh"],
    };
    market.model.describeDevice("meter", { profile, flags: ["too coarse"] });
    const link = { requests: 41, timeouts: 2, exceptions: 1, reconnects: 1, lastGood: at };
    market.model.describeDevice("meter", { link, trouble: "answers late" });
    market.model.observe({ device: "plug", readings: [{ point: "power_w", value: measured(1), at }] }, at);
    const list = await askJson(await serve(market), "/devices");
    expectShape(DeviceList, list);
    expect(list).toMatchObject({
      devices: [
        {
          ...{ device: "meter", up: false, points: [], profile, trouble: "answers late", flags: ["too coarse"] },
          link: {
            requests: 41,
            timeouts: 2,
            exceptions: 1,
            reconnects: 1,
            last_good: "2026-07-01T11:00Z",
            last_good_ms: at,
          },
        },
        { device: "plug", up: true, profile: null, link: null, trouble: null, flags: [] },
      ],
    });
  });
});
