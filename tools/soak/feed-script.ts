/**
 * The process that is killed: a market node over its journal in a file, fed with groups of a plan.
 *
 * Usage: feed-script PLAN JOURNAL FIRST. Writes "ready" and the hashes of chain and state, then for each group from FIRST
 * on, and only after `execute` has returned, an acknowledgement; then "closing" and, once the journal is closed,
 * "closed". Ends with 1 when the node fails, and with 70 when a node that has failed still hands something out.
 *
 * A line is written by `writev`, which nothing else in the process calls, so that it can be told in a trace.
 */
import { hashText } from "@micromarket/kernel";
import { decodeCommand, openNode, stateHash, type Command, type MarketNode } from "@micromarket/engine";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import { writevSync } from "node:fs";
import type { Acknowledgement } from "./acknowledgement.ts";
import { readPlan, RULES, type PlannedGroup } from "./plan.ts";

const [planPath = "", journalPath = "", first = "0"] = process.argv.slice(2);

function say(line: string): void {
  writevSync(1, [Buffer.from(line), Buffer.from("\n")]);
}

function commandOf(text: string): Command {
  const decoded = decodeCommand(text);
  if (!decoded.ok) throw new Error(`the plan holds no command: ${text}`);
  return decoded.value;
}

function execute(node: MarketNode, index: number, { at, commands }: PlannedGroup): Acknowledgement {
  let { sequence } = node.head;
  const outcomes = node.execute(
    commands.map(({ text }) => commandOf(text)),
    at,
  );
  const answers = outcomes.map((outcome, position) => {
    if (!outcome.ok) return outcome.refusal.code;
    return { sequence: (sequence += 1), hash: hashText(commands[position]?.text ?? "") };
  });
  return { group: index, answers };
}

function feed(node: MarketNode, groups: readonly PlannedGroup[]): void {
  for (const [index, group] of groups.entries()) {
    if (index < Number(first)) continue;
    say(JSON.stringify(execute(node, index, group)));
    if (group.snapshot) node.snapshot();
  }
}

/** The failed node is asked once more: whatever it answers but its failure is a fault. */
function expectStopped(node: MarketNode, groups: readonly PlannedGroup[]): void {
  for (const group of groups.slice(-1)) {
    try {
      execute(node, groups.length, group);
    } catch {
      return;
    }
    process.exit(70);
  }
}

const { groups } = readPlan(planPath);
const journal = openSqliteJournal(journalPath);
const opened = openNode(RULES, journal);
if (!opened.ok) throw new Error(JSON.stringify(opened.error));
const { head, state } = opened.value;
say(`ready ${head.hash} ${stateHash(state)}`);
try {
  feed(opened.value, groups);
} catch (failure) {
  expectStopped(opened.value, groups);
  throw failure;
}
say("closing");
journal.close();
say("closed");
