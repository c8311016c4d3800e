/**
 * The place of a result directory: what may be replaced there, and how, so that a reader never sees half a result.
 *
 * Work goes on in a sibling with a name of its own and is renamed into place. Only an empty folder and a folder that
 * holds nothing but an earlier result are ever replaced.
 */
import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type Complaint, fail, ok, type Result } from "@micromarket/kernel";

/** The name of the file that makes a folder a result. */
export const MANIFEST_FILE = "manifest.json";
/** What its member `format` says. */
export const MANIFEST_FORMAT = "micromarket-results/1";

/** A place that is being filled. */
export interface ResultTarget {
  /** The folder to write into. */
  readonly work: string;
  /** Moves the work into place. A complaint leaves the place as it was and the work where it is. */
  commit(): Complaint | null;
  /** Removes the work and whatever was made for it. */
  discard(): void;
}

/** Prepares `out`; a complaint where something stands there that is not ours to replace. */
export function openTarget(out: string): Result<ResultTarget, Complaint> {
  const target = existsSync(out) ? realpathSync(out) : resolve(out);
  const refusal = refuseTarget(target);
  if (refusal !== null) return fail(refusal);
  const parent = dirname(target);
  try {
    const created = mkdirSync(parent, { recursive: true });
    const work = join(parent, `.${basename(target)}.partial-${randomBytes(6).toString("hex")}`);
    mkdirSync(work);
    return ok({
      work,
      commit: () => moveIntoPlace(work, target),
      discard() {
        rmSync(work, { recursive: true, force: true });
        if (created !== undefined) removeEmpty(parent, created);
      },
    });
  } catch (error) {
    return fail({
      code: "OUT_UNWRITABLE",
      what: `nothing can be written at ${out} (${reasonOf(error)})`,
      mend: "choose another folder",
    });
  }
}

function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

/** Why `target` must not be replaced, or `null`. */
function refuseTarget(target: string): Complaint | null {
  const mend = "choose another folder, or move it away";
  if (!existsSync(target)) return null;
  if (!statSync(target).isDirectory()) return { code: "OUT_IS_FILE", what: `${target} is a file`, mend };
  const entries = readdirSync(target);
  if (entries.length === 0) return null;
  const own = ownFiles(join(target, MANIFEST_FILE));
  if (own === null) return { code: "OUT_NOT_OURS", what: `${target} holds files and is no earlier result`, mend };
  const foreign = entries.filter((entry) => !own.includes(entry));
  if (foreign.length === 0) return null;
  const what = `${target} holds files beside an earlier result: ${foreign.slice(0, 5).join(", ")}`;
  return { code: "OUT_HOLDS_OTHERS", what, mend: "move them away, or choose another folder" };
}

/** The files that a manifest lists, itself included; `null` where it is no manifest of ours. */
function ownFiles(manifest: string): readonly string[] | null {
  try {
    const { format, outputs } = JSON.parse(readFileSync(manifest, "utf8")) as { format?: unknown; outputs?: unknown };
    if (format !== MANIFEST_FORMAT || !Array.isArray(outputs)) return null;
    return [MANIFEST_FILE, ...outputs.map((output) => String((output as { file?: unknown }).file))];
  } catch {
    return null;
  }
}

function moveIntoPlace(work: string, target: string): Complaint | null {
  const refusal = refuseTarget(target); // it may have changed while the work went on
  if (refusal !== null) return refusal;
  if (!existsSync(target)) {
    renameSync(work, target);
    return null;
  }
  const aside = `${work}.old`;
  renameSync(target, aside);
  try {
    renameSync(work, target);
  } catch (error) {
    renameSync(aside, target);
    throw error;
  }
  rmSync(aside, { recursive: true, force: true });
  return null;
}

/** Removes `folder` and its parents up to `top`, as long as they are empty. */
function removeEmpty(folder: string, top: string): void {
  try {
    rmdirSync(folder);
    if (folder !== top) removeEmpty(dirname(folder), top);
  } catch {
    // somebody else put something there in the meantime
  }
}
