/**
 * The demo's data folder: which street it holds, how far market time came, and whether a demo runs on it.
 *
 * Invariants: a folder holds one street for ever; nothing that the demo did not make is touched; the file that says what
 * the folder is comes first and is replaced as a whole.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { JournalFailure } from "@micromarket/engine";
import {
  fail,
  formatInstant,
  greatest,
  instantMs,
  ok,
  parseInstant,
  type InstantMs,
  type Result,
  type Complaint,
} from "@micromarket/kernel";
import { openSqliteJournal } from "@micromarket/store-sqlite";

/** Which street a folder holds. */
export interface DemoStreet {
  readonly homes: number;
  readonly seed: number;
  /** Market time at which it began. */
  readonly epoch: InstantMs;
}

/** A folder that a demo may run on. */
export interface DemoFolder {
  readonly path: string;
  readonly street: DemoStreet;
  /** How far market time came. */
  readonly marketTime: InstantMs;
  /** Whether there is something to go on from. */
  readonly goesOn: boolean;
  noteMarketTime(at: InstantMs): void;
  /** What the simulated devices remember; `undefined`: nothing is kept. */
  recallDevices(): string | undefined;
  keepDevices(text: string): void;
  /** Says to a second demo where this one is. */
  noteAddress(url: string): void;
  forgetAddress(): void;
}

/** What was asked for; what is left open is as the folder has it, or as `fresh` says. */
export interface DemoWish {
  readonly homes?: number;
  readonly seed?: number;
  /** Takes away what an earlier demo left. */
  readonly reset?: boolean;
}

const FILE = "demo.json";
const ADDRESS = "running.json";
const DEVICES = "devices.json";
const JOURNAL = "journal.sqlite";
/** Names that a demo, or its gateway, gives to its files. */
const OURS = new RegExp(
  `^(?:${[
    String.raw`demo\.json`,
    String.raw`running\.json`,
    String.raw`journal\.sqlite(?:-wal|-shm|-journal|-lock)?`,
    String.raw`orders\.sqlite(?:-wal|-shm|-journal|-set-aside)?`,
    String.raw`(?:meters|controls|devices)\.json`,
    String.raw`(?:go-e|sunspec-storage|sunspec-inverter)-simulated\.yaml`,
    String.raw`gateway\.(?:yaml|schema\.json|log|key)`,
  ].join("|")})(?:\\.new|\\.1|\\.\\d+-[0-9a-f]{8})?$`,
);

/** Opens the folder at `path`, and makes it where it is not there. Refuses in this order: foreign, in use, unlike. */
export function openDemoFolder(path: string, wish: DemoWish, fresh: DemoStreet): Result<DemoFolder, Complaint> {
  try {
    mkdirSync(path, { recursive: true });
    const strange = readdirSync(path).find((name) => !OURS.test(name));
    const isOurs = existsSync(join(path, FILE));
    if (!isOurs && (strange !== undefined || existsSync(join(path, JOURNAL)))) return fail(foreign(path, strange));
    const running = complaintOfUse(path);
    if (running !== null) return fail(running);
    if (wish.reset === true && isOurs) removeOurs(path);
    return openStreet(path, wish, fresh);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what = `the data folder ${path} cannot be used (${code ?? message})`;
    return fail({ code: "DATA_FOLDER_UNUSABLE", what, mend: "check its permissions, or name another with --data" });
  }
}

function foreign(path: string, name = JOURNAL): Complaint {
  const what = `${path} holds ${name}, which no demo made`;
  return { code: "DATA_FOLDER_FOREIGN", what, mend: "name a new or empty folder with --data" };
}

function removeOurs(path: string): void {
  const names = readdirSync(path).filter((name) => OURS.test(name) && name !== FILE);
  for (const name of [...names, FILE]) rmSync(join(path, name), { force: true }); // what says whose they are goes last
}

function openStreet(path: string, wish: DemoWish, fresh: DemoStreet): Result<DemoFolder, Complaint> {
  const [file, devices] = [join(path, FILE), join(path, DEVICES)];
  const founded: DemoStreet = { ...fresh, homes: wish.homes ?? fresh.homes, seed: wish.seed ?? fresh.seed };
  const text = existsSync(file) ? readFileSync(file, "utf8") : null;
  const kept = text === null ? { ...founded, marketTime: founded.epoch } : readRecord(text);
  if (kept === null) {
    const mend = "start with --reset to begin anew, or name another folder with --data";
    return fail({ code: "DATA_FOLDER_UNREADABLE", what: `${file} is no demo's description`, mend });
  }
  const unlike = complaintOfStreet(path, kept, wish);
  if (unlike !== null) return fail(unlike);
  let { marketTime } = kept;
  const save = (): void => replaceFile(file, recordText(kept, marketTime));
  save();
  return ok({
    ...{ path, street: kept, marketTime, goesOn: existsSync(join(path, JOURNAL)) },
    noteMarketTime(at) {
      marketTime = greatest(marketTime, at);
      save();
    },
    recallDevices: () => (existsSync(devices) ? readFileSync(devices, "utf8") : undefined),
    keepDevices: (memory) => replaceFile(devices, memory),
    noteAddress: (url) => replaceFile(join(path, ADDRESS), `${JSON.stringify({ pid: process.pid, url })}\n`),
    forgetAddress: () => rmSync(join(path, ADDRESS), { force: true }),
  });
}

function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

function recordText({ homes, seed, epoch }: DemoStreet, marketTime: InstantMs): string {
  const record = { homes, seed, epoch: formatInstant(epoch), marketTime: formatInstant(marketTime) };
  return `${JSON.stringify(record, null, 2)}\n`;
}

function readRecord(text: string): (DemoStreet & { readonly marketTime: InstantMs }) | null {
  try {
    const { homes, seed, epoch, marketTime } = JSON.parse(text) as Record<string, unknown>;
    const [began, came] = [parseInstant(String(epoch)), parseInstant(String(marketTime))];
    if (!Number.isSafeInteger(homes) || !Number.isSafeInteger(seed) || !began.ok || !came.ok) return null;
    return {
      homes: Number(homes),
      seed: Number(seed),
      epoch: instantMs(began.value),
      marketTime: instantMs(came.value),
    };
  } catch {
    return null;
  }
}

/** Two streets in one journal would be none. */
function complaintOfStreet(path: string, { homes, seed }: DemoStreet, wish: DemoWish): Complaint | null {
  const differences = [
    ...(wish.homes === undefined || wish.homes === homes ? [] : [`${homes} homes, not ${wish.homes}`]),
    ...(wish.seed === undefined || wish.seed === seed ? [] : [`seed ${seed}, not ${wish.seed}`]),
  ];
  if (differences.length === 0) return null;
  const what = `${path} holds a street of ${differences.join(" and ")}`;
  const mend = "leave --homes and --seed away to go on with it, add --reset to begin anew, or name another --data";
  return { code: "DATA_FOLDER_OTHER_STREET", what, mend };
}

/** The lock on the journal is the operating system's: it is gone with the process that held it, however that ended. */
function complaintOfUse(path: string): Complaint | null {
  const journal = join(path, JOURNAL);
  if (!existsSync(journal)) return null;
  try {
    openSqliteJournal(journal, { busyTimeoutMs: 0 }).close();
    return null;
  } catch (failure) {
    if (!(failure instanceof JournalFailure) || failure.code !== "JOURNAL_IN_USE") return null; // the gateway says it better
    const { pid, url } = addressIn(path);
    const where = url === undefined ? "" : ` at ${url}`;
    const what = `a demo already runs on ${path}${where}`;
    const stop = pid === undefined ? "stop it" : `stop it with Ctrl-C there or kill ${pid}`;
    return { code: "DEMO_RUNS", what, mend: `open its page, ${stop}, or start another with --data and --port` };
  }
}

function addressIn(path: string): { readonly pid?: number; readonly url?: string } {
  try {
    return JSON.parse(readFileSync(join(path, ADDRESS), "utf8")) as { pid: number; url: string };
  } catch {
    return {};
  }
}
