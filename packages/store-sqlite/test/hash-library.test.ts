/** A journal does not show what computed its hashes: who wrote it with one library opens it with the other. */
import { describe, expect, test } from "@jest/globals";
import { sha256InJavaScript, type HashHex, type Sha256 } from "@micromarket/kernel";
import { openNode, replayFromZero } from "@micromarket/engine";
import { sha256ByOpenssl } from "@micromarket/identity-node";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import { creditAccount, marketRules, NOON, registerParty } from "@micromarket/testkit";
import { join } from "node:path";
import { inTemporaryFolder } from "./journal-file.ts";

const rules = marketRules();
const COMMANDS = [registerParty("anna"), registerParty("Jürgen 🏡"), creditAccount("anna", 5_000n, "p1")];

/** `library`, and how often it was asked. */
function counted(library: Sha256): { readonly sha256: Sha256; readonly asked: () => number } {
  let asked = 0;
  const ofText = (text: string): string => {
    asked += 1;
    return library.ofText(text);
  };
  return { sha256: { ...library, ofText }, asked: () => asked };
}

/** Writes a journal of three entries, snapshot after the first two, and says where its chain stands. */
function write(path: string, sha256: Sha256): HashHex {
  const journal = openSqliteJournal(path);
  const opened = openNode(rules, journal, { sha256 });
  if (!opened.ok) throw new Error(opened.error.code);
  opened.value.execute(COMMANDS.slice(0, 2), NOON);
  opened.value.snapshot();
  opened.value.execute(COMMANDS.slice(2), NOON);
  const { hash } = opened.value.head;
  journal.close();
  return hash;
}

describe.each([
  ["JavaScript", sha256InJavaScript, sha256ByOpenssl],
  ["OpenSSL", sha256ByOpenssl, sha256InJavaScript],
] as const)("a journal written by %s", (_, writer, reader) => {
  test.each([true, false])("opens by the other, to the same chain (from a snapshot: %s)", (useSnapshot) => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      const writing = counted(writer);
      const hash = write(path, writing.sha256);
      expect(writing.asked()).toBe(COMMANDS.length);
      const journal = openSqliteJournal(path);
      const reading = counted(reader);
      const opened = openNode(rules, journal, { useSnapshot, sha256: reading.sha256 });
      expect(opened.ok && opened.value.head).toMatchObject({ sequence: COMMANDS.length, hash });
      expect(reading.asked()).toBe(COMMANDS.length);
      journal.close();
    });
  });

  test("replays by the other", () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      const hash = write(path, writer);
      const journal = openSqliteJournal(path);
      const reading = counted(reader);
      const replayed = replayFromZero(rules, journal.read(1), undefined, { sha256: reading.sha256 });
      expect(replayed.ok && replayed.value.head.hash).toBe(hash);
      expect(reading.asked()).toBe(COMMANDS.length);
      journal.close();
    });
  });
});
