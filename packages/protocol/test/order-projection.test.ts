/** What the journal means to each party: the life of an order, who is told what, and that nothing is lost or told twice. */
import { describe, expect, test } from "@jest/globals";
import { amountNano, hashText, instantMs, partyId, tenderId, type InstantMs, type PartyId } from "@micromarket/kernel";
import { balanceOf } from "@micromarket/ledger";
import {
  apply,
  foundMarket,
  partyAccount,
  replayFromZero,
  verifiedBefore,
  type Command,
  type MarketEvent,
  type State,
} from "@micromarket/engine";
import {
  decodeOrder,
  decodePrivateEvents,
  encodeOrder,
  encodePrivateEvent,
  isFinal,
  orderFingerprint,
  OrderProjection,
  type BillLine,
  type OrderRecord,
  type PrivateEvent,
  type ProjectedEntry,
} from "@micromarket/protocol";
import {
  cancelTender,
  closeGate,
  HOMES,
  marketRules,
  NOON,
  registerParty,
  runArchivedMarket,
  runArchivedStreet,
  setTariff,
  submitTender,
  tender,
  type ArchivedMarket,
} from "@micromarket/testkit";

const SEED = Number(process.env["MICROMARKET_SEED"] ?? 20_260_728);
const MARKETS = Number(process.env["MICROMARKET_MARKETS"] ?? 12);
const SLOT = instantMs(NOON + 3_600_000);
const [ANNE, BOB, SUPPLIER] = [partyId("anne"), partyId("bob"), partyId("supplier")];

/** A market with its projection, entry by entry. */
class Street {
  readonly state: State = foundMarket(marketRules());
  readonly projection = new OrderProjection();
  readonly events: PrivateEvent[] = [];
  readonly orders = new Map<string, OrderRecord>();
  #sequence = 0;

  feed(command: Command, at: InstantMs = NOON): void {
    const outcome = apply(this.state, command, at);
    if (!outcome.ok) throw new Error(outcome.refusal.code);
    this.tell(command, outcome.events, at);
  }

  tell(command: Command, events: readonly MarketEvent[], at: InstantMs = NOON): void {
    const projected = this.projection.project({ sequence: (this.#sequence += 1), at, command, events });
    this.events.push(...projected.events);
    for (const order of projected.orders) this.orders.set(order.tender, order);
  }

  kindsOf(party: PartyId): readonly string[] {
    return this.events.filter((event) => event.party === party).map(({ seq, kind }) => `${seq} ${kind}`);
  }
}

describe("the life of an order", () => {
  function street(): Street {
    const started = new Street();
    for (const command of [registerParty("anne"), registerParty("bob"), setTariff(NOON, 300_000, 80_000)])
      started.feed(command);
    return started;
  }

  test("it is filled by the market, in part, and what the gate leaves of it expires", () => {
    const market = street();
    market.feed(submitTender(SLOT, tender("anne/a", "anne", "buy", [150_000, 60], [120_000, 100])));
    market.feed(submitTender(SLOT, tender("bob/b", "bob", "sell", [100_000, 100])));
    market.feed(submitTender(SLOT, tender("bob/c", "bob", "sell", [290_000, 5])));
    const gate = instantMs(SLOT - 300_000);
    market.feed(closeGate(SLOT), gate);

    expect(market.kindsOf(ANNE)).toEqual([
      "1 party.admitted",
      "2 order.open",
      "3 trade",
      "4 order.partially-filled",
      "5 order.expired",
      "6 bill",
    ]);
    expect(market.kindsOf(BOB)).toEqual([
      "1 party.admitted",
      "2 order.open",
      "3 order.open",
      "4 trade",
      "5 order.filled",
      "6 order.expired",
      "7 bill",
    ]);
    const price = 120_000;
    const ofAnne = {
      ...{ party: ANNE, clientOrderId: "a", tender: "anne/a", slot: SLOT, side: "buy", requestId: null },
    };
    expect(market.orders.get("anne/a")).toEqual({
      ...ofAnne,
      bodyHash: orderFingerprint({
        slot: SLOT,
        tender: tender("anne/a", "anne", "buy", [150_000, 60], [120_000, 100]),
      }),
      ...{ marketOrderId: "4", state: "EXPIRED", quantity: 160, filled: 100, remaining: 0, price },
      ...{ value: 12_000_000n, cause: "RATIONED", rev: 3, placed: 4, placedAt: NOON, at: gate },
    });
    expect(market.orders.get("bob/b")).toMatchObject({
      state: "FILLED",
      filled: 100,
      remaining: 0,
      cause: null,
      rev: 2,
    });
    expect(market.orders.get("bob/c")).toMatchObject({ state: "EXPIRED", filled: 0, cause: "OUT_OF_MONEY", rev: 2 });
    const [partial] = market.events.filter(({ kind }) => kind === "order.partially-filled");
    expect(partial).toMatchObject({ order: { state: "PARTIAL", filled: 100, remaining: 60, rev: 2 } });
    const [bought] = market.events.filter(({ kind, party }) => kind === "trade" && party === ANNE);
    expect(bought).toEqual({
      ...{ party: ANNE, seq: 3, entry: 7, at: gate, kind: "trade", slot: SLOT, tender: "anne/a", clientOrderId: "a" },
      ...{ side: "buy", counterparty: "market", energy: 100, price, value: 12_000_000n },
    });
    const [bill] = market.events.filter(({ kind, party }) => kind === "bill" && party === ANNE);
    expect(bill).toMatchObject({
      ...{ occasion: "gate", slot: SLOT, money: -12_000_000n },
      lines: [{ reason: "trade", counter: "market", money: -12_000_000n, energy: 100, price, tender: "anne/a" }],
    });
  });

  test("it is taken back", () => {
    const market = street();
    market.feed(submitTender(SLOT, tender("anne/a", "anne", "buy", [150_000, 60])));
    market.feed(cancelTender(SLOT, "anne", "anne/a"));
    expect(market.kindsOf(ANNE)).toEqual(["1 party.admitted", "2 order.open", "3 order.cancelled"]);
    expect(market.orders.get("anne/a")).toMatchObject({ state: "CANCELED", cause: "TAKEN_BACK", remaining: 0, rev: 2 });
    expect(market.kindsOf(BOB)).toEqual(["1 party.admitted"]);
  });

  test("it is replaced: the old one is taken back and the new one open, in one entry", () => {
    const market = street();
    market.feed(submitTender(SLOT, tender("anne/a", "anne", "buy", [150_000, 60])));
    const by = tender("anne/b", "anne", "buy", [140_000, 80]);
    market.feed({ type: "ReplaceTender", slot: SLOT, replaced: tenderId("anne/a"), tender: by });
    expect(market.kindsOf(ANNE)).toEqual(["1 party.admitted", "2 order.open", "3 order.cancelled", "4 order.open"]);
    expect(market.orders.get("anne/a")).toMatchObject({ state: "CANCELED", cause: "TAKEN_BACK", remaining: 0 });
    const bodyHash = orderFingerprint({ slot: SLOT, tender: by });
    expect(market.orders.get("anne/b")).toMatchObject({ state: "OPEN", limit: 140_000, quantity: 80, bodyHash });
    expect(market.events.at(-1)?.entry).toBe(market.events.at(-2)?.entry);
  });

  test("it is rejected where its signer contradicts it", () => {
    const market = street();
    const again = submitTender(SLOT, tender("anne/a", "anne", "buy", [150_000, 61]));
    market.feed(submitTender(SLOT, tender("anne/a", "anne", "buy", [150_000, 60])));
    const envelopes = [hashText("one"), hashText("two")] as const;
    const found = { type: "EquivocationFound", slot: SLOT, party: ANNE, tender: tenderId("anne/a") } as const;
    market.tell(again, [{ ...found, signer: "did:key:zQ3sh", envelopes }]);
    expect(market.kindsOf(ANNE)).toEqual(["1 party.admitted", "2 order.open", "3 order.rejected"]);
    expect(market.orders.get("anne/a")).toMatchObject({ state: "REJECTED", cause: "EQUIVOCATION", rev: 2 });
  });

  test("the supplier hears what its standing tenders traded, and has no orders", () => {
    const market = street();
    market.feed(submitTender(SLOT, tender("anne/a", "anne", "buy", [null, 60])));
    market.feed(submitTender(SLOT, tender("bob/b", "bob", "buy", [null, 40])));
    market.feed(closeGate(SLOT), instantMs(SLOT - 300_000));
    expect(market.kindsOf(SUPPLIER)).toEqual(["1 trade", "2 bill"]);
    const [traded, bill] = market.events.filter(({ party }) => party === SUPPLIER);
    expect(traded).toMatchObject({ side: "sell", energy: 100 });
    expect(bill).toMatchObject({ lines: [{ energy: -100, counter: "market" }] }); // one line, however many bought
    expect([...market.orders.keys()]).toEqual(["anne/a", "bob/b"]);
  });
});

test("the same order has the same fingerprint, another one another", () => {
  const one = { slot: SLOT, tender: tender("anne/a", "anne", "buy", [150_000, 60]) };
  expect(orderFingerprint({ ...one, tender: { ...one.tender, conditions: [] } })).toBe(orderFingerprint(one));
  const others = [
    { ...one, slot: instantMs(SLOT + 900_000) },
    { ...one, tender: tender("anne/b", "anne", "buy", [150_000, 60]) },
    { ...one, tender: tender("anne/a", "anne", "sell", [150_000, 60]) },
    { ...one, tender: tender("anne/a", "anne", "buy", [150_000, 61]) },
    { ...one, tender: tender("anne/a", "anne", "buy", [150_000, 30], [150_000, 30]) },
  ].map((order) => orderFingerprint(order));
  expect(new Set([...others, orderFingerprint(one)]).size).toBe(others.length + 1);
});

/** Of both kinds of markets. */
const MEMBERS = [...HOMES, "家-5", "row-a", "row-b", "trader"];

const MARKET_KINDS: readonly [string, (seed: number) => ArchivedMarket][] = [
  ["every command", (seed) => runArchivedMarket(seed, 120, 6)],
  ["a street that trades", (seed) => runArchivedStreet(seed, 160, 6)],
];

describe.each(MARKET_KINDS)(`markets drawn at random: %s (MICROMARKET_SEED=${SEED})`, (_, run) => {
  const markets = Array.from({ length: MARKETS }, (__, number) => run(SEED + number)).map((market) => {
    const projection = new OrderProjection();
    const entries = market.groups.flat();
    return { market, told: entries.map((entry) => ({ entry, ...projection.project(entry) })) };
  });
  const allEvents = markets.flatMap(({ told }) => told.flatMap(({ events }) => events));

  test("each party's events are numbered 1, 2, 3, …, in the order of the journal", () => {
    for (const { told } of markets) {
      const last = new Map<PartyId, PrivateEvent>();
      for (const event of told.flatMap(({ events }) => events)) {
        const before = last.get(event.party);
        expect(event.seq).toBe((before?.seq ?? 0) + 1);
        expect(event.entry).toBeGreaterThanOrEqual(before?.entry ?? 1);
        last.set(event.party, event);
      }
    }
    expect(allEvents.length).toBeGreaterThan(MARKETS * 50);
  });

  test("a party is told only what it takes part in", () => {
    for (const { told } of markets) {
      for (const { entry, events } of told) {
        const named = namesIn(entry);
        for (const event of events) expect(named).toContain(event.party);
      }
    }
  });

  test("no event names another member", () => {
    for (const event of allEvents) {
      const text = encodePrivateEvent(event);
      const others = MEMBERS.filter((name) => name !== event.party && new RegExp(`${name}(?![0-9])`, "u").test(text));
      expect({ text, others }).toEqual({ text, others: [] });
    }
  });

  test("the lines of a party's stream sum to what its account holds, in both books", () => {
    for (const { market, told } of markets) {
      const replayed = replayFromZero(market.rules, market.journal.read(1), undefined, { verify: verifiedBefore });
      if (!replayed.ok) throw new Error(replayed.error.code);
      const { state } = replayed.value;
      for (const party of state.parties) {
        const own = told.flatMap(({ events }) => events).filter((event) => event.party === party);
        const lines = own.flatMap((event) => ("lines" in event ? event.lines : []));
        const account = partyAccount(party);
        const held = {
          money: balanceOf(state.ledger, "money", account),
          energy: balanceOf(state.ledger, "energy", account),
        };
        expect({ party, ...sumOf(lines) }).toEqual({ party, money: held.money ?? 0n, energy: held.energy ?? 0n });
      }
    }
  });

  test("orders change as orders do, and those that stand are those of the books", () => {
    let changes = 0;
    for (const { market, told } of markets) {
      const orders = new Map<string, OrderRecord>();
      for (const order of told.flatMap((each) => each.orders)) {
        const before = orders.get(`${order.slot} ${order.tender}`);
        if (before !== undefined) {
          changes += 1;
          expect(isFinal(before)).toBe(false);
          expect(order.rev).toBeGreaterThan(before.rev);
          expect(order.bodyHash).toBe(before.bodyHash);
        }
        expect(order.filled + order.remaining).toBeLessThanOrEqual(order.quantity);
        expect(order.remaining > 0).toBe(!isFinal(order));
        orders.set(`${order.slot} ${order.tender}`, order);
      }
      const replayed = replayFromZero(market.rules, market.journal.read(1), undefined, { verify: verifiedBefore });
      if (!replayed.ok) throw new Error(replayed.error.code);
      const { books, waiting } = replayed.value.state;
      const inBooks = [...books].flatMap(([slot, { tenders }]) => [...tenders.keys()].map((id) => `${slot} ${id}`));
      const frozen = [...waiting].flatMap(([slot, { tenders }]) => [...tenders.keys()].map((id) => `${slot} ${id}`));
      const standing = [...orders].filter(([, order]) => !isFinal(order)).map(([key]) => key);
      expect(standing.sort()).toEqual([...inBooks, ...frozen].sort());
    }
    expect(changes).toBeGreaterThan(0);
  });

  test("what was written is read back, and nothing else is", () => {
    for (const event of allEvents) {
      const text = `[${encodePrivateEvent(event)}]`;
      expect(decodePrivateEvents(text, event.party, event.seq)).toEqual({ ok: true, value: [event] });
    }
    for (const order of markets.flatMap(({ told }) => told.flatMap((each) => each.orders)))
      expect(decodeOrder(encodeOrder(order))).toEqual({ ok: true, value: order });
  });
});

function namesIn({ command, events }: ProjectedEntry): readonly string[] {
  const digits = (_: string, value: unknown): unknown =>
    typeof value === "bigint" ? String(value) : value instanceof Map ? [...value] : value;
  const text = JSON.stringify([command, events], digits);
  return [...MEMBERS, "supplier"].filter((name) => text.includes(name));
}

function sumOf(lines: readonly BillLine[]) {
  return {
    money: lines.reduce((sum, { money }) => sum + money, 0n),
    energy: lines.reduce((sum, { energy }) => sum + BigInt(energy), 0n),
  };
}

test.each([
  ["no JSON", "order 5"],
  ["no list", "{}"],
  ["no kind", '[{"entry":1,"at":1}]'],
  ["an unknown kind", '[{"entry":1,"at":1,"kind":"gossip"}]'],
  ["a field too many", '[{"entry":1,"at":1,"kind":"grant.made","grant":"g","more":1}]'],
  ["a field too few", '[{"entry":1,"at":1,"kind":"grant.made"}]'],
])("%s is no text of events", (_, text) => {
  expect(decodePrivateEvents(text, ANNE, 1)).toMatchObject({ ok: false, error: { code: "VALUE_MALFORMED" } });
});

test("amounts keep every digit", () => {
  const amount = amountNano(10n ** 30n + 1n);
  const paid = { kind: "account.credited", amount, reference: "r", lines: [] } as const;
  const event: PrivateEvent = { party: ANNE, seq: 4, entry: 9, at: NOON, ...paid };
  expect(decodePrivateEvents(`[${encodePrivateEvent(event)}]`, ANNE, 4)).toEqual({ ok: true, value: [event] });
});
