/** Files that a scenario names: each is read once, hashed, and remembered for the manifest. */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { compareText, type Complaint, fail, ok, type Result } from "@micromarket/kernel";

/** One file that a run depends on. */
export interface InputFile {
  /** Relative to the scenario file's folder, with forward slashes. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** A file's text. */
export interface InputText {
  /** What its problems call it: the path from where the command was started. */
  readonly name: string;
  /** As in `InputFile`. */
  readonly path: string;
  readonly text: string;
}

/** Reads files next to a scenario. */
export interface InputStore {
  /** Reads the file at `path`, relative to the scenario's folder. */
  read(path: string): Result<InputText, Complaint>;
  /** Everything read so far, in order of path. */
  inputs(): readonly InputFile[];
}

/** A store for the scenario at `scenarioPath`. */
export function inputStore(scenarioPath: string): InputStore {
  const folder = dirname(scenarioPath);
  const inputs = new Map<string, InputFile>();
  return {
    read(path) {
      const name = resolve(path) === path ? path : join(folder, path);
      const bytes = readBytes(name);
      if (!bytes.ok) return bytes;
      const text = decodeUtf8(bytes.value);
      if (text === null) {
        const mend = "save it as UTF-8";
        return fail({ code: "FILE_NOT_UTF8", what: `${name} is no UTF-8 text`, mend });
      }
      const inputPath = relative(resolve(folder), resolve(name)).split(sep).join("/");
      const sha256 = createHash("sha256").update(bytes.value).digest("hex");
      inputs.set(inputPath, { path: inputPath, sha256, bytes: bytes.value.length });
      return ok({ name, path: inputPath, text });
    },
    inputs: () => [...inputs.values()].sort((a, b) => compareText(a.path, b.path)),
  };
}

function readBytes(name: string): Result<Buffer, Complaint> {
  try {
    if (statSync(name).isDirectory()) {
      return fail({ code: "FILE_IS_FOLDER", what: `${name} is a folder`, mend: "name a file in it" });
    }
    return ok(readFileSync(name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      const mend = `check the path; it is relative to the folder of the scenario file`;
      return fail({ code: "FILE_MISSING", what: `${name} does not exist`, mend });
    }
    const what = `${basename(name)} cannot be read (${code ?? String(error)})`;
    return fail({ code: "FILE_UNREADABLE", what, mend: "check its permissions" });
  }
}

/** The text without a byte order mark, or `null` where the bytes are no UTF-8. */
function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
