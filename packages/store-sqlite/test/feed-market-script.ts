/**
 * Feeds the market whose journal is named on the command line, from several senders at once, until it is killed.
 * Prints "SEQUENCE COMMAND-HASH" for each accepted command, and only after it was acknowledged.
 */
import { durationMs, greatest, hashText, randomStream, type RandomStream } from "@micromarket/kernel";
import { encodeCommand, openNode, type Command, type MarketNode } from "@micromarket/engine";
import {
  createMeterReader,
  createOperator,
  createTrader,
  createVirtualClock,
  marketRules,
  NOON,
  type CommandSource,
} from "@micromarket/testkit";
import { GroupCommit, openSqliteJournal, type CommandExecutor } from "@micromarket/store-sqlite";
import { writeSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";

const [path = "", seedText = "", round = ""] = process.argv.slice(2);
const seed = Number(seedText);
const rules = marketRules();

const journal = openSqliteJournal(path);
const opened = openNode(rules, journal);
if (!opened.ok) throw new Error(JSON.stringify(opened.error));
const node = opened.value;
const clock = createVirtualClock(greatest(NOON, node.state.at));
const commit = new GroupCommit(numbering(node), clock.now);

await Promise.all([
  feed("office", 2, (name, stream) => createOperator(`${name}-${round}`, rules, stream)),
  feed("meters", 3, (_, stream) => createMeterReader(rules, stream)),
  ...["red", "blue", "green"].map((trader) =>
    feed(trader, 6, (name, stream) => createTrader(`${name}-${round}`, rules, stream)),
  ),
]);

function streamOf(...purpose: readonly string[]): RandomStream {
  return randomStream(seed, round, ...purpose);
}

/** Executes on the node; the outcome is the accepted command's place in the journal. A snapshot is taken now and then. */
function numbering(executing: MarketNode): CommandExecutor<number | null> {
  const moments = streamOf("snapshots");
  return {
    execute(commands, at) {
      let { sequence } = executing.head;
      const outcomes = executing.execute(commands, at);
      if (moments.below(12) === 0) executing.snapshot();
      return outcomes.map(({ ok }) => (ok ? (sequence += 1) : null));
    },
  };
}

/** Sends up to `most` commands at a time and waits for all their answers before it sends more. */
async function feed(
  name: string,
  most: number,
  makeSource: (name: string, stream: RandomStream) => CommandSource,
): Promise<void> {
  const source = makeSource(name, streamOf(name));
  const pace = streamOf(name, "pace");
  for (;;) {
    const burst: Promise<void>[] = [];
    for (let left = pace.between(1, most); left > 0; left--) {
      const command = source.next(clock.now());
      if (command === null) break;
      clock.advance(durationMs(pace.below(15_000)));
      burst.push(commit.submit(command).then((sequence) => acknowledge(command, sequence)));
    }
    await Promise.all(burst.length > 0 ? burst : [nextTurn()]);
  }
}

function acknowledge(command: Command, sequence: number | null): void {
  if (sequence !== null) writeSync(1, `${sequence} ${hashText(encodeCommand(command))}\n`);
}
