/** What every part of a round is given, and what it gives back. */
import { randomStream, type RandomStream } from "@micromarket/kernel";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import type { JournalEntry } from "@micromarket/engine";
import { join } from "node:path";
import { Trial, type TrialReport } from "./trial.ts";
import type { DiskCall } from "./trace.ts";
import { trialFolder, type Workshop } from "./workshop.ts";

/** The parts of a soak. */
export const PARTS = ["kill", "fsync", "disk", "determinism", "devices", "frames", "gate", "orders"] as const;

/** One part. */
export type Part = (typeof PARTS)[number];

/** A part that strikes a node over its journal, round by round; the other runs once. */
export type JournalPart = Exclude<Part, LongPart>;

/** A part that runs once, over processes of its own. */
export type LongPart = "devices" | "frames" | "gate" | "orders";

/** What a soak is asked for. */
export interface SoakOptions {
  readonly seed: number;
  readonly rounds: number;
  /** Kills in a round; the other parts have their share of it. */
  readonly points: number;
  readonly parts: readonly Part[];
  /** The only trial to run, by its round and its place there. */
  readonly only: { readonly round: number; readonly trial: number } | null;
  /** Executables of other versions of Node. */
  readonly nodes: readonly string[];
  /** Of the street of devices. */
  readonly homes: number;
  /** How long its day is. */
  readonly slots: number;
  /** Frames changed at random. */
  readonly frames: number;
  /** Connections of the part `gate`, each with ten orders. */
  readonly connections: number;
  /** Orders of the part `orders`, and how often their connection breaks. */
  readonly orders: number;
  readonly cuts: number;
}

/** One round: its plan, and how a node that nothing strikes goes through it. */
export interface Round {
  readonly number: number;
  readonly options: SoakOptions;
  readonly workshop: Workshop;
  /** Empty where there is no tracer. */
  readonly calls: readonly DiskCall[];
  readonly entries: readonly JournalEntry[];
}

/** One trial, done. */
export interface Trialled extends TrialReport {
  readonly part: Part;
  readonly round: number;
  readonly trial: number;
  /** What struck, and where. */
  readonly point: string;
  /** Kinds of the calls before and after which the process was killed. */
  readonly before?: string;
  readonly after?: string;
  /** What was measured, by name. */
  readonly figures?: Readonly<Record<string, string | number>>;
}

/** What tells of each trial as it is done. */
export type Tell = (trialled: Trialled) => void;

/** What tells how a long part goes on. */
export type Say = (line: string) => void;

/** The stream of one part of a round. */
export function streamOf({ options, number }: Round, part: Part, ...purpose: readonly string[]): RandomStream {
  return randomStream(options.seed, "soak", String(number), part, ...purpose);
}

/** Whether the trial is asked for. */
export function isWanted({ options, number }: Round, trial: number): boolean {
  return options.only === null || (options.only.round === number && options.only.trial === trial);
}

/** Lets a node go through the whole plan unharmed; without a tracer no calls are seen. Throws where it does not get through. */
export function observe(
  workshop: Workshop,
  isTraced: boolean,
): { readonly calls: readonly DiskCall[]; readonly entries: JournalEntry[] } {
  const folder = trialFolder(workshop, "unharmed");
  const trial = new Trial(workshop, folder);
  const { status, stderr, calls } = isTraced ? trial.strike() : { ...trial.run(), calls: [] };
  if (status !== 0) throw new Error(`a node that nothing strikes ended with ${status}: ${stderr}`);
  const journal = openSqliteJournal(join(folder, "journal.db"));
  try {
    return { calls, entries: [...journal.read(1)] };
  } finally {
    journal.close();
  }
}
