/** How the real process stops: at the end of the slot, at once at a second signal, and never in the middle of a write. */
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { openNode } from "@micromarket/engine";
import { assert, instantMs } from "@micromarket/kernel";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import { foundingRules } from "../src/founding-rules.ts";
import { loadGatewayFile } from "../src/gateway-file.ts";
import { GATEWAY, gatewayFile } from "./gateway-text.ts";
import { endAll, firstLine, logLines, runGatewayCommand, until, type Running } from "./processes.ts";

const LONG = 300_000;
const EPOCH = "2026-06-01T00:00Z";

afterAll(endAll);

/** A gateway whose slot is `slotSeconds` long, and nobody to trade. */
async function start(slotSeconds: number): Promise<{ readonly gateway: Running; readonly path: string }> {
  const text = GATEWAY.replace("{ trust: unchecked }", `{ accelerated: ${900 / slotSeconds}, epoch: "${EPOCH}" }`);
  const path = gatewayFile(text.replace("    poll: 1s\n", ""));
  const gateway = runGatewayCommand(path);
  await firstLine(gateway);
  return { gateway, path };
}

const waits = ({ log }: Running): boolean => log.some((line) => line.includes("stopping at the end of the slot"));

function stateAfter(path: string) {
  const loaded = loadGatewayFile(path, { env: {} });
  assert(loaded.ok, "the file is right");
  const journal = openSqliteJournal(join(dirname(path), "data", "journal.sqlite"));
  const opened = openNode(foundingRules(loaded.value.rules, journal, null), journal);
  const snapshotAt = journal.latestSnapshot()?.sequence ?? null;
  journal.close();
  assert(opened.ok, "the journal opens");
  return { closedThrough: opened.value.state.closedThrough, isSnapshotNew: snapshotAt === opened.value.head.sequence };
}

describe.each(["SIGTERM", "SIGINT"] as const)("%s", (signal) => {
  test(
    "stops at the end of the slot, with a snapshot of all that was",
    async () => {
      const { gateway, path } = await start(4);
      gateway.child.kill(signal);
      expect(await gateway.ended).toBe(0);
      expect(waits(gateway)).toBe(true);
      const stopped = logLines(gateway).find(({ msg }) => msg === "the market has stopped");
      expect(stopped).toBeDefined();
      const { closedThrough, isSnapshotNew } = stateAfter(path);
      expect(isSnapshotNew).toBe(true);
      expect(closedThrough).toBeGreaterThanOrEqual(instantMs(Date.parse(EPOCH)));
    },
    LONG,
  );

  test(
    "twice stops at once, and says that it was interrupted",
    async () => {
      const { gateway, path } = await start(60);
      gateway.child.kill(signal);
      await until(() => waits(gateway) || gateway.child.exitCode !== null || gateway.child.signalCode !== null);
      expect(waits(gateway)).toBe(true);
      gateway.child.kill(signal);
      expect(await gateway.ended).toBe(130);
      expect(stateAfter(path).isSnapshotNew).toBe(true);
    },
    LONG,
  );

  test(
    "does not wait for an end that is far off",
    async () => {
      const { gateway, path } = await start(900);
      gateway.child.kill(signal);
      expect(await gateway.ended).toBe(0);
      expect(waits(gateway)).toBe(false);
      expect(stateAfter(path).isSnapshotNew).toBe(true);
    },
    LONG,
  );
});
