/** Where the counters' memory is kept: one small file, replaced as a whole. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Keeps one text. */
export interface MeterStore {
  /** `null`: there is none, or it cannot be read. */
  load(): string | null;
  /** Throws where it cannot be written. */
  save(text: string): void;
}

/** In the file `meters.json` of `folder`. */
export function openMeterFile(folder: string): MeterStore {
  const path = join(folder, "meters.json");
  return {
    load() {
      try {
        return readFileSync(path, "utf8");
      } catch {
        return null;
      }
    },
    save(text) {
      writeFileSync(`${path}.new`, text, { flush: true }); // a rename that outruns its text would leave an empty file
      renameSync(`${path}.new`, path);
    },
  };
}
