/** Which program made a result: its version and, in a checkout, the commit. */
import { execFileSync } from "node:child_process";

/** The program. Commit and flag are `null` outside a checkout of its own. */
export interface ProgramIdentity {
  readonly version: string;
  readonly commit: string | null;
  /** Whether a tracked file differs from the commit. */
  readonly dirty: boolean | null;
}

/**
 * Asks git about the program in `directory`. A directory that only lies inside somebody else's checkout (an installed
 * copy under `node_modules`) is no checkout of the program: its `package.json` must be tracked.
 */
export function programIdentity(version: string, directory: string): ProgramIdentity {
  const isOwn = git(directory, ["ls-files", "--error-unmatch", "package.json"]) !== null;
  const commit = isOwn ? git(directory, ["rev-parse", "--verify", "HEAD"]) : null;
  if (commit === null) return { version, commit: null, dirty: null };
  // Untracked files are left out: the results of one run must not change the manifest of the next.
  const changes = git(directory, ["status", "--porcelain", "--untracked-files=no"]);
  return { version, commit, dirty: changes === null ? null : changes !== "" };
}

/** What git answers, or `null` where there is no git, no repository, or a failure. */
function git(directory: string, parameters: readonly string[]): string | null {
  const environment = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  const env = Object.fromEntries(environment);
  try {
    const answer = execFileSync("git", parameters, {
      cwd: directory,
      env,
      stdio: ["ignore", "pipe", "ignore"],
      encoding: "utf8",
    });
    return answer.trim();
  } catch {
    return null;
  }
}
