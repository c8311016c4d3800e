/**
 * A week of the CityLearn street in two markets, each with settlement and a journal of its own: homes 1 to 12 in a street
 * below a district, where the others live. Positions go up and awards come down; every meter misses readings.
 */
import { clearTree, tieStatements, type TreeNode } from "@micromarket/aggregator";
import { loadScenario } from "@micromarket/data-files";
import {
  openNode,
  stateHash,
  type Command,
  type MarketEvent,
  type MarketNode,
  type MarketRules,
  type ReadMeter,
} from "@micromarket/engine";
import type { Tie } from "@micromarket/grid";
import {
  amountNano,
  instantMs,
  marketId,
  MINUTE,
  partsPerMillion,
  partyId,
  plus,
  priceMicro,
  randomStream,
  SECOND,
  tenderId,
  times,
  wattHours,
  type AmountNano,
  type HashHex,
  type InstantMs,
  type PartyId,
  type RandomStream,
} from "@micromarket/kernel";
import type { Home, Scenario } from "@micromarket/simulation";
import { openSqliteJournal } from "@micromarket/store-sqlite";

export const STREET = partyId("street");
export const DISTRICT = partyId("district");
const IN_STREET = 12;
const SLOTS = 7 * 24;
const DAY_SLOTS = 24;
const SEED = 5;

const TIE: Tie = {
  importLimit: wattHours(14_000),
  exportLimit: wattHours(9_000),
  feeIn: priceMicro(20_000),
  feeOut: priceMicro(10_000),
  loss: partsPerMillion(30_000),
};

/** A market of the run. */
interface RunMarket {
  readonly name: PartyId;
  readonly rules: MarketRules;
  readonly node: MarketNode;
  readonly homes: readonly Home[];
  /** Who is read: its members, and the tie as the residual counterparty. */
  readonly meters: readonly Meter[];
  readonly close: () => void;
}

/** What the run leaves to be asked, besides its journals. */
export interface WeekRun {
  readonly hashes: ReadonlyMap<PartyId, HashHex>;
  /** Σ price × energy of what the district awarded to the street. */
  readonly awarded: bigint;
  readonly refused: number;
  readonly deposits: (party: PartyId) => bigint;
}

/** Runs the week; journals are `street.db` and `district.db` by `pathOf`. */
export function runWeek(scenarioPath: string, pathOf: (market: PartyId) => string): WeekRun {
  const loaded = loadScenario(scenarioPath, { seed: SEED });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  const { scenario } = loaded.value;
  const below = scenario.homes.slice(0, IN_STREET);
  const beside = scenario.homes.slice(IN_STREET);
  const street = openMarket(scenario, STREET, below, pathOf(STREET));
  const district = openMarket(scenario, DISTRICT, beside, pathOf(DISTRICT));
  const markets = [district, street];
  admit(scenario, markets);
  let [awarded, refused] = [0n, 0];
  const awards = new Map<InstantMs, AmountNano>();
  const awardOf = (slot: InstantMs): AmountNano => awards.get(slot) ?? amountNano(0n);
  for (let index = 0; index <= SLOTS; index++) {
    const start = slotAt(scenario, index);
    if (index < SLOTS) {
      refused += tenderAll(scenario, markets, index);
      const award = clearSlot(district, street, start);
      awards.set(start, amountNano(-award));
      awarded += award;
    }
    const tell = (groups: readonly (readonly MarketEvent[])[], at: InstantMs): void => {
      for (const statement of groups.flatMap((events) => tieStatements(events, STREET, awardOf))) {
        const { tieStatement: after } = street.node.state;
        execute(street.node, [{ type: "SettleTie", number: after + 1, after, ...statement }], at);
      }
    };
    tell(
      markets.map(({ node, meters, name }) => {
        const events = execute(node, readAll(meters, index, start), start);
        return name === DISTRICT ? events : [];
      }),
      start,
    );
    if (index === 0) continue;
    const due = instantMs(start + times(MINUTE, 30));
    for (const { node, name } of markets) {
      const [outcome] = node.execute([{ type: "EstimateDeliveries", slot: slotAt(scenario, index - 1) }], due);
      if (outcome?.ok === false && outcome.refusal.code !== "SLOT_SETTLED") throw new Error(outcome.refusal.code);
      if (outcome?.ok === true && name === DISTRICT) tell([outcome.events], due);
    }
  }
  const hashes = new Map(markets.map(({ name, node }) => [name, stateHash(node.state)]));
  for (const { node, close } of markets) {
    node.snapshot();
    close();
  }
  return { hashes, awarded, refused, deposits: (party) => BigInt(depositOf(scenario, party)) };
}

function openMarket(scenario: Scenario, name: PartyId, homes: readonly Home[], path: string): RunMarket {
  const { settlement } = scenario.rules;
  if (settlement === undefined) throw new Error("the scenario has rules of settlement");
  const isStreet = name === STREET;
  const rules: MarketRules = {
    ...scenario.rules,
    market: marketId(name),
    gateLead: isStreet ? plus(scenario.rules.gateLead, SECOND) : scenario.rules.gateLead,
    residual: isStreet ? { ...scenario.rules.residual, party: DISTRICT } : scenario.rules.residual,
    node: { above: isStreet ? "market" : "tariff", positionSteps: 64, membersMin: 3 },
    settlement: isStreet
      ? { ...settlement, imbalance: { kind: "penalty", share: partsPerMillion(100_000) } }
      : { ...settlement, imbalance: { kind: "dual" }, levies: [{ name: "transmission", price: priceMicro(4_321) }] },
  };
  const journal = openSqliteJournal(path);
  const opened = openNode(rules, journal);
  if (!opened.ok) throw new Error(opened.error.code);
  const own = homes.map((home) => newMeter(home.id, home.id, (index) => netOf(home, index), 20_000));
  const tie = (index: number): number => -homes.reduce((sum, home) => sum + netOf(home, index), 0);
  const below = scenario.homes.slice(0, IN_STREET);
  const meters = isStreet
    ? [...own, newMeter(DISTRICT, "tie of the street", tie, 0)]
    : [
        ...own,
        newMeter(STREET, "street", (index) => upperEnd(below, index), 0),
        newMeter(rules.residual.party, "tie of the district", (index) => tie(index) - upperEnd(below, index), 0),
      ];
  return { name, rules, node: opened.value, homes, meters, close: () => void journal.close() };
}

/** What the street takes at the upper end of its tie when its homes take so much below. */
function upperEnd(homes: readonly Home[], index: number): number {
  const net = homes.reduce((sum, home) => sum + netOf(home, index), 0);
  const kept = 1_000_000 - TIE.loss;
  return net >= 0 ? Math.ceil((net * 1_000_000) / kept) : -Math.floor((-net * kept) / 1_000_000);
}

function admit(scenario: Scenario, markets: readonly RunMarket[]): void {
  const first = slotAt(scenario, 0);
  const at = instantMs(first - times(MINUTE, 10));
  for (const { name, node, homes } of markets) {
    const members = [...homes.map(({ id }) => id), ...(name === DISTRICT ? [STREET] : [])];
    execute(
      node,
      members.flatMap((party): readonly Command[] => [
        { type: "RegisterParty", party },
        { type: "CreditAccount", party, amount: depositOf(scenario, party), reference: `deposit of ${party}` },
      ]),
      at,
    );
    if (name === STREET) execute(node, [{ type: "SetTie", from: first, tie: TIE }], at);
  }
}

function depositOf({ homes }: Scenario, party: PartyId): ReturnType<typeof amountNano> {
  return homes.find(({ id }) => id === party)?.deposit ?? amountNano(5_000_000_000_000n);
}

/** Everybody expects what the same hour of the day before brought; how many could not have paid. */
function tenderAll(scenario: Scenario, markets: readonly RunMarket[], index: number): number {
  const slot = slotAt(scenario, index);
  const at = instantMs(slot - scenario.rules.gateLead - SECOND - 1);
  const [tariff, feedIn] = [scenario.tariff[index], scenario.feedIn[index]];
  if (tariff === undefined || feedIn === undefined) throw new Error(`slot ${index} has prices`);
  let refused = 0;
  for (const { node, homes } of markets) {
    execute(node, [{ type: "SetTariff", from: slot, tariff, feedIn }], at);
    const commands = homes.flatMap((home): readonly Command[] => {
      const net = netOf(home, index < DAY_SLOTS ? index : index - DAY_SLOTS);
      if (net === 0) return [];
      const [side, price] = net > 0 ? (["buy", 1_000_000] as const) : (["sell", 10_000] as const);
      const steps = [{ price: priceMicro(price), energy: wattHours(Math.abs(net)) }];
      return [{ type: "SubmitTender", slot, tender: { id: tenderId(home.id), party: home.id, side, steps } }];
    });
    for (const outcome of node.execute(commands, at)) {
      if (!outcome.ok && outcome.refusal.code !== "FUNDS_INSUFFICIENT") throw new Error(outcome.refusal.code);
      refused += outcome.ok ? 0 : 1;
    }
  }
  return refused;
}

/** Clears both markets; what the district awarded to the street is worth there. */
function clearSlot(district: RunMarket, street: RunMarket, slot: InstantMs): bigint {
  const nodeOf = ({ name, node }: RunMarket, below: readonly TreeNode[]): TreeNode => ({
    ...{ party: name, below, fallback: "island" },
    obey(command, at) {
      const [outcome] = node.execute([command], at);
      if (outcome === undefined) throw new Error("a command has an outcome");
      return outcome;
    },
  });
  const gate = instantMs(slot - district.rules.gateLead);
  const root = nodeOf(district, [nodeOf(street, [])]);
  const cleared = clearTree(root, {
    slot,
    gateAt: (depth) => instantMs(gate - times(SECOND, depth)),
    awardAt: instantMs(gate + 1),
  });
  const refusals = cleared.flatMap((each) => each.refusals);
  if (refusals.length > 0) throw new Error(JSON.stringify(refusals.map(({ code }) => code)));
  const award = cleared[0]?.closed.node?.awards.find(({ party }) => party === STREET);
  return award === undefined ? 0n : BigInt(award.price) * BigInt(award.energy);
}

/** A pair of counters. */
interface Meter {
  readonly party: PartyId;
  /** Goes on by a slot. */
  count(index: number): void;
  /** Its state; `null` where the reading does not come. */
  read(isCertain: boolean): Pick<ReadMeter, "imported" | "exported"> | null;
}

function newMeter(party: PartyId, name: string, net: (index: number) => number, noise: number): Meter {
  const stream: RandomStream = randomStream(SEED, name, "meter");
  let [imported, exported] = [0, 0];
  return {
    party,
    count(index) {
      const counted = Math.round((net(index) * (1_000_000 + stream.between(-noise, noise))) / 1_000_000);
      imported += Math.max(counted, 0);
      exported += Math.max(-counted, 0);
    },
    read: (isCertain) =>
      stream.below(100) >= 4 || isCertain ? { imported: wattHours(imported), exported: wattHours(exported) } : null,
  };
}

/** The readings at the start of the slot with this number, which come at the run's two ends for certain. */
function readAll(meters: readonly Meter[], index: number, at: InstantMs): readonly ReadMeter[] {
  return meters.flatMap((meter) => {
    if (index > 0) meter.count(index - 1);
    const reading = meter.read(index === 0 || index === SLOTS);
    return reading === null ? [] : [{ type: "ReadMeter" as const, party: meter.party, at, ...reading }];
  });
}

function execute(node: MarketNode, commands: readonly Command[], at: InstantMs): readonly MarketEvent[] {
  return node.execute(commands, at).flatMap((outcome) => {
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusal, (_, value: unknown) => String(value)));
    return outcome.events;
  });
}

function slotAt({ start, rules }: Scenario, index: number): InstantMs {
  return instantMs(start + times(rules.slotLength, index));
}

function netOf({ load, pv }: Home, index: number): number {
  return (load[index] ?? 0) - (pv[index] ?? 0);
}
