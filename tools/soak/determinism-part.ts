/** The accepted commands of a round, executed anew in other time zones, languages and versions of Node: the same hashes. */
import type { ReplayAnswer, ReplayPlace } from "./replay.ts";
import { isWanted, type Round, type Tell } from "./round.ts";
import { replayIn } from "./workshop.ts";

const HERE: ReplayPlace = { env: { TZ: "UTC", LANG: "C", LC_ALL: "C" } };

/** Far from UTC, half hours, letters that change their case otherwise, digits of another script. */
const ENVIRONMENTS: readonly Readonly<Record<string, string>>[] = [
  { TZ: "Pacific/Apia", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" },
  { TZ: "Australia/Eucla", LANG: "ar_EG.UTF-8", LC_ALL: "ar_EG.UTF-8" },
  { TZ: "America/St_Johns", LANG: "de_DE.UTF-8", LC_ALL: "de_DE.UTF-8" },
];

/** Executes the round's journal in every place. */
export function runDeterminism(round: Round, tell: Tell): void {
  const { number, options, workshop, entries } = round;
  const others = [process.execPath, ...options.nodes].flatMap((node) => ENVIRONMENTS.map((env) => ({ node, env })));
  const answerOf = (place: ReplayPlace): ReplayAnswer => replayIn(workshop, entries, place);
  const here = answerOf(HERE);
  for (const [trial, place] of others.entries()) {
    if (!isWanted(round, trial)) continue;
    const there = answerOf(place);
    const faults: string[] = [];
    if (there.chainHash !== here.chainHash || there.sequence !== entries.length)
      faults.push(`the chain differs from ${here.where}`);
    if (there.stateHash !== here.stateHash || here.stateHash !== workshop.plan.stateHash)
      faults.push(`the state differs from ${here.where}`);
    if (!there.where.includes(place.env["TZ"] ?? "")) faults.push(`the time zone did not take effect: ${there.where}`);
    const story = `chain ${there.chainHash.slice(0, 12)}, state ${there.stateHash.slice(0, 12)}`;
    const report = { acknowledged: 0, lost: 0, doubled: 0, faults, story };
    tell({ part: "determinism", round: number, trial, point: there.where, ...report });
  }
}
