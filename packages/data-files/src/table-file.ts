/** A CSV file that is written row by row, with its hash at the end. Nothing but a chunk of rows is kept. */
import { createHash } from "node:crypto";
import { closeSync, fsyncSync, openSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { stringify } from "csv-stringify/sync";

/** A cell: `null` is an empty one. */
export type Cell = string | number | bigint | null;

/** A file of a result directory. */
export interface OutputFile {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** A file that grows. */
export interface TableFile {
  /** As many cells as there are columns. */
  add(row: readonly Cell[]): void;
  /** Writes what is left and closes the file. */
  close(): OutputFile;
  /** Closes the file as it is. */
  drop(): void;
}

const CHUNK_ROWS = 1_000;

/** Creates the file at `path` with a header of `columns`. */
export function openTable(path: string, columns: readonly string[]): TableFile {
  const file = openSync(path, "wx");
  const hash = createHash("sha256");
  let bytes = 0;
  let rows: (readonly string[])[] = [columns];
  const flush = (): void => {
    const chunk = Buffer.from(stringify(rows));
    rows = [];
    writeFileSync(file, chunk);
    hash.update(chunk);
    bytes += chunk.length;
  };
  return {
    add(row) {
      rows.push(row.map((cell) => (cell === null ? "" : String(cell))));
      if (rows.length >= CHUNK_ROWS) flush();
    },
    close() {
      if (rows.length > 0) flush();
      fsyncSync(file);
      closeSync(file);
      return { file: basename(path), sha256: hash.digest("hex"), bytes };
    },
    drop: () => {
      closeSync(file);
    },
  };
}

/** Writes a whole text file. */
export function writeTextFile(path: string, text: string): OutputFile {
  const bytes = Buffer.from(text);
  writeFileSync(path, bytes, { flag: "wx", flush: true });
  return { file: basename(path), sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length };
}
