/**
 * What has to be known of controlled devices after a kill: what was found before the first write, and what was written.
 * One small file, replaced as a whole and flushed before a frame goes out that depends on it.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalText, decodeCanonical, decodeList, decodePair, decodeText } from "@micromarket/kernel";

/** Keeps the controllers' texts by the path of what they control. */
export interface ControlMemory {
  /** `null`: nothing is known of it. */
  recall(path: string): string | null;
  /** Durable when it returns. Throws where it cannot be written. */
  keep(path: string, text: string): void;
}

/** A memory that could not be read: its devices may hold values of ours that nobody remembers. */
export class ControlMemoryFailure extends Error {}

/** In the file `controls.json` of `folder`. Throws a `ControlMemoryFailure` where there is one that cannot be read. */
export function openControlMemory(folder: string): ControlMemory {
  const file = join(folder, "controls.json");
  const texts = new Map(load(file));
  return {
    recall: (path) => texts.get(path) ?? null,
    keep(path, text) {
      texts.set(path, text);
      writeFileSync(`${file}.new`, canonicalText([...texts]), { flush: true });
      renameSync(`${file}.new`, file);
      flushFolder(folder);
    },
  };
}

/** A new name is durable once its folder is. */
function flushFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

const decodeTexts = decodeList(decodePair(decodeText, decodeText));

function load(file: string): readonly (readonly [string, string])[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new ControlMemoryFailure(`${file} cannot be read (${String(error)})`);
  }
  const decoded = decodeCanonical(text, decodeTexts, (pairs) =>
    canonicalText(pairs.map(([path, kept]) => [path, kept])),
  );
  if (decoded.ok) return decoded.value;
  throw new ControlMemoryFailure(`${file} is damaged`);
}
