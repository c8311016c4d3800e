/** `ledger verify` on the journal of a signed market: every signature is checked again, by nothing but the journal. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  encodeCommand,
  marketGenesis,
  openNode,
  type BareCommand,
  type Command,
  type JournalEntry,
  type MarketRules,
} from "@micromarket/engine";
import { sealEnvelope, signerOf, type Signer } from "@micromarket/identity";
import { hashText, instantMs, partyId, type CanonicalValue, type PartyId } from "@micromarket/kernel";
import { chainHash } from "@micromarket/ledger";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import { marketRules, NOON, registerParty, submitTender, tender } from "@micromarket/testkit";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "./memory-console.ts";

const signer = (name: string): Signer => signerOf(Uint8Array.from(Buffer.from(hashText(name), "hex")));
const [OPERATOR, GATEWAY] = [signer("operator"), signer("gateway")];
const HOME = partyId("home-1");
const RULES: MarketRules = { ...marketRules(), identity: "signed", operator: OPERATOR.key.did };

function signed(type: string, party: PartyId, by: Signer, command: BareCommand): Command {
  const body = JSON.parse(encodeCommand(command)) as CanonicalValue;
  const window = { notBefore: NOON, expires: instantMs(NOON + 3_600_000) };
  const address = { net: marketGenesis(RULES), market: RULES.market };
  return { type: "Signed", envelope: sealEnvelope({ type, party, ...address, ...window, salt: "1", body }, by) };
}

let folder = "";
let entries: readonly JournalEntry[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-ledger-signed-"));
  const journal = openSqliteJournal(join(folder, "true.db"));
  const node = openNode(RULES, journal);
  if (!node.ok) throw new Error(node.error.code);
  const { party: supplier } = RULES.residual;
  const slot = instantMs(NOON + 3_600_000);
  const bid = submitTender(slot, tender("home-1/load", "home-1", "buy", [null, 500]));
  const outcomes = node.value.execute(
    [
      signed("operator", supplier, OPERATOR, registerParty("home-1") as BareCommand),
      signed("operator", supplier, OPERATOR, {
        type: "EnrolKey",
        party: HOME,
        did: GATEWAY.key.did,
        role: "gateway",
        from: NOON,
      }),
      signed("order", HOME, GATEWAY, bid as BareCommand),
    ],
    NOON,
  );
  expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true]);
  node.value.snapshot();
  entries = [...journal.read(1)];
  journal.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a true one holds", async () => {
  const { exitCode, out } = await runCommand(["ledger", "verify", join(folder, "true.db"), "--json"]);
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ entries: 3, money: "0" });
});

test("one whose chain holds and whose order nobody signed is found at the order", async () => {
  const path = join(folder, "forged.db");
  const journal = openSqliteJournal(path);
  const opened = openNode(RULES, journal);
  if (!opened.ok) throw new Error(opened.error.code);
  opened.value.snapshot(); // says on which rules the market was founded
  let hash = marketGenesis(RULES);
  journal.append(
    entries.map(({ sequence, at, rulesVersion, command }) => {
      const fields = { sequence, at, rulesVersion, command: command.replace(":500", ":900") };
      hash = chainHash(hash, fields);
      return { ...fields, hash };
    }),
  );
  journal.close();
  const { exitCode, out, err } = await runCommand(["ledger", "verify", path, "--json"]);
  expect([exitCode, out]).toEqual([1, ""]);
  expect(JSON.parse(err)).toMatchObject({ damage: { sequence: 3, code: "COMMAND_REFUSED" } });
  expect(err).toContain("SIGNATURE_WRONG");
});
