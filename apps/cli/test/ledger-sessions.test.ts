/** `ledger verify` on a journal with sessions: whose word each stretch is, and a message that nobody said. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  encodeCommand,
  marketGenesis,
  openNode,
  pruneJournal,
  type Command,
  type JournalEntry,
  type MarketNode,
  type MarketRules,
} from "@micromarket/engine";
import {
  openAsCaller,
  readEnvelope,
  sealAnswer,
  sealEnvelope,
  sealGreeting,
  sealSlotRoot,
  signerOf,
  type CallerSession,
  type SessionAddress,
  type Signer,
} from "@micromarket/identity";
import {
  hashText,
  instantMs,
  partyId,
  times,
  type CanonicalValue,
  type InstantMs,
  type PartyId,
} from "@micromarket/kernel";
import { chainHash } from "@micromarket/ledger";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import { marketRules, NOON, registerParty, submitTender, tender } from "@micromarket/testkit";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "./memory-console.ts";

const secretOf = (name: string): Uint8Array => Uint8Array.from(Buffer.from(hashText(name), "hex"));
const [OPERATOR, BOT] = [signerOf(secretOf("operator")), signerOf(secretOf("bot"))];
const HOME = partyId("home-1");
const RULES: MarketRules = { ...marketRules(), identity: "signed", operator: OPERATOR.key.did };
const SLOT = RULES.slotLength;
const LATER = instantMs(NOON + SLOT);

function address(party: PartyId, salt: string): SessionAddress {
  const window = { notBefore: NOON, expires: instantMs(NOON + times(SLOT, 8)) };
  return { net: marketGenesis(RULES), market: RULES.market, party, ...window, salt };
}

function signed(type: string, party: PartyId, by: Signer, command: Command): Command {
  const body = JSON.parse(encodeCommand(command)) as CanonicalValue;
  const salt = hashText(encodeCommand(command));
  return { type: "Signed", envelope: sealEnvelope({ ...address(party, salt), type, body }, by) };
}

let [folder, answered] = ["", 0];
let entries: readonly JournalEntry[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-ledger-sessions-"));
  const journal = openSqliteJournal(join(folder, "true.db"));
  const node = openNode(RULES, journal);
  if (!node.ok) throw new Error(node.error.code);
  converse(node.value);
  node.value.snapshot();
  entries = [...journal.read(1)];
  journal.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Two tenders in the first slot, which is signed; one in the second, which is not. */
function converse(node: MarketNode): void {
  const grid = RULES.residual.party;
  const enrol = { type: "EnrolKey", party: HOME, did: BOT.key.did, role: "gateway", from: NOON } as const;
  tell(
    node,
    NOON,
    signed("operator", grid, OPERATOR, registerParty("home-1")),
    signed("operator", grid, OPERATOR, enrol),
  );
  const greeting = sealGreeting(address(HOME, "greeting"), secretOf("caller"), BOT);
  const read = readEnvelope(greeting);
  if (!read.ok) throw new Error(read.error.code);
  const answer = sealAnswer(address(grid, "answer"), read.value, secretOf("node"), OPERATOR);
  tell(node, NOON, { type: "OpenSession", greeting, answer });
  const opened = openAsCaller({ greeting, answer, ephemeral: secretOf("caller"), operator: OPERATOR.key });
  if (!opened.ok) throw new Error(opened.error.code);
  tell(node, NOON, say(opened.value, "a", NOON), say(opened.value, "b", NOON));
  tell(node, LATER, say(opened.value, "c", LATER));
  const root = sealSlotRoot(address(HOME, "root"), opened.value.rootOf(NOON), BOT);
  tell(node, LATER, { type: "CloseSessionSlot", envelope: root });
}

function tell(node: MarketNode, at: InstantMs, ...commands: readonly Command[]): void {
  for (const outcome of node.execute(commands, at)) expect(outcome).toMatchObject({ ok: true });
}

function say(session: CallerSession, name: string, slot: InstantMs): Command {
  const bid = submitTender(instantMs(NOON + times(SLOT, 4)), tender(`home-1/${name}`, "home-1", "buy", [null, 500]));
  const { sequence, body } = session.sealText(encodeCommand(bid));
  session.noteTaken(sequence, slot); // the market's answer is looked at by who tells it
  return { type: "InSession", session: session.id, sequence, body };
}

/** A journal of these entries, linked anew: what somebody hands out who forges a whole journal. */
function forged(change: (entry: JournalEntry) => JournalEntry | null): string {
  const path = join(folder, `forged-${(answered += 1)}.db`);
  const journal = openSqliteJournal(path);
  const opened = openNode(RULES, journal);
  if (!opened.ok) throw new Error(opened.error.code);
  opened.value.snapshot(); // says on which rules the market was founded
  let hash = marketGenesis(RULES);
  const kept = entries.map(change).filter((entry) => entry !== null);
  journal.append(
    kept.map(({ at, rulesVersion, command }, index) => {
      const fields = { sequence: index + 1, at, rulesVersion, command };
      hash = chainHash(hash, fields);
      return { ...fields, hash };
    }),
  );
  journal.close();
  return path;
}

const [OPENING, FIRST, SECOND, THIRD, ROOT] = [3, 4, 5, 6, 7];
const SIGNED = { party: "home-1", signer: BOT.key.did, messages: 2, first: FIRST, last: SECOND, signedIn: ROOT };

test("says what is signed by whom, and what the operator alone vouches for", async () => {
  const { exitCode, out } = await runCommand(["ledger", "verify", join(folder, "true.db"), "--json"]);
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    entries: ROOT,
    signed: 2,
    vouchedFor: 1,
    sessions: [
      { ...SIGNED, slot: NOON },
      { party: "home-1", slot: LATER, messages: 1, first: THIRD, last: THIRD, signedIn: null },
    ],
  });
  const text = await runCommand(["ledger", "verify", join(folder, "true.db")]);
  expect(text.out).toContain(`2 messages of home-1, entries 4 to 5: signed by ${BOT.key.did} in entry 7`);
  expect(text.out).toContain("1 message of home-1, entry 6: the operator's word alone");
});

test("finds a message that was changed at the signature over it", async () => {
  const path = forged((entry) => ({ ...entry, command: entry.command.replace(/(home-1\/b.*)500/, "$1900") }));
  const { exitCode, out, err } = await runCommand(["ledger", "verify", path, "--json"]);
  expect([exitCode, out]).toEqual([1, ""]);
  expect(JSON.parse(err)).toMatchObject({ damage: { sequence: ROOT, code: "COMMAND_REFUSED" } });
  expect(err).toContain("SESSION_ROOT_DIFFERS");
  expect(err).toContain("one was changed, added or dropped");
});

test("finds a message that was dropped, and one that was added", async () => {
  const dropped = await runCommand(["ledger", "verify", forged((entry) => (entry.sequence === SECOND ? null : entry))]);
  expect([dropped.exitCode, dropped.err]).toEqual([1, expect.stringContaining("SESSION_COUNT_DIFFERS")]);
  const added = forged((entry) => {
    if (entry.sequence !== THIRD) return entry;
    const command = entry.command.replace("home-1/c", "home-1/x");
    return { ...entry, command, at: NOON };
  });
  const run = await runCommand(["ledger", "verify", added]);
  expect([run.exitCode, run.err]).toEqual([1, expect.stringContaining("SESSION_COUNT_DIFFERS")]);
});

test("cannot find a message that nobody signed for, and says that the operator alone vouches for it", async () => {
  const path = forged((entry) => ({ ...entry, command: entry.command.replace("home-1/c", "home-1/forged") }));
  const { exitCode, out } = await runCommand(["ledger", "verify", path, "--json"]);
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ signed: 2, vouchedFor: 1 });
  const unsigned = forged((entry) => (entry.sequence === ROOT ? null : entry));
  const without = await runCommand(["ledger", "verify", unsigned, "--json"]);
  expect(JSON.parse(without.out)).toMatchObject({ signed: 0, vouchedFor: 3 });
});

test("of a journal that begins within a stretch says what the base says of it", async () => {
  const path = join(folder, "pruned.db");
  const journal = openSqliteJournal(path);
  journal.append(entries);
  const pruning = pruneJournal(RULES, journal, { before: LATER });
  let step = pruning.next();
  while (step.done !== true) step = pruning.next();
  expect(step.value).toMatchObject({ ok: true, value: { entries: SECOND } });
  journal.close();
  const { exitCode, out } = await runCommand(["ledger", "verify", path, "--json"]);
  expect(exitCode).toBe(0);
  const { sessions } = JSON.parse(out) as { sessions: unknown };
  expect(sessions).toMatchObject([
    { ...SIGNED, first: null, last: null },
    { messages: 1, first: THIRD, signedIn: null },
  ]);
});

test("of a journal without sessions says nothing of them", async () => {
  const { out } = await runCommand(["ledger", "verify", forged((entry) => (entry.sequence < OPENING ? entry : null))]);
  expect(out).not.toMatch(/session|signed|vouched/);
});
