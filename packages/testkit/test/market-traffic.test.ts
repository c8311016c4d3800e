import { expect, test } from "@jest/globals";
import { durationMs, randomStream } from "@micromarket/kernel";
import { openNode, violatedInvariants, type Command, type Outcome } from "@micromarket/engine";
import {
  createMemoryJournal,
  createMeterReader,
  createOperator,
  createTrader,
  createVirtualClock,
  marketRules,
  NOON,
} from "@micromarket/testkit";

const COMMAND_TYPES = [
  "RegisterParty",
  "CreditAccount",
  "SetTariff",
  "SubmitTender",
  "CancelTender",
  "CloseGate",
  "ReportDelivery",
] as const;

interface Exchange {
  readonly command: Command;
  readonly outcome: Outcome;
}

function runTraffic(
  seed: number,
  commands: number,
): { exchanges: Exchange[]; violations: readonly string[]; hash: string } {
  const rules = marketRules();
  const opened = openNode(rules, createMemoryJournal());
  if (!opened.ok) throw new Error(opened.error.code);
  const node = opened.value;
  const clock = createVirtualClock(NOON);
  const pace = randomStream(seed, "pace");
  const sources = [
    createOperator("office", rules, randomStream(seed, "office")),
    createMeterReader(rules, randomStream(seed, "meters")),
    ...["red", "blue"].map((name) => createTrader(name, rules, randomStream(seed, name))),
  ];
  const exchanges: Exchange[] = [];
  while (exchanges.length < commands) {
    clock.advance(durationMs(pace.below(20_000)));
    const command = sources[pace.below(sources.length)]?.next(clock.now()) ?? null;
    if (command === null) continue;
    const [outcome] = node.execute([command], clock.now());
    if (outcome !== undefined) exchanges.push({ command, outcome });
  }
  return { exchanges, violations: violatedInvariants(node.state), hash: node.head.hash };
}

test("traffic is mostly accepted, partly refused, and knows every command", () => {
  const { exchanges, violations } = runTraffic(7, 3_000);
  const accepted = exchanges.filter(({ outcome }) => outcome.ok);
  expect(new Set(accepted.map(({ command }) => command.type))).toEqual(new Set(COMMAND_TYPES));
  expect(accepted.length).toBeGreaterThan(exchanges.length / 2);
  expect(accepted.length).toBeLessThan(exchanges.length);
  const events = accepted.flatMap(({ outcome }) => (outcome.ok ? outcome.events : []));
  const trades = events.flatMap((event) => (event.type === "GateClosed" ? event.result.trades : []));
  expect(trades.length).toBeGreaterThan(50);
  expect(events.filter(({ type }) => type === "SlotSettled").length).toBeGreaterThan(10);
  expect(violations).toEqual([]);
});

test("one seed, one traffic", () => {
  expect(runTraffic(3, 400).hash).toBe(runTraffic(3, 400).hash);
  expect(runTraffic(3, 400).hash).not.toBe(runTraffic(4, 400).hash);
});
