/** `micromarket conformance`: puts the books of the conformance pack to any engine and scores its answers. */
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { loadConformancePack, type ConformanceCase } from "@micromarket/data-files";
import { runEngine } from "../conformance/engine-run.ts";
import { scoreText } from "../conformance/score-text.ts";
import { scoreOf, type Score } from "../conformance/score.ts";
import { tryCase, type TriedCase } from "../conformance/try-case.ts";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { refuse } from "../input.ts";
import { watchInterruption } from "../interruption.ts";
import { showProgress } from "../progress.ts";

/** Options of `micromarket conformance`. */
export interface ConformanceOptions {
  readonly engine?: string;
  readonly mechanism?: string;
  readonly case?: string;
  readonly show?: string;
  readonly list?: boolean;
  readonly pack?: string;
  readonly timeLimit: number;
  readonly parallel?: number;
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const SHIPPED_PACK = fileURLToPath(new URL("../../../../packages/market/conformance/", import.meta.url));
/** More at once would only make engines miss their time limits. */
const PARALLEL_MAX = 8;

/** Exit 0 where all holds that the engine supports. */
export async function conformance(options: ConformanceOptions, port: ConsolePort): Promise<ExitCode> {
  const json = options.json ?? false;
  const pack = loadConformancePack(options.pack ?? SHIPPED_PACK);
  if (!pack.ok) return refuse(pack.error, json, port);
  const chosen = choose(pack.value, options);
  if (typeof chosen === "string") {
    port.err(`error: ${chosen}\n`);
    return EXIT_CODE.usage;
  }
  if (options.show !== undefined) return show(chosen, port);
  if (options.list === true) return list(chosen, json, port);
  if (options.engine === undefined) {
    port.err(
      'error: --engine is missing: name a command that reads a book and prints a result, such as "micromarket clear"\n',
    );
    return EXIT_CODE.usage;
  }
  const tried = await tryAll(chosen, options.engine, options, port);
  if (tried === null) return EXIT_CODE.interrupted;
  return report(scoreOf(options.engine, tried), options, port);
}

/** The cases that the options name, or what is wrong with the names. */
function choose(
  cases: readonly ConformanceCase[],
  { mechanism, case: name, show: shown }: ConformanceOptions,
): readonly ConformanceCase[] | string {
  const wanted = shown ?? name;
  if (wanted !== undefined) {
    const found = cases.filter((entry) => entry.name === wanted || entry.name.split("/")[1] === wanted);
    return found.length > 0 ? found : `there is no case ${JSON.stringify(wanted)}: --list names them`;
  }
  if (mechanism === undefined) return cases;
  const known = [...new Set(cases.map((entry) => entry.mechanism))];
  const found = cases.filter((entry) => entry.mechanism === mechanism);
  return found.length > 0 ? found : `the pack has no case of ${JSON.stringify(mechanism)}, but of ${known.join(", ")}`;
}

function show(cases: readonly ConformanceCase[], port: ConsolePort): ExitCode {
  for (const { book, name, about, source } of cases) {
    port.err(`${name}: ${about}${source === null ? "" : `\nfigures: ${source}`}\n`);
    port.out(book);
  }
  return EXIT_CODE.ok;
}

function list(cases: readonly ConformanceCase[], json: boolean, port: ConsolePort): ExitCode {
  const rows = cases.map(({ name, mechanism, answer, about, source }) => ({ name, mechanism, answer, about, source }));
  if (json) port.out(`${JSON.stringify({ cases: rows }, null, 2)}\n`);
  else for (const { name, about } of rows) port.out(`${name}: ${about}\n`);
  return EXIT_CODE.ok;
}

/** Runs a few engines at once; `null` after Ctrl-C. */
async function tryAll(
  cases: readonly ConformanceCase[],
  engine: string,
  { timeLimit, parallel, quiet }: ConformanceOptions,
  port: ConsolePort,
): Promise<readonly TriedCase[] | null> {
  const interruption = watchInterruption();
  const abort = new AbortController();
  const limits = { timeMs: Math.ceil(timeLimit * 1_000), signal: abort.signal };
  const progress = showProgress(cases.length, "cases", quiet ?? false, port);
  const tried = new Map<string, TriedCase>();
  const queue = [...cases];
  const work = async (): Promise<void> => {
    for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
      tried.set(entry.name, await tryCase(entry, (book) => runEngine(engine, book, limits)));
      progress.report(tried.size);
    }
  };
  const watch = setInterval(() => {
    void interruption.heard().then((isHeard) => {
      if (!isHeard) return;
      queue.length = 0;
      abort.abort();
    });
  }, 100);
  try {
    await Promise.all(Array.from({ length: parallel ?? Math.min(availableParallelism(), PARALLEL_MAX) }, work));
  } finally {
    clearInterval(watch);
    interruption.stop();
    progress.end();
  }
  if (abort.signal.aborted) return null;
  return cases.flatMap(({ name }) => tried.get(name) ?? []);
}

async function report(score: Score, { json, out }: ConformanceOptions, port: ConsolePort): Promise<ExitCode> {
  const document = `${JSON.stringify(score, null, 2)}\n`;
  if (out !== undefined) {
    try {
      await writeFile(out, document);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      port.err(`error: the report cannot be written to ${out}: ${reason}\n`);
      return EXIT_CODE.badInput;
    }
  }
  port.out(json === true ? document : scoreText(score));
  return score.holds ? EXIT_CODE.ok : EXIT_CODE.failed;
}
