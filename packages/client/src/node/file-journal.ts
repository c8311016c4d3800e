/**
 * The order journal as a file: a line of JSON for each record, flushed to the disk before it counts.
 *
 * Invariants: what `append` settled for is there after a crash; appends that come together are flushed together; a last line
 * that was cut off is no record, and is cut away; another file takes the whole one's place at once.
 */
import { open, readFile, rename, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import type { JournalRecord, OrderJournal } from "../orders/order-journal.ts";

/** A journal that cannot be read: a line in the middle is no record. */
export class JournalUnreadable extends Error {
  override readonly name = "JournalUnreadable";
}

interface Append {
  readonly text: string;
  readonly settle: (error: Error | null) => void;
}

/** Opens the journal at `path`; makes it where nothing is. One program at a time. */
export async function fileJournal(path: string): Promise<OrderJournal> {
  const journal = new FileJournal(path);
  await journal.open();
  return journal;
}

class FileJournal implements OrderJournal {
  readonly #path: string;
  #file: FileHandle | null = null;
  #waiting: Append[] = [];
  #writing: Promise<void> = Promise.resolve();
  #failure: Error | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  async open(): Promise<void> {
    this.#file = await open(this.#path, "a+", 0o600);
    const { text, whole } = await this.#read();
    if (whole < text.length) await this.#file.truncate(Buffer.byteLength(text.slice(0, whole)));
    await flushFolder(this.#path);
  }

  async load(): Promise<readonly JournalRecord[]> {
    const { text, whole } = await this.#read();
    return text
      .slice(0, whole)
      .split("\n")
      .filter((line) => line !== "")
      .map((line, index) => recordOf(line, `${this.#path}:${index + 1}`));
  }

  append(records: readonly JournalRecord[]): Promise<void> {
    if (this.#failure !== null) return Promise.reject(new Error("the journal has failed", { cause: this.#failure }));
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join("");
    return new Promise((resolve, reject) => {
      const settle = (error: Error | null): void => {
        if (error === null) resolve();
        else reject(error);
      };
      this.#waiting.push({ text, settle });
      if (this.#waiting.length === 1) this.#writing = this.#writing.then(() => this.#writeWaiting());
    });
  }

  replace(records: readonly JournalRecord[]): Promise<void> {
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join("");
    const done = this.#writing.then(() => this.#replaceBy(text));
    this.#writing = done.catch((error: unknown) => void (this.#failure = errorOf(error)));
    return done;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    this.#file = null;
  }

  async #read(): Promise<{ readonly text: string; readonly whole: number }> {
    const text = await readFile(this.#path, "utf8");
    return { text, whole: text.lastIndexOf("\n") + 1 };
  }

  /** All that waits is one write and one flush. */
  async #writeWaiting(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      if (this.#failure !== null) throw this.#failure;
      await this.#file?.appendFile(batch.map(({ text }) => text).join(""));
      await this.#file?.datasync();
      for (const { settle } of batch) settle(null);
    } catch (thrown) {
      const error = errorOf(thrown);
      this.#failure = error; // what the disk has of it is not known: nothing more is written behind it
      for (const { settle } of batch) settle(error);
    }
  }

  async #replaceBy(text: string): Promise<void> {
    const beside = `${this.#path}.new`;
    const file = await open(beside, "w", 0o600);
    await file.writeFile(text);
    await file.sync();
    await file.close();
    await rename(beside, this.#path);
    await flushFolder(this.#path);
    await this.#file?.close();
    this.#file = await open(this.#path, "a", 0o600);
  }
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error("the journal cannot be written", { cause: thrown });
}

function recordOf(line: string, place: string): JournalRecord {
  try {
    const record: unknown = JSON.parse(line);
    if (typeof record === "object" && record !== null && "kind" in record) return record as JournalRecord;
  } catch {
    // told below
  }
  throw new JournalUnreadable(`${place}: no record: restore the file, or move it away and ask the market what stands`);
}

/** A name in a folder lasts when the folder is flushed. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
