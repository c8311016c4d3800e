/** Files that are there, whole and under their name, after a power cut. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync } from "node:fs";
import { dirname } from "node:path";

/** Writes what the operating system still holds of the file, or folder, at `path` to the disk. */
export function flush(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Gives the file at `from` the name `to` in the same folder, in place of what has that name, at once and for good. */
export function putInPlace(from: string, to: string): void {
  flush(from);
  renameSync(from, to);
  flush(dirname(to));
}

/** The files beside a database that belong to it, as far as they are there. */
export function companions(path: string): readonly string[] {
  return ["-wal", "-shm", "-journal"].map((suffix) => `${path}${suffix}`).filter((file) => existsSync(file));
}
