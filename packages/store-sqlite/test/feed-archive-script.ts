/**
 * Feeds a market and its archive of orders until it is killed, by others or by itself at a moment that is named: "durable",
 * when the journal has the group and the archive has not; "recorded", when both have it and nobody has heard.
 * Prints "PARTY CLIENT-ORDER-ID SEQUENCE" for each order that was acknowledged, and only then.
 */
import { durationMs, greatest, randomStream, type RandomStream } from "@micromarket/kernel";
import { openNode, verifiedBefore, type Command, type MarketNode, type Outcome } from "@micromarket/engine";
import { catchUp, clientOrderId, type OrderArchive } from "@micromarket/protocol";
import {
  createMeterReader,
  createOperator,
  createTrader,
  createVirtualClock,
  HOMES,
  marketRules,
  NOON,
  registerParty,
  type CommandSource,
} from "@micromarket/testkit";
import { GroupCommit, openOrderArchive, openSqliteJournal, type CommandExecutor } from "@micromarket/store-sqlite";
import { writeSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";

const [journalFile = "", archiveFile = "", seedText = "", round = "", moment = ""] = process.argv.slice(2);
const seed = Number(seedText);
const rules = marketRules();

const journal = openSqliteJournal(journalFile);
const opened = openNode(rules, journal);
if (!opened.ok) throw new Error(JSON.stringify(opened.error));
const node = opened.value;
const archive = openOrderArchive(archiveFile, { delayMs: 5, rowsPerStep: 20 });
const caughtUp = catchUp(archive, rules, journal, { entriesMax: Infinity, verify: verifiedBefore });
if (!caughtUp.ok) throw new Error(JSON.stringify(caughtUp.error));
const clock = createVirtualClock(greatest(NOON, node.state.at));
const commit = new GroupCommit(recording(node, archive), clock.now);
for (const home of HOMES) await commit.submit(registerParty(home));

await Promise.all([
  feed("office", 2, (name, stream) => createOperator(`${name}-${round}`, rules, stream)),
  feed("meters", 3, (_, stream) => createMeterReader(rules, stream)),
  ...["red", "blue"].map((trader) =>
    feed(trader, 6, (name, stream) => createTrader(`${name}-${round}`, rules, stream)),
  ),
]);

function streamOf(...purpose: readonly string[]): RandomStream {
  return randomStream(seed, round, ...purpose);
}

interface Numbered {
  readonly outcome: Outcome;
  readonly sequence: number;
}

function recording(executing: MarketNode, orders: OrderArchive): CommandExecutor<Numbered> {
  const chances = streamOf("moments");
  return {
    execute(commands, at) {
      let { sequence } = executing.head;
      const outcomes = executing.execute(commands, at);
      const dies = outcomes.some(({ ok }) => ok) && chances.below(25) === 0;
      if (dies && moment === "durable") process.kill(process.pid, "SIGKILL");
      const { head } = executing;
      const numbered = outcomes.map((outcome, index): Numbered => {
        const command = commands[index];
        if (!outcome.ok || command === undefined) return { outcome, sequence: 0 };
        sequence += 1;
        const hash = sequence === head.sequence ? head.hash : null;
        orders.record({ sequence, at: executing.state.at, hash, command, events: outcome.events });
        return { outcome, sequence };
      });
      if (dies && moment === "recorded") process.kill(process.pid, "SIGKILL");
      if (chances.below(30) === 0) {
        orders.flush();
        executing.snapshot();
      }
      return numbered;
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
      burst.push(commit.submit(command).then((answer) => acknowledge(command, answer)));
    }
    await Promise.all(burst.length > 0 ? burst : [nextTurn()]);
  }
}

function acknowledge(command: Command, { outcome, sequence }: Numbered): void {
  if (!outcome.ok || command.type !== "SubmitTender") return;
  const { tender } = command;
  writeSync(1, `${tender.party} ${clientOrderId(tender)} ${sequence}\n`);
}
