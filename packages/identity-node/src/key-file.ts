/**
 * The file of a secret key: made on the first start, readable by its owner alone. It appears whole or not at all, and an
 * existing one is never written over.
 */
import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { signerOf, type Signer } from "@micromarket/identity";
import { fail, ok, type Result } from "@micromarket/kernel";

/** Why there is no key, and what to do about it. */
export type KeyFileRefusal =
  | { readonly code: "KEY_FILE_OPEN_TO_OTHERS"; readonly path: string; readonly mode: string; readonly mend: string }
  | { readonly code: "KEY_FILE_MALFORMED"; readonly path: string; readonly mend: string }
  | { readonly code: "KEY_FILE_UNREADABLE" | "KEY_FILE_NOT_MADE"; readonly path: string; readonly reason: string };

const OWNER_ALONE = 0o600;
const HEADER = "micromarket secp256k1 secret key v1 ";
const PATTERN = /^micromarket secp256k1 secret key v1 ([0-9a-f]{64})\n$/;
/** A drawn secret is no scalar of the curve once in 2^128 draws. */
const DRAWS_MAX = 3;

/** The signer whose secret lies at `path`, drawn there if nothing does. */
export function openKeyFile(path: string): Result<Signer, KeyFileRefusal> {
  const found = readKeyFile(path);
  if (found !== null) return found;
  try {
    makeKeyFile(path);
  } catch (error) {
    return fail({ code: "KEY_FILE_NOT_MADE", path, reason: String(error) });
  }
  return readKeyFile(path) ?? fail({ code: "KEY_FILE_UNREADABLE", path, reason: "it vanished" });
}

/** `null` where there is no file. */
function readKeyFile(path: string): Result<Signer, KeyFileRefusal> | null {
  try {
    const file = openSync(path, "r");
    try {
      const mode = fstatSync(file).mode & 0o777;
      if ((mode & 0o077) !== 0) return fail(openToOthers(path, mode));
      return signerOfText(path, readFileSync(file, "utf8"));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    return fail({ code: "KEY_FILE_UNREADABLE", path, reason: String(error) });
  }
}

function openToOthers(path: string, mode: number): KeyFileRefusal {
  const mend = `chmod 600 ${path}, and replace the key if others may have read it`;
  return { code: "KEY_FILE_OPEN_TO_OTHERS", path, mode: mode.toString(8), mend };
}

function signerOfText(path: string, text: string): Result<Signer, KeyFileRefusal> {
  const [, hex] = PATTERN.exec(text) ?? [];
  const signer = hex === undefined ? null : trySigner(Buffer.from(hex, "hex"));
  if (signer !== null) return ok(signer);
  return fail({ code: "KEY_FILE_MALFORMED", path, mend: "restore it from a backup, or move it away to get a new key" });
}

function trySigner(secret: Uint8Array): Signer | null {
  try {
    return signerOf(secret);
  } catch {
    return null;
  }
}

function makeKeyFile(path: string): void {
  const draft = `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;
  const file = openSync(draft, "wx", OWNER_ALONE);
  try {
    writeSync(file, `${HEADER}${drawSecret().toString("hex")}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // somebody else was first: theirs counts
  } finally {
    unlinkSync(draft);
  }
  syncFolder(dirname(path));
}

function drawSecret(): Buffer {
  for (let draw = 0; draw < DRAWS_MAX; draw++) {
    const secret = randomBytes(32);
    if (trySigner(secret) !== null) return secret;
  }
  throw new Error("the random numbers of this machine are broken");
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
