/** What becomes of the journal in time: `backup` and `retention`. */
import { resolve } from "node:path";
import { complain, readDuration } from "@micromarket/data-files";
import type { GatewayReading } from "./clock-section.ts";
import type { JournalConfig } from "./gateway-config.ts";

const DEFAULT_EVERY = "1d";
const DEFAULT_KEEP = 7;
/** What page, forecasts and settlement look back at. */
const RETENTION_DAYS_MIN = 8;

/** Reads both; neither is there by default. */
export function readJournal(reading: GatewayReading): JournalConfig | null {
  const { backup, retention } = reading.file;
  const everyMs: number = readDuration(backup?.every ?? DEFAULT_EVERY);
  if (everyMs <= 0) {
    const complaint = { code: "BACKUP_UNFIT", what: "a backup every 0", mend: "write a length such as 1h or 1d" };
    return complain(reading, ["backup", "every"], complaint);
  }
  const retentionMs: number | null = retention === undefined ? null : readDuration(retention);
  if (retentionMs !== null && retentionMs < RETENTION_DAYS_MIN * 86_400_000) {
    const what = `${retention ?? ""} is less than page, forecasts and settlement look back at`;
    const mend = `write at least ${RETENTION_DAYS_MIN}d; what the law wants to be kept may be years`;
    return complain(reading, ["retention"], { code: "RETENTION_SHORT", what, mend });
  }
  if (backup === undefined) return { backup: null, retentionMs };
  const { directory, keep = DEFAULT_KEEP } = backup;
  return { backup: { directory: resolve(reading.folder, directory), everyMs, keep }, retentionMs };
}
