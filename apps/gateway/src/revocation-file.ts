/**
 * Who was revoked, in a file of the data folder: it appears whole or not at all, and is on the disk before a revocation is
 * answered. A file that cannot be read ends the start: nobody is let in by a guess.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Revocation, RevocationStore } from "@micromarket/api-http";
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { instantMs } from "@micromarket/kernel";

const RevocationFile = Type.Object({
  version: Type.Literal(1),
  revoked: Type.Array(
    Type.Object({ id: Type.String({ minLength: 1 }), at_ms: Type.Integer({ minimum: 0 }), by: Type.String() }),
  ),
});

/** The file is there, and does not say who was revoked. */
export class RevocationsUnreadable extends Error {}

/** Revocations in the file at `path`; none where there is no file. */
export function revocationFile(path: string): RevocationStore {
  return { load: () => load(path), save: (revocations) => save(path, revocations) };
}

function load(path: string): readonly Revocation[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new RevocationsUnreadable(`${path} cannot be read: ${String(error)}`);
  }
  const file = parse(text);
  if (!Value.Check(RevocationFile, file)) throw new RevocationsUnreadable(`${path} does not say who was revoked`);
  return file.revoked.map(({ id, at_ms: at, by }) => ({ id, at: instantMs(at), by }));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function save(path: string, revocations: readonly Revocation[]): void {
  const revoked = revocations.map(({ id, at, by }) => ({ id, at_ms: at, by }));
  const draft = `${path}.new`;
  const file = openSync(draft, "w", 0o600);
  try {
    writeSync(file, `${JSON.stringify({ version: 1, revoked }, null, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
