/**
 * Knows what was acknowledged and holds the journal to it, over all lives of one node: nothing acknowledged is missing,
 * nothing is there twice, and of the one group whose answer was cut off there is all or nothing.
 */
import { hashText } from "@micromarket/kernel";
import type { JournalEntry } from "@micromarket/engine";
import { acknowledgementsIn, type Acknowledgement, type Place } from "./acknowledgement.ts";
import type { Plan, PlannedCommand } from "./plan.ts";

/** What has become of the group whose answer was cut off. */
export type Doubt = "absent" | "whole";

/** One node's witness. */
export class Witness {
  readonly #plan: Plan;
  /** Texts of all entries that were seen in the journal so far. */
  #seen: readonly string[] = [];
  /** The first group without an acknowledgement. */
  #next = 0;
  /** Whether that group is in the journal all the same. */
  #landed = false;
  /** What should not have happened. */
  readonly faults: string[] = [];
  acknowledged = 0;
  lost = 0;
  doubled = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** The group from which a sender who was cut off goes on: the first whose answer it did not hear. */
  get next(): number {
    return this.#next;
  }

  /** Looks at the journal after a life in which the process wrote `output`. */
  examine(output: string, entries: readonly JournalEntry[]): Doubt {
    const expected = [...this.#seen];
    for (const acknowledgement of acknowledgementsIn(output)) {
      expected.push(...this.#hear(acknowledgement, expected.length));
      this.#next += 1;
      this.#landed = false;
    }
    const texts = entries.map(({ command }) => command);
    this.#holdTo(expected, texts);
    const doubtful = acceptedOf(this.#commands(), this.#landed);
    const tail = texts.slice(expected.length);
    const isWhole = doubtful.length > 0 && sameTexts(tail, doubtful);
    if (tail.length > 0 && !isWhole)
      this.faults.push(
        `group ${this.#next} was cut off, and ${tail.length} of its ${doubtful.length} commands are there`,
      );
    this.#landed ||= isWhole;
    this.#seen = texts;
    this.#countDoubles(texts);
    return isWhole ? "whole" : "absent";
  }

  #commands(): readonly PlannedCommand[] {
    return this.#plan.groups[this.#next]?.commands ?? [];
  }

  /** Compares one acknowledgement with the plan; returns the texts that it says are in the journal, from `before` on. */
  #hear({ group, answers }: Acknowledgement, before: number): readonly string[] {
    const commands = this.#commands();
    if (group !== this.#next) this.faults.push(`group ${group} was acknowledged where ${this.#next} was due`);
    const places = answers.filter((answer): answer is Place => typeof answer !== "string");
    this.acknowledged += places.length;
    const heard = answers.map((answer) => (typeof answer === "string" ? answer : null));
    const planned = commands.map(({ refusal, again }) => (this.#landed ? again : refusal));
    if (heard.length !== planned.length || heard.some((code, index) => code !== planned[index]))
      this.faults.push(`group ${group} was answered ${JSON.stringify(heard)}, not ${JSON.stringify(planned)}`);
    const texts = acceptedOf(commands, this.#landed);
    places.forEach(({ sequence, hash }, index) => {
      if (sequence === before + index + 1 && hash === hashText(texts[index] ?? "")) return;
      this.faults.push(`group ${group}: the place ${sequence} was acknowledged for another command`);
    });
    return texts;
  }

  #holdTo(expected: readonly string[], texts: readonly string[]): void {
    const missing = expected.filter((text, index) => texts[index] !== text);
    if (missing.length === 0) return;
    this.lost += missing.length;
    this.faults.push(`${missing.length} acknowledged commands are not where they were, the first ${missing[0]}`);
  }

  /** A command whose second copy is refused is there as often as the plan has said it by now. */
  #countDoubles(texts: readonly string[]): void {
    const commands = this.#plan.groups.slice(0, this.next + 1).flatMap((group) => group.commands);
    const repeatable = new Set(commands.filter(({ again }) => again === null).map(({ text }) => text));
    const planned = countsOf(commands.filter(({ refusal }) => refusal === null).map(({ text }) => text));
    const present = countsOf(texts.filter((text) => !repeatable.has(text)));
    const doubled = [...present].reduce((sum, [text, count]) => sum + Math.max(0, count - (planned.get(text) ?? 1)), 0);
    if (doubled === 0) return;
    this.doubled += doubled;
    this.faults.push(`${doubled} commands are there twice`);
  }
}

function countsOf(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

function acceptedOf(commands: readonly PlannedCommand[], landed: boolean): readonly string[] {
  return commands.filter(({ refusal, again }) => (landed ? again : refusal) === null).map(({ text }) => text);
}

function sameTexts(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((text, index) => text === right[index]);
}
