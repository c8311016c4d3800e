/** A gateway that starts on a journal whose old entries were left behind. */
import { expect, test } from "@jest/globals";
import { openNode, pruneJournal, stateHash } from "@micromarket/engine";
import { instantMs, randomStream } from "@micromarket/kernel";
import {
  createMemoryDisk,
  createMemoryJournal,
  createMeterReader,
  createOperator,
  createTrader,
  marketRules,
  NOON,
} from "@micromarket/testkit";
import { recallPast, recentDeliveries, resumeMarket } from "../src/resume-market.ts";

const SEED = 3;
const MINUTES = 240;
const rules = marketRules();

function busyJournal() {
  const journal = createMemoryJournal(createMemoryDisk());
  const opened = openNode(rules, journal);
  if (!opened.ok) throw new Error(opened.error.code);
  const sources = [
    createOperator("operator", rules, randomStream(SEED, "operator")),
    createTrader("trader", rules, randomStream(SEED, "trader")),
    createMeterReader(rules, randomStream(SEED, "meters")),
  ];
  for (let minute = 0; minute < MINUTES; minute += 1) {
    const now = instantMs(NOON + minute * 60_000);
    opened.value.execute(
      sources.map((source) => source.next(now)).filter((command) => command !== null),
      now,
    );
  }
  return { journal, node: opened.value };
}

test("node, page and forecasts go on; the page shows what came after the base, and balances as they are", () => {
  const { journal, node } = busyJournal();
  const now = instantMs(NOON + MINUTES * 60_000);
  const whole = recallPast(node, journal, { now, lastSequence: 0 });
  const steps = pruneJournal(rules, journal, { before: instantMs(NOON + 120 * 60_000) });
  while (steps.next().done !== true);
  const base = journal.base();
  if (base === null) throw new Error("nothing was pruned");

  const resumed = resumeMarket(rules, journal);
  if (!resumed.ok) throw new Error(resumed.error.code);
  expect(resumed.value.snapshotRefused).toBeNull();
  expect(stateHash(resumed.value.node.state)).toBe(stateHash(node.state));
  const model = recallPast(resumed.value.node, journal, { now, lastSequence: 0 });
  expect(model.parties()).toEqual(whole.parties());
  expect(model.completeFrom()).toBeGreaterThan(whole.completeFrom());
  const query = { from: model.completeFrom(), to: null, limit: 1_000, order: "oldest-first" } as const;
  const cleared = model.slots(query).map(({ closed }) => closed.event.slot);
  expect(cleared.length).toBeGreaterThan(3);
  expect(cleared).toEqual(whole.slots(query).map(({ closed }) => closed.event.slot));
  expect(recentDeliveries(resumed.value.node, journal).length).toBeGreaterThan(0);
});
