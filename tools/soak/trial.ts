/** One node over one journal file through all its lives: started, struck, examined, started again, and run to the end. */
import type { JournalEntry } from "@micromarket/engine";
import { join } from "node:path";
import { linesOf } from "./acknowledgement.ts";
import { runNode, runTraced, type Ending, type Fault, type Traced } from "./trace.ts";
import { Witness } from "./witness.ts";
import { reopenCopy, replayIn, trialFolder, type Workshop } from "./workshop.ts";

/** What one trial found. */
export interface TrialReport {
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  readonly faults: readonly string[];
  /** Acknowledged commands when the node was struck, and what was there of the group that was not acknowledged. */
  readonly story: string;
}

/** A node on its way through a plan. */
export class Trial {
  readonly #workshop: Workshop;
  readonly #journal: string;
  readonly #trace: string;
  readonly #witness: Witness;
  readonly #story: string[] = [];
  /** Of chain and state where the last life ended; `null` before the first one, and where nobody could tell. */
  #hashes: string | null = null;
  #entries: readonly JournalEntry[] = [];

  /** `folder` is where the journal lies. */
  constructor(workshop: Workshop, folder: string = trialFolder(workshop, "trial")) {
    this.#workshop = workshop;
    this.#journal = join(folder, "journal.db");
    this.#trace = join(workshop.folder, "trace");
    this.#witness = new Witness(workshop.plan);
  }

  /** Feeds from where the acknowledgements end, under a tracer, with `fault` at its call. */
  strike(fault?: Fault): Traced {
    return runTraced(this.#arguments(), this.#trace, fault);
  }

  /** Feeds from where the acknowledgements end. */
  run(): Ending {
    return runNode(this.#arguments());
  }

  #arguments(): readonly string[] {
    const { scripts, planPath } = this.#workshop;
    return [scripts.feed, planPath, this.#journal, String(this.#witness.next)];
  }

  /** Opens what the process left behind and holds it to what it wrote. */
  examine(stdout: string): void {
    this.#expectRightStart(stdout);
    try {
      const { entries, hashes, faults } = reopenCopy(this.#workshop, this.#journal);
      this.#hashes = hashes;
      this.#entries = entries;
      this.#witness.faults.push(...faults);
      const doubt = this.#witness.examine(stdout, entries);
      this.#story.push(`${this.#witness.acknowledged} acknowledged, the next group ${doubt}`);
    } catch (failure) {
      this.#hashes = null;
      this.fault(`restart is not right: ${failure instanceof Error ? failure.message : String(failure)}`);
    }
  }

  /** The last life: to the end of the plan, where the state must be that of a node that never failed. */
  finish(): void {
    const { status, stdout, stderr } = this.run();
    if (status !== 0) this.fault(`the restarted node ended with ${status}: ${stderr.trim().slice(-400)}`);
    if (linesOf(stdout).at(-1) !== "closed") this.fault("the restarted node did not close its journal");
    this.examine(stdout);
    const { plan } = this.#workshop;
    const missing = plan.groups.length - this.#witness.next;
    if (missing !== 0) this.fault(`${missing} groups were never acknowledged`);
    const { chainHash, stateHash, violations } = replayIn(this.#workshop, this.#entries);
    this.#witness.faults.push(...violations);
    if (`${chainHash} ${stateHash}` !== this.#hashes) this.fault("a clean process arrives at other hashes");
    if (stateHash !== plan.stateHash) this.fault("the state differs from that of a node that never failed");
  }

  /** A process that came as far as "ready" stood where a replay of what it found leads to. */
  #expectRightStart(stdout: string): void {
    const ready = linesOf(stdout).find((line) => line.startsWith("ready "));
    if (ready !== undefined && this.#hashes !== null && ready !== `ready ${this.#hashes}`)
      this.fault(`the node started from other hashes than a replay from the founding has: ${ready}`);
  }

  fault(what: string): void {
    this.#witness.faults.push(what);
  }

  get report(): TrialReport {
    const { acknowledged, lost, doubled, faults } = this.#witness;
    return { acknowledged, lost, doubled, faults, story: this.#story.join("; ") };
  }
}
