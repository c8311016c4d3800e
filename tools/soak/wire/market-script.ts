/**
 * The process of a market that is traded over its socket: engine, journal and archive on the disk, gates by the wall clock.
 * Usage: market-script ORDER (a `MarketOrder` as JSON); needs --expose-gc. Answers questions on standard input.
 */
import { createAccessRegistry, createReadModel, startApi, type TradingDesk } from "@micromarket/api-http";
import {
  indicative,
  openNode,
  partiesTendering,
  stateHash,
  verifiedBefore,
  type Command,
  type Executed,
  type MarketNode,
} from "@micromarket/engine";
import { sha256ByOpenssl, verifyByOpenssl } from "@micromarket/identity-node";
import { DAY, durationMs, greatest, instantMs, slotAfter, slotAt, type InstantMs } from "@micromarket/kernel";
import { catchUp } from "@micromarket/protocol";
import { GroupCommit, openOrderArchive, openSqliteJournal, type StoredArchive } from "@micromarket/store-sqlite";
import { closeGate, creditAccount, marketRules, registerParty, setTariff } from "@micromarket/testkit";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { OPERATOR_TOKEN, SERVER_NAME, type MarketOrder, type MarketQuestion, type MarketWord } from "./market-words.ts";

const order = JSON.parse(process.argv[2] ?? "{}") as MarketOrder;
const rules = marketRules({
  slotLength: durationMs(order.slotMs),
  gateLead: durationMs(order.gateLeadMs),
  horizon: DAY,
});

function say(word: MarketWord): void {
  process.stdout.write(`${JSON.stringify(word)}\n`);
}

mkdirSync(order.folder, { recursive: true });
const journal = openSqliteJournal(join(order.folder, "journal.sqlite"));
const opened = openNode(rules, journal, { verify: verifyByOpenssl });
if (!opened.ok) throw new Error(JSON.stringify(opened.error));
const node: MarketNode = opened.value;
const archive: StoredArchive = openOrderArchive(join(order.folder, "orders.sqlite"), {
  sha256: sha256ByOpenssl,
  onFailure: (failure) => say({ word: "error", what: String(failure) }),
});
const caughtUp = catchUp(archive, rules, journal, {
  entriesMax: 5_000_000,
  sha256: sha256ByOpenssl,
  verify: verifiedBefore,
});
if (!caughtUp.ok) throw new Error(JSON.stringify(caughtUp.error));

const now = (): InstantMs => greatest(instantMs(Date.now()), node.state.at);
const model = createReadModel({ rules, since: now() });
// who takes part: what else happened before this start, the page of a market that goes on would tell
for (const party of node.state.parties) model.record([{ type: "PartyRegistered", party }], now());
let groups = 0;

/** Executes a group, makes it durable and records it: the only way to the node. */
function execute(commands: readonly Command[], at: InstantMs): readonly Executed[] {
  const before = node.head.sequence;
  const outcomes = node.execute(commands, at);
  groups += 1;
  if (order.diesAfter !== null && groups >= order.diesAfter) process.kill(process.pid, "SIGKILL");
  let sequence = before;
  for (const [index, command] of commands.entries()) {
    const outcome = outcomes[index];
    if (outcome?.ok !== true) continue;
    sequence += 1;
    const hash = sequence === node.head.sequence ? node.head.hash : null;
    archive.record({ sequence, at: node.state.at, hash, command, events: outcome.events });
    model.record(outcome.events, node.state.at);
  }
  return outcomes;
}

if (node.state.parties.size <= 1) {
  const parties = Array.from({ length: order.parties }, (_, index) => `p${index}`);
  const founding = [
    ...parties.map((party) => registerParty(party)),
    ...parties.map((party) => creditAccount(party, 5_000_000_000_000n, `payment of ${party}`)),
    setTariff(instantMs(0), 300_000, 80_000),
  ];
  for (const [index, outcome] of execute(founding, now()).entries())
    if (!outcome.ok) throw new Error(`founding ${index}: ${outcome.refusal.code}`);
}

const commit = new GroupCommit<Executed>({ execute }, now);
const submit = (commands: readonly Command[]): Promise<readonly Executed[]> =>
  Promise.all(commands.map((command) => commit.submit(command)));
const desk: TradingDesk = { rules, archive, submit, direct: submit, isTrading: () => true };
const working = { status: "pass", detail: "works" } as const;
const api = await startApi({
  ...{ model, clock: { now, factor: null }, version: "0.0.0", port: order.port },
  probes: { store: () => working, clock: () => working },
  registry: createAccessRegistry({
    server: SERVER_NAME,
    principals: order.principals.map(({ id, key, party, scopes }) => ({
      principal: {
        id,
        grants: [{ party, scopes: new Set(scopes) }],
        limits: { sessionsMax: 64, rates: null },
      },
      certificates: [],
      keys: [key],
      tokens: [],
    })),
    issuers: [],
    operatorToken: OPERATOR_TOKEN,
    allowsOrigin: (origin) => origin === undefined,
    now: () => instantMs(Date.now()),
  }),
  access: { token: OPERATOR_TOKEN },
  socketsMax: 2_048,
  indicative: (slot) => {
    const indication = indicative(node.state, slot);
    return indication === null ? null : { indication, parties: partiesTendering(node.state, slot, 3) };
  },
  trading: { desk, limits: { invalidPerMinuteMax: order.invalidPerMinuteMax } },
  onError: (error) => say({ word: "error", what: error instanceof Error ? (error.stack ?? "") : String(error) }),
});
if (!api.ok) throw new Error(JSON.stringify(api.error));

/** Closes the next gate when it is due, and so on. */
function awaitGate(): void {
  const { slotLength, gateLead } = rules;
  const first = slotAfter(slotAt(instantMs(now() + gateLead), slotLength)).startMs;
  const slot =
    node.state.closedThrough === null
      ? first
      : greatest(first, slotAfter({ startMs: node.state.closedThrough, lengthMs: slotLength }).startMs);
  const dueMs = slot - gateLead;
  setTimeout(
    () => {
      void commit.submit(closeGate(slot)).then((outcome) => {
        const closed = outcome.ok ? outcome.events.find((event) => event.type === "GateClosed") : undefined;
        const tenders = closed?.type === "GateClosed" ? closed.tenders.length : -1;
        say({ word: "gate", slotMs: slot, dueMs, closedMs: Date.now(), tenders });
        awaitGate();
      });
    },
    Math.max(0, dueMs - Date.now()),
  );
}
if (order.closesGates) awaitGate();

createInterface(process.stdin).on("line", (line) => {
  const question = JSON.parse(line) as MarketQuestion;
  if (question === "state") say({ word: "state", sequence: node.head.sequence, stateHash: stateHash(node.state) });
  if (question === "burden") {
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    const sockets = process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;
    say({ word: "burden", heapKb: Math.round(heapUsed / 1_024), rssKb: Math.round(rss / 1_024), sockets });
  }
  if (question === "stop") void api.value.close().then(() => process.exit(0));
});
say({ word: "ready" });
