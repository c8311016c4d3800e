/** The machine and the installation: what holds for every gateway on it. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClockConfig, ClockHealth } from "@micromarket/gateway";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import { failing, warning, well, type Finding } from "./finding.ts";

const NODE_LEAST = { major: 20, minor: 19 };

/** Whether `version` (as in `process.versions.node`) is new enough. */
export function examineNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isNewEnough = major > NODE_LEAST.major || (major === NODE_LEAST.major && minor >= NODE_LEAST.minor);
  if (isNewEnough) return well("NODE_VERSION", `Node ${version}`);
  const least = `${NODE_LEAST.major}.${NODE_LEAST.minor}`;
  return failing("NODE_VERSION", `Node ${version} is older than ${least}`, "install a newer one: https://nodejs.org");
}

/** Founds a journal in a folder of its own, which goes again. `open` throws where the binding does not load. */
export function examineSqlite(open: (path: string) => { close(): void } = (path) => openSqliteJournal(path)): Finding {
  let folder: string | null = null;
  try {
    folder = mkdtempSync(join(tmpdir(), "micromarket-doctor-"));
    open(join(folder, "journal.sqlite")).close();
    return well("SQLITE_BINDING", "SQLite loads and writes");
  } catch (error) {
    const [what = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    const mend =
      "run `npm rebuild better-sqlite3` with this Node, and see that the folder for temporary files takes some";
    return failing("SQLITE_BINDING", `SQLite does not work: ${what}`, mend);
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether the page in `folder` was built. */
export function examinePage(folder: string): Finding {
  if (existsSync(join(folder, "index.html"))) return well("PAGE", "the page is built");
  return failing("PAGE", "the page is not built", "run `npm run page`");
}

/** Whether the machine's clock is right; a market that does not go by it does not need it. */
export async function examineClock(health: ClockHealth, config: ClockConfig | null): Promise<Finding> {
  if (config?.kind === "accelerated") return well("CLOCK", "market time is accelerated and needs no clock");
  const state = await health.check();
  if (state.kind === "synchronised") {
    const offset = state.offsetMs === null ? "" : `, off by ${Math.round(state.offsetMs)} ms`;
    return well("CLOCK", `the clock is synchronised${offset}`);
  }
  const what = `the clock is not known to be right: ${state.reason.split("; ")[0] ?? ""}`;
  const mend = "start chrony or systemd-timesyncd; where the system cannot tell, write clock: { trust: unchecked }";
  const isNeeded = config !== null && config.trust === "system";
  return (isNeeded ? failing : warning)("CLOCK", what, mend);
}
