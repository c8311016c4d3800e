import { describe, expect, test } from "@jest/globals";
import {
  levyAccount,
  replayFromZero,
  stateHash,
  violatedInvariants,
  type MarketEvent,
  type SettlementRules,
} from "@micromarket/engine";
import {
  amountNano,
  DAY,
  HOUR,
  instantMs,
  minus,
  partsPerMillion,
  partyId,
  priceMicro,
  times,
  type InstantMs,
  type PartyId,
} from "@micromarket/kernel";
import { balanceOf, isBalanced } from "@micromarket/ledger";
import { createMemoryDisk } from "@micromarket/testkit";
import { openDesk } from "../src/desk.ts";
import { counterOf, meterOf } from "./counters.ts";
import { daysOn, evenFlows, HOMES, openStreet, slotNumber, START, type ShownBy, type Street } from "./memory-street.ts";

/** All events of the journal, replayed. */
function eventsOf({ node, journal }: Street): readonly MarketEvent[] {
  const events: MarketEvent[] = [];
  const replayed = replayFromZero(node.state.rules, journal.read(1), (_, happened) => void events.push(...happened));
  expect(replayed.ok && stateHash(replayed.value.state)).toBe(stateHash(node.state));
  return events;
}

const ofType = <Type extends MarketEvent["type"]>(events: readonly MarketEvent[], type: Type) =>
  events.filter((event): event is Extract<MarketEvent, { type: Type }> => event.type === type);

describe("two days of a street", () => {
  test("every slot is cleared in order, settled, and everything sums to zero", async () => {
    const street = await openStreet(createMemoryDisk(), START);
    await street.run(daysOn(2));
    const events = eventsOf(street);
    const closed = ofType(events, "GateClosed").map(({ slot }) => slot);
    expect(closed).toEqual(Array.from({ length: 193 }, (_, index) => slotNumber(index)));
    // the first slot began with the first sample, and the last ones are not over
    expect(ofType(events, "SlotSettled")).toHaveLength(191);
    expect(ofType(events, "SlotSettled").every(({ unaccounted }) => unaccounted === 0)).toBe(true);
    expect(violatedInvariants(street.node.state)).toEqual([]);
    expect(isBalanced(street.node.state.ledger)).toBe(true);
    expect(street.notices.filter(({ type }) => type === "command-refused" || type === "slots-missed")).toEqual([]);
  });

  test("on the second day forecasts come true: the sun is traded and nobody deviates", async () => {
    const street = await openStreet(createMemoryDisk(), START);
    await street.run(daysOn(2));
    const events = eventsOf(street);
    const noon = slotNumber(96 + 48);
    const atNoon = ofType(events, "GateClosed").find(({ slot }) => slot === noon);
    expect(atNoon?.result.energy).toBe(800);
    const deviations = ofType(events, "DeliveryPosted").filter(({ slot }) => slot >= daysOn(1));
    expect(deviations.filter(({ deviation }) => Math.abs(deviation) > 1)).toEqual([]);
    expect(deviations.length).toBeGreaterThan(300);
  });
});

describe("readings that are not there", () => {
  const silent =
    (from: InstantMs, to: InstantMs): ShownBy =>
    (device, at) =>
      device === "grid-2" && at >= from && at < to ? null : evenFlows(device, at);

  test("leave the slots around the hole open, and never a zero", async () => {
    const street = await openStreet(createMemoryDisk(), START, silent(slotNumber(20), slotNumber(22)));
    await street.run(slotNumber(40));
    const missing = street.notices.filter(({ type }) => type === "delivery-missing");
    const slots = missing.map((notice) => ("slot" in notice ? notice.slot : null));
    expect(slots).toEqual([19, 20, 21].map(slotNumber));
    const posted = ofType(eventsOf(street), "DeliveryPosted").filter(({ party }) => party === HOMES[1]?.party);
    expect(posted.every(({ imported }) => imported === 200)).toBe(true);
    expect([...(street.node.state.cleared.get(slotNumber(20))?.awaiting ?? [])]).toEqual(["supplier", "home-2"]);
    expect(violatedInvariants(street.node.state)).toEqual([]);
  });

  test("a short hole costs nothing", async () => {
    const minutes = (count: number): InstantMs => instantMs(slotNumber(20) + count * 60_000);
    const street = await openStreet(createMemoryDisk(), START, silent(minutes(-2), minutes(3)));
    await street.run(slotNumber(40));
    expect(street.notices.filter(({ type }) => type === "delivery-missing")).toEqual([]);
  });
});

test("readings of coarse counters are told as estimates, and add up to the counters to a step", async () => {
  const settlement: SettlementRules = {
    ...{ funding: { kind: "mutual", limit: amountNano(50_000_000_000n) }, bond: partsPerMillion(0) },
    ...{ imbalance: { kind: "dual" }, levies: [], readingsDue: HOUR, trueUp: times(DAY, 1) },
  };
  const coarse: ShownBy = (device, at) => {
    const shown = evenFlows(device, at);
    if (shown === null) return null;
    const stepped = (total: number): number => Math.floor(total / 100) * 100;
    const watts = device === "grid-2" ? 800 : device === "grid-3" ? 1_200 : 400;
    return { imported: stepped(shown.imported), exported: stepped(shown.exported), watts };
  };
  const meter = meterOf(counterOf({ resolutionWh: 100 }), { powerMaxAgeMs: 60_000 });
  const street = await openStreet(createMemoryDisk(), START, coarse, { settlement, meter });
  await street.run(slotNumber(20));
  const read = ofType(eventsOf(street), "MeterRead").filter(({ party }) => party === HOMES[1]?.party);
  expect(read.length).toBeGreaterThan(15);
  expect(read.every(({ isEstimate }) => isEstimate === true)).toBe(true);
  for (const { at, imported } of read) {
    expect(Math.abs(imported - (evenFlows("grid-2", at)?.imported ?? 0))).toBeLessThan(100);
  }
});

describe("a restart", () => {
  test("in the middle of a slot goes on where it stopped, and loses no slot", async () => {
    const disk = createMemoryDisk();
    const before = await openStreet(disk, START);
    const middle = instantMs(slotNumber(50) + 400_000);
    await before.run(middle);
    const hash = stateHash(before.node.state);
    const memory = before.close();
    const after = await openStreet(disk, middle, evenFlows, { memory });
    expect(stateHash(after.node.state)).toBe(hash);
    await after.run(slotNumber(60));
    const settled = ofType(eventsOf(after), "SlotSettled").map(({ slot }) => slot);
    expect(settled).toEqual(Array.from({ length: 59 }, (_, index) => slotNumber(index)));
    expect(after.notices.filter(({ type }) => type === "slots-missed" || type === "delivery-missing")).toEqual([]);
  });

  test("after a kill needs no more than the counters' memory of the last settlement", async () => {
    const disk = createMemoryDisk();
    const before = await openStreet(disk, START);
    await before.run(instantMs(slotNumber(50) + 60_000));
    const memory = before.meters.memoryText();
    await before.run(instantMs(slotNumber(50) + 500_000));
    before.close();
    const after = await openStreet(disk, instantMs(slotNumber(50) + 700_000), evenFlows, { memory });
    await after.run(slotNumber(60));
    const settled = ofType(eventsOf(after), "SlotSettled").map(({ slot }) => slot);
    expect(settled).toEqual(Array.from({ length: 59 }, (_, index) => slotNumber(index)));
  });

  test("without any memory costs the slot around it, and nothing else", async () => {
    const disk = createMemoryDisk();
    const before = await openStreet(disk, START);
    await before.run(instantMs(slotNumber(50) + 500_000));
    before.close();
    const after = await openStreet(disk, instantMs(slotNumber(50) + 700_000));
    await after.run(slotNumber(60));
    const settled = new Set(ofType(eventsOf(after), "SlotSettled").map(({ slot }) => slot));
    const all = Array.from({ length: 59 }, (_, index) => slotNumber(index));
    expect(all.filter((slot) => !settled.has(slot))).toEqual([slotNumber(50)]);
  });

  test("tells the slots that stay open once, as one, and one by one only what is missing since", async () => {
    const disk = createMemoryDisk();
    const silent: ShownBy = (device, at) =>
      device === "grid-2" && at >= slotNumber(20) && at < slotNumber(22) ? null : evenFlows(device, at);
    const before = await openStreet(disk, START, silent);
    await before.run(instantMs(slotNumber(50) + 500_000));
    before.close();
    const open = (street: Street) =>
      street.notices.filter(({ type }) => type === "slots-left-open" || type === "delivery-missing");
    expect(open(before).map(({ type }) => type)).toEqual(Array(3).fill("delivery-missing"));
    // without the counters' memory slot 50 is lost as well, which is known once it is over
    const after = await openStreet(disk, instantMs(slotNumber(50) + 700_000), silent);
    await after.run(slotNumber(60));
    expect(open(after)).toEqual([
      { type: "slots-left-open", from: slotNumber(19), through: slotNumber(21), count: 3 },
      ...HOMES.map(({ party }) => expect.objectContaining({ type: "delivery-missing", slot: slotNumber(50), party })),
    ]);
  });

  test("closes slots late that hold tenders, passes over the others, and says so", async () => {
    const disk = createMemoryDisk();
    const before = await openStreet(disk, START);
    await before.run(instantMs(minus(slotNumber(50), START) + START - 330_000)); // tendered for slot 50, its gate is open
    expect(before.node.state.books.get(slotNumber(50))?.tenders.size).toBeGreaterThan(0);
    before.close();
    const after = await openStreet(disk, instantMs(slotNumber(60) + 300_000));
    await after.run(slotNumber(64));
    expect(after.notices.slice(0, 2)).toMatchObject([
      { type: "gate-closed", slot: slotNumber(50), late: true },
      { type: "slots-missed", from: slotNumber(51), through: slotNumber(60), count: 10 },
    ]);
    const closed = ofType(eventsOf(after), "GateClosed").map(({ slot }) => slot);
    expect(closed.slice(-5)).toEqual([50, 61, 62, 63, 64].map(slotNumber));
  });
});

describe("a kill", () => {
  const FORTY_SECONDS = 40_000;

  test("between two gates of a late start leaves no slot untold", async () => {
    const disk = createMemoryDisk();
    const before = await openStreet(disk, START);
    await before.run(slotNumber(50));
    before.close();
    const late = await openStreet(disk, slotNumber(60));
    await late.run(instantMs(slotNumber(60) + 30_000)); // one step, and it is gone
    late.close();
    const order = late.notices.map((notice) => ("from" in notice ? notice.type : "slot" in notice ? notice.type : ""));
    expect(order.indexOf("slots-missed")).toBeLessThan(order.indexOf("gate-closed"));
    expect(late.notices[0]).toMatchObject({ from: slotNumber(51), through: slotNumber(59), count: 9 });
  });

  test("after a delivery was reported changes no reading that the next slot begins with", async () => {
    // The counter of home 2 stands still in every second slot, so that a line drawn anew would meet the end elsewhere.
    const uneven: ShownBy = (device, at) => {
      const shown = evenFlows(device, at);
      if (device !== "grid-2" || shown === null) return shown;
      const slots = Math.floor((at - START) / 900_000);
      const part = slots % 2 === 0 ? at - START - slots * 900_000 : 0;
      return { imported: 1_000 + Math.ceil(slots / 2) * 400 + Math.floor((400 * part) / 900_000), exported: 0 };
    };
    const disk = createMemoryDisk();
    const offset = FORTY_SECONDS / 4; // samples miss the slots' ends
    const before = await openStreet(disk, instantMs(START + offset), uneven);
    await before.run(instantMs(slotNumber(9) + 2 * FORTY_SECONDS + offset));
    const kept = before.kept();
    before.close();
    const after = await openStreet(disk, instantMs(slotNumber(9) + 5 * FORTY_SECONDS + offset), uneven, {
      memory: kept,
    });
    await after.run(slotNumber(14));
    const posted = ofType(eventsOf(after), "DeliveryPosted").filter(({ party }) => party === HOMES[1]?.party);
    const total = posted.filter(({ slot }) => slot >= slotNumber(1)).reduce((sum, { imported }) => sum + imported, 0);
    const slots = posted.filter(({ slot }) => slot >= slotNumber(1)).map(({ slot }) => slot);
    expect(slots).toEqual(Array.from({ length: slots.length }, (_, index) => slotNumber(index + 1)));
    const [first, last] = [slotNumber(1), slotNumber(1 + slots.length)].map(
      (at) => uneven("grid-2", at)?.imported ?? 0,
    );
    expect(Math.abs(total - ((last ?? 0) - (first ?? 0)))).toBeLessThanOrEqual(14);
  });
});

test("more homes than one group holds are all heard", async () => {
  const street = await openStreet(createMemoryDisk(), START);
  const desk = openDesk(
    street.node,
    () => START,
    () => undefined,
  );
  const commands = Array.from({ length: 40_000 }, (_, index) => ({
    ...{ type: "RegisterParty" as const, party: partyId(`extra-${index}`) },
  }));
  const outcomes = await desk.submit(commands);
  expect([outcomes.length, outcomes.every(({ ok }) => ok)]).toEqual([40_000, true]);
});

test("an unsynchronised clock closes no gate, and the slots that it spoils stay open", async () => {
  const street = await openStreet(createMemoryDisk(), START);
  await street.run(slotNumber(10));
  const closedThrough = street.node.state.closedThrough;
  street.setClock({ kind: "unsynchronised", reason: "test" });
  await street.run(slotNumber(14));
  expect(street.node.state.closedThrough).toBe(closedThrough);
  street.setClock({ kind: "synchronised", offsetMs: 3 });
  await street.run(slotNumber(20));
  expect(street.node.state.closedThrough).toBe(slotNumber(20));
  const types = street.notices.map(({ type }) => type);
  expect(types).toEqual(expect.arrayContaining(["clock-lost", "clock-found", "slots-missed", "delivery-missing"]));
  const zeros = ofType(eventsOf(street), "DeliveryPosted").filter(
    ({ party, imported, exported }) => party !== "supplier" && imported + exported === 0,
  );
  expect(zeros).toEqual([]);
});

describe("with rules of settlement", () => {
  const settlement: SettlementRules = {
    funding: { kind: "prepaid" },
    bond: partsPerMillion(100_000),
    imbalance: { kind: "dual" },
    levies: [{ name: "grid", price: priceMicro(90_000) }],
    readingsDue: times(HOUR, 1),
    trueUp: times(DAY, 1),
  };
  const deposits = HOMES.map(({ party }) => {
    return { party, amount: amountNano(100_000_000_000n), reference: `first payment of ${party}` };
  });
  const funded = { settlement, deposits };
  const readBy = (street: Street, party: PartyId) => {
    const events = eventsOf(street).filter((event) => "party" in event && event.party === party);
    const delivered = [...ofType(events, "DeliveryPosted"), ...ofType(events, "DeliveryTruedUp")];
    return delivered.reduce((sum, { imported }) => sum + imported, 0);
  };

  test("counters are read, slots settled, and nobody's funds end", async () => {
    const street = await openStreet(createMemoryDisk(), START, evenFlows, funded);
    await street.run(daysOn(2));
    const events = eventsOf(street);
    expect(ofType(events, "SlotSettled")).toHaveLength(191);
    expect(ofType(events, "SlotSettled").every(({ unaccounted }) => unaccounted === 0)).toBe(true);
    expect(street.notices.filter(({ type }) => type === "command-refused" || type === "delivery-missing")).toEqual([]);
    expect(balanceOf(street.node.state.ledger, "money", levyAccount("grid"))).toBeGreaterThan(0n);
    expect(violatedInvariants(street.node.state)).toEqual([]);
  });

  test("a hole is estimated when its readings are due, and set right by the counter when it is back", async () => {
    const silent: ShownBy = (device, at) =>
      device === "grid-2" && at >= slotNumber(20) && at < slotNumber(30) ? null : evenFlows(device, at);
    const street = await openStreet(createMemoryDisk(), START, silent, funded);
    await street.run(slotNumber(50));
    const events = eventsOf(street);
    const home = HOMES[1]?.party ?? partyId("");
    const estimated = ofType(events, "DeliveryEstimated").filter(({ party }) => party === home);
    expect(estimated.map(({ slot }) => slot)).toEqual([19, 20, 21, 22, 23, 24].map(slotNumber));
    expect(ofType(events, "DeliveryTruedUp").filter(({ party }) => party === home)).toHaveLength(6);
    expect([...street.node.state.cleared.keys()].filter((slot) => slot < slotNumber(48))).toEqual([]);
    // slots 0 to 48 at 200 Wh: nothing of the hole is lost
    expect(readBy(street, home)).toBe(49 * 200);
    expect(violatedInvariants(street.node.state)).toEqual([]);
  });

  test("a counter that starts again is read anew; what it counted meanwhile stays estimated", async () => {
    const exchanged: ShownBy = (device, at) => {
      const shown = evenFlows(device, at);
      if (device !== "grid-2" || at < slotNumber(20) || shown === null) return shown;
      return { imported: shown.imported - 5_000, exported: 0 };
    };
    const street = await openStreet(createMemoryDisk(), START, exchanged, funded);
    await street.run(slotNumber(40));
    const home = HOMES[1]?.party ?? partyId("");
    const read = ofType(eventsOf(street), "MeterRead").filter(({ party }) => party === home);
    expect(read.length).toBeGreaterThan(30);
    const missing = [...street.node.state.estimated].filter(([, record]) => record.missing.has(home));
    expect(missing.map(([slot]) => slot)).toEqual([slotNumber(19)]);
    expect(street.notices.filter(({ type }) => type === "command-refused")).toEqual([]);
  });

  test("a restart reads on where the market was told last, and forecasts by what it was told", async () => {
    const disk = createMemoryDisk();
    const before = await openStreet(disk, START, evenFlows, funded);
    const middle = instantMs(slotNumber(50) + 400_000);
    await before.run(middle);
    const memory = before.close();
    const after = await openStreet(disk, middle, evenFlows, { ...funded, memory });
    await after.run(slotNumber(60));
    expect(ofType(eventsOf(after), "SlotSettled")).toHaveLength(59);
    expect(after.notices.filter(({ type }) => type !== "gate-closed" && type !== "slot-settled")).toEqual([]);
    expect(ofType(eventsOf(after), "AccountCredited")).toHaveLength(3);
  });
});
