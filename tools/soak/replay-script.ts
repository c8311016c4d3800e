/**
 * Executes the accepted commands of a journal anew, from the founding on, in a process that knows nothing else; prints
 * `ReplayAnswer` as JSON. Usage: replay-script ENTRIES, a file of one `JournalEntry` as JSON per line.
 *
 * Needs no native module, so that any version of Node can run it.
 */
import {
  decodeCommand,
  openNode,
  stateHash,
  violatedInvariants,
  type Command,
  type JournalEntry,
} from "@micromarket/engine";
import { createMemoryJournal } from "@micromarket/testkit";
import { readFileSync } from "node:fs";
import { RULES } from "./plan.ts";
import type { ReplayAnswer } from "./replay.ts";

const entries = readFileSync(process.argv[2] ?? "", "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as JournalEntry);
const opened = openNode(RULES, createMemoryJournal());
if (!opened.ok) throw new Error(JSON.stringify(opened.error));
const node = opened.value;
let group: Command[] = [];
for (const { sequence, at, command, hash } of entries) {
  const decoded = decodeCommand(command);
  if (!decoded.ok) throw new Error(`entry ${sequence} is no command`);
  group.push(decoded.value);
  if (hash === null) continue; // the last one of its group has the hash of all
  for (const outcome of node.execute(group, at)) {
    if (!outcome.ok) throw new Error(`an entry up to ${sequence} is refused: ${JSON.stringify(outcome)}`);
  }
  group = [];
  if (node.head.hash !== hash) throw new Error(`entry ${sequence} has another chain hash`);
}
const answer: ReplayAnswer = {
  sequence: node.head.sequence,
  chainHash: node.head.hash,
  stateHash: stateHash(node.state),
  violations: violatedInvariants(node.state),
  where: [
    process.version,
    Intl.DateTimeFormat().resolvedOptions().timeZone,
    Intl.DateTimeFormat().resolvedOptions().locale,
  ].join(" "),
};
console.log(JSON.stringify(answer));
