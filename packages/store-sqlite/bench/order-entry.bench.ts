/**
 * What an order costs on its way into a market node, one by one in groups of a hundred and in batches of a hundred: checked,
 * applied, written as text, linked to the chain and made durable; a flush of the disk for a hundred orders, and for a
 * hundred commands. Beside them bare inserts of the batches' texts by better-sqlite3, a flush for each. Both ways must leave
 * the same tenders in the books and the same money set aside, or nothing is printed.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import {
  DAY,
  hashCanonical,
  HOUR,
  instantMs,
  partsPerMillion,
  randomStream,
  times,
  type InstantMs,
} from "@micromarket/kernel";
import {
  apply,
  encodeCommand,
  foundMarket,
  fundsOf,
  type MarketNode,
  openNode,
  type Command,
  type Journal,
  type MarketRules,
  type SettlementRules,
  type StateView,
} from "@micromarket/engine";
import { sha256ByOpenssl } from "@micromarket/identity-node";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import {
  creditAccount,
  marketRules,
  NOON,
  registerParty,
  submitTender,
  submitTenders,
  tender,
} from "@micromarket/testkit";
import { machineText, medianNs, type Way } from "../../../tools/bench/interleave.ts";

const SEED = 1;
const BATCHES = 500;
const ORDERS = 100;
const PARTIES = 20;
const SLOTS = 8;
const CENT = 10_000;

const SETTLEMENT: SettlementRules = {
  funding: { kind: "prepaid" },
  bond: partsPerMillion(50_000),
  imbalance: { kind: "dual" },
  levies: [],
  readingsDue: HOUR,
  trueUp: DAY,
};

/** The same orders, both ways. */
interface Orders {
  readonly founding: readonly Command[];
  readonly groups: readonly (readonly Command[])[];
  readonly batches: readonly (readonly Command[])[];
}

const folder = mkdtempSync(join(tmpdir(), "order-entry-bench-"));
process.once("exit", () => {
  rmSync(folder, { recursive: true });
});
let files = 0;
const freshFile = (): string => join(folder, `${(files += 1)}.sqlite`);

const orders = drawOrders();

function drawOrders(): Orders {
  const stream = randomStream(SEED, "order entry");
  const parties = Array.from({ length: PARTIES }, (_, index) => `home-${index}`);
  const founding = parties.flatMap((party) => [registerParty(party), creditAccount(party, 10n ** 18n, `pay ${party}`)]);
  const groups: Command[][] = [];
  const batches: Command[][] = [];
  for (let index = 0; index < BATCHES; index++) {
    const party = parties[index % PARTIES] ?? "";
    const name = `${party}/b${index}`;
    const slot = instantMs(NOON + times(HOUR, 1 + (index % SLOTS)));
    const prices = Array.from({ length: ORDERS }, () => stream.between(5, 40) * CENT);
    const energies = Array.from({ length: ORDERS }, () => (stream.below(2) === 0 ? -1 : 1) * stream.between(1, 2_500));
    batches.push([submitTenders(party, name, { slot, prices, energies })]);
    groups.push(
      energies.map((energy, place) => {
        const side = energy < 0 ? "sell" : "buy";
        return submitTender(slot, tender(`${name}.${place}`, party, side, [prices[place] ?? null, Math.abs(energy)]));
      }),
    );
  }
  return { founding, groups, batches };
}

/** What both ways must agree on. */
function digestOf(state: StateView): string {
  const books = [...state.books]
    .sort(([a], [b]) => a - b)
    .map(
      ([slot, { tenders }]) =>
        [
          slot,
          Array.from(tenders.values(), ({ id, party, side, steps }) => {
            return [id, party, side, ...steps.flatMap(({ price, energy }) => [price, energy])];
          }),
        ] as const,
    );
  return hashCanonical("order-entry", {
    books,
    funds: [...state.parties].sort().map((party) => fundsOf(state, party)),
  });
}

function applied(rules: MarketRules, groups: readonly (readonly Command[])[], isEncoded: boolean): StateView {
  const state = foundMarket(rules);
  for (const command of orders.founding) must(apply(state, command, NOON).ok);
  let length = 0;
  for (const group of groups) {
    for (const command of group) {
      must(apply(state, command, NOON).ok);
      if (isEncoded) length += encodeCommand(command).length;
    }
  }
  must(!isEncoded || length > 0);
  return state;
}

function executed(rules: MarketRules, groups: readonly (readonly Command[])[], journal: Journal): StateView {
  const opened = openNode(rules, journal, { sha256: sha256ByOpenssl });
  if (!opened.ok) throw new Error(opened.error.code);
  const node: MarketNode = opened.value;
  node.execute(orders.founding, NOON);
  for (const group of groups) must(node.execute(group, NOON).every(({ ok }) => ok));
  const { state } = node;
  journal.close();
  return state;
}

/** The same commands, a hundred to a group: as many as wait for the disk when it is busy. */
function inHundreds(groups: readonly (readonly Command[])[]): readonly (readonly Command[])[] {
  const commands = groups.flat();
  return commands.flatMap((_, at) => (at % 100 === 0 ? [commands.slice(at, at + 100)] : []));
}

/** A journal that keeps entries in memory and looks at nothing. */
function plainMemory(): Journal {
  const kept: unknown[] = [];
  return {
    append: (entries) => void kept.push(...entries),
    read: () => [],
    last: () => null,
    saveSnapshot: () => undefined,
    latestSnapshot: () => null,
    base: () => null,
    prune: () => undefined,
    close: () => undefined,
  };
}

function must(condition: boolean): void {
  if (!condition) throw new Error("an order was refused");
}

/** What the peer does: nothing but inserts, one transaction a batch. */
function insertBare(texts: readonly string[]): number {
  const database = new Database(freshFile());
  for (const setting of ["locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"])
    database.pragma(setting);
  database.exec("CREATE TABLE entry (sequence INTEGER PRIMARY KEY, at_ms INTEGER, command TEXT, hash TEXT) STRICT");
  const statement = database.prepare("INSERT INTO entry VALUES (?, ?, ?, ?)");
  const insert = database.transaction((sequence: number, text: string) => {
    statement.run(sequence, NOON satisfies InstantMs, text, "0".repeat(64));
  });
  texts.forEach((text, index) => void insert(index + 1, text));
  database.close();
  return texts.length;
}

function compare(title: string, rules: MarketRules): void {
  const { groups, batches } = orders;
  const digest = digestOf(applied(rules, groups, false));
  const texts = batches.flat().map(encodeCommand);
  const stages: Readonly<Record<string, (given: readonly (readonly Command[])[]) => StateView>> = {
    apply: (given) => applied(rules, given, false),
    "apply, text": (given) => applied(rules, given, true),
    "apply, text, chain, memory": (given) => executed(rules, given, plainMemory()),
    "SQLite, a flush for 100 orders": (given) => executed(rules, given, openSqliteJournal(freshFile())),
    "SQLite, for 100 commands": (given) => executed(rules, inHundreds(given), openSqliteJournal(freshFile())),
  };
  const ways: Record<string, Way> = {};
  for (const [stage, run] of Object.entries(stages)) {
    for (const [how, given] of [
      ["single", groups],
      ["batch", batches],
    ] as const) {
      if (digestOf(run(given)) !== digest) throw new Error(`${stage}, ${how}: the books differ`);
      ways[`${stage}|${how}`] = () => (run(given).books.size === SLOTS ? "ok" : "not all");
    }
  }
  const bare: Way = () => (insertBare(texts) === BATCHES ? "ok" : "not all");
  const ns = medianNs({ ...ways, bare });
  const perOrder = (name: string): number => (ns[name] ?? NaN) / (BATCHES * ORDERS);
  const bytes = texts.join("").length / (BATCHES * ORDERS);
  console.log(
    `\n${title}: ${BATCHES} × ${ORDERS} orders, ${bytes.toFixed(1)} characters an order in a batch, seed ${SEED}`,
  );
  console.log(`  ${machineText()}`);
  for (const stage of Object.keys(stages)) {
    const [single, batch] = [perOrder(`${stage}|single`), perOrder(`${stage}|batch`)];
    const rate = `${(1_000 / batch).toFixed(2)} M orders/s`;
    console.log(
      `  ${stage.padEnd(31)} one by one ${single.toFixed(0).padStart(6)} ns, in batches ${batch.toFixed(0).padStart(5)} ns an order ` +
        `(${rate}): ${(single / batch).toFixed(1)}×`,
    );
  }
  console.log(`  bare inserts of the batches      ${perOrder("bare").toFixed(0)} ns an order`);
}

compare("orders without funds", marketRules());
compare("orders with funds set aside", marketRules({ settlement: SETTLEMENT }));
