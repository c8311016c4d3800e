import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand, type CommandRun } from "./memory-console.ts";

const STREET = fileURLToPath(new URL("../../../simulations/street-20.yaml", import.meta.url));

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-simulate-journal-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const run = (scenario: string, journal: string, ...more: readonly string[]): Promise<CommandRun> =>
  runCommand(["simulate", scenario, "--journal", journal, "--quiet", ...more]);

describe("micromarket simulate --journal", () => {
  test("keeps a journal that verifies, with the state that the run says, and changes no figure", async () => {
    const [journal, out] = [join(folder, "street.db"), join(folder, "out")];
    const { exitCode, out: table } = await run(STREET, journal, "--out", out);
    expect(exitCode).toBe(0);
    expect(table).toBe((await runCommand(["simulate", STREET, "--quiet"])).out);
    const verified = await runCommand(["ledger", "verify", journal, "--json"]);
    const { stateHash } = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8")) as { stateHash: string };
    expect(JSON.parse(verified.out)).toMatchObject({ stateHash, currency: "EUR", money: "0" });
  });

  test("touches no file that is there", async () => {
    const journal = join(folder, "there.db");
    writeFileSync(journal, "mine");
    const { exitCode, err } = await run(STREET, journal);
    expect(exitCode).toBe(3);
    expect(err).toContain("JOURNAL_EXISTS");
    expect(readFileSync(journal, "utf8")).toBe("mine");
  });

  test("cannot be kept where no file can be made", async () => {
    const { exitCode, err } = await run(STREET, join(folder, "nowhere", "street.db"));
    expect(exitCode).toBe(3);
    expect(err).toContain("JOURNAL_NOT_WRITABLE");
  });

  test("is refused for a tree of markets", async () => {
    const tree = join(folder, "tree.yaml");
    writeFileSync(tree, `${readFileSync(STREET, "utf8")}grid: { nodes: [{ id: root, homes: 20 }] }\n`);
    const { exitCode, err } = await run(tree, join(folder, "tree.db"));
    expect(exitCode).toBe(3);
    expect(err).toContain("JOURNAL_OF_TREE");
    expect(existsSync(join(folder, "tree.db"))).toBe(false);
  });

  test("leaves nothing of a run whose results cannot be kept", async () => {
    const out = join(folder, "full");
    writeFileSync(out, "a file, no folder");
    const { exitCode } = await run(STREET, join(folder, "lost.db"), "--out", out);
    expect(exitCode).toBe(3);
    expect(readdirSync(folder).filter((name) => name.startsWith("lost.db"))).toEqual([]);
  });
});
