/** What one gateway needs of the machine: its folder, its journal, its port. Nothing is written or made. */
import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { JournalFailure, openNode } from "@micromarket/engine";
import { failureOfKey, foundingRules, journalPath, keyPath, type GatewayConfig } from "@micromarket/gateway";
import { openKeyFile, sha256ByOpenssl, verifyByOpenssl } from "@micromarket/identity-node";
import { isJournalInUse, readSqliteJournal } from "@micromarket/store-sqlite";
import { failing, warning, well, type Finding } from "./finding.ts";

const MB = 1_000_000;
const FREE_MB_LEAST = 100;
const FREE_MB_WELL = 1_000;
const BUSY_TIMEOUT_MS = 200;

/** Whether the data folder is there, or can be made, and may be written to. */
export function examineFolder({ dataDirectory }: GatewayConfig): Finding {
  const place = nearestPresent(dataDirectory);
  const mend = "give the gateway's user write access, or name another folder under data:";
  if (!statSync(place).isDirectory()) return failing("DATA_FOLDER", `${place} is no folder`, mend);
  try {
    accessSync(place, constants.W_OK | constants.X_OK);
  } catch {
    return failing("DATA_FOLDER", `${place} cannot be written to`, mend);
  }
  const isThere = place === dataDirectory;
  return well(
    "DATA_FOLDER",
    isThere ? `${place} can be written to` : `${dataDirectory} can be made at the first start`,
  );
}

/** Whether there is room. `freeMb` is how many megabytes its file system has left. */
export function examineSpace({ dataDirectory }: GatewayConfig, freeMb = freeMbAt(dataDirectory)): Finding {
  const what = `${Math.floor(freeMb)} MB are free for ${dataDirectory}`;
  if (freeMb >= FREE_MB_WELL) return well("DISK_SPACE", what);
  const judge = freeMb < FREE_MB_LEAST ? failing : warning;
  return judge("DISK_SPACE", what, "free some space: without it the journal takes no entry and trading stops");
}

/** Whether the secret key is there where it has to be, and nobody else may read it. None is made. */
export function examineKey(config: GatewayConfig): Finding {
  const path = keyPath(config);
  if (existsSync(path)) {
    const signer = openKeyFile(path);
    if (signer.ok) return well("KEY", `${path} is its owner's alone`);
    const { what, mend } = failureOfKey(signer.error);
    return failing("KEY", what, mend);
  }
  if (!existsSync(journalPath(config))) return well("KEY", "there is none yet; the first start draws it");
  const mend = "restore it from a backup; a market that was founded without signatures gets one at the next start";
  return warning("KEY", `${path} is not there, and the journal is`, mend);
}

/** Verifies the whole journal as it is now, without changing it, also while a gateway has it open. */
export function examineJournal(config: GatewayConfig): Finding & { readonly isOpen: boolean } {
  const path = journalPath(config);
  if (!existsSync(path)) return { ...well("JOURNAL", "there is none yet; the first start founds it"), isOpen: false };
  try {
    const isOpen = isJournalInUse(path);
    const journal = readSqliteJournal(path, { busyTimeoutMs: BUSY_TIMEOUT_MS });
    try {
      const libraries = { sha256: sha256ByOpenssl, verify: verifyByOpenssl };
      const opened = openNode(foundingRules(config.rules, journal, null), journal, libraries);
      const finding = opened.ok
        ? well(
            "JOURNAL",
            `${opened.value.head.sequence} entries, the chain holds${isOpen ? "; a gateway has it open" : ""}`,
          )
        : failing("JOURNAL", ...complaintOf(opened.error.code, path));
      return { ...finding, isOpen };
    } finally {
      journal.close();
    }
  } catch (error) {
    if (!(error instanceof JournalFailure)) throw error;
    return { ...failing("JOURNAL", error.what, error.mend), isOpen: false };
  }
}

function complaintOf(code: string, path: string): [what: string, mend: string] {
  if (code === "FOUNDING_RULES_DIFFER") {
    const what = `${path} was founded on other rules than slot, market and supplier limits of the file say`;
    return [what, "write them as they were, or name another folder under data:"];
  }
  return [`${path} cannot be followed (${code})`, "keep the folder for study, then restore a backup"];
}

/** Whether the page's port is free; `isRunning`: a gateway has the journal open, and so, it seems, the port. */
export function examinePort({ http: { host, port } }: GatewayConfig, isRunning: boolean): Promise<Finding> {
  if (port === 0) return Promise.resolve(well("PORT", "any free port will do"));
  return new Promise((answer) => {
    const server = createServer();
    server.once("error", ({ code }: NodeJS.ErrnoException) => {
      const isTaken = code === "EADDRINUSE";
      if (isTaken && isRunning)
        return answer(well("PORT", `port ${port} is in use, by the gateway that runs as it seems`));
      const what = isTaken
        ? `port ${port} of ${host} is in use`
        : `port ${port} of ${host} cannot be used (${code ?? ""})`;
      const mend = isTaken ? "stop the program that has it, or change http.port" : "change http.host or http.port";
      return answer(failing("PORT", what, mend));
    });
    server.listen({ host, port }, () => server.close(() => answer(well("PORT", `port ${port} of ${host} is free`))));
  });
}

function nearestPresent(folder: string): string {
  return existsSync(folder) ? folder : nearestPresent(dirname(folder));
}

function freeMbAt(folder: string): number {
  const { bavail, bsize } = statfsSync(nearestPresent(folder));
  return (bavail * bsize) / MB;
}
