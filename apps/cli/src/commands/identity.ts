/** `micromarket identity show` and `new`: the public side of a key file, and new ones. */
import { existsSync } from "node:fs";
import { failureOfKey } from "@micromarket/gateway";
import { openKeyFile } from "@micromarket/identity-node";
import type { Complaint } from "@micromarket/kernel";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { refuse } from "../input.ts";

/** Options of both. */
export interface IdentityOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Exit 3 where there is no key, or others may read it. */
export function identityShow(file: string, options: IdentityOptions, port: ConsolePort): ExitCode {
  if (existsSync(file)) return tellKey(file, options, port);
  const complaint = { code: "KEY_FILE_MISSING", what: "does not exist", mend: "check the path" };
  return refuseFile(file, complaint, options, port);
}

/** Exit 1 where something is there already. */
export function identityNew(file: string, options: IdentityOptions, port: ConsolePort): ExitCode {
  if (!existsSync(file)) return tellKey(file, options, port);
  const mend = "name another file: a key that is lost cannot be made again";
  refuseFile(file, { code: "FILE_EXISTS", what: "is there already", mend }, options, port);
  return EXIT_CODE.failed;
}

function tellKey(file: string, options: IdentityOptions, port: ConsolePort): ExitCode {
  const signer = openKeyFile(file);
  if (!signer.ok) return refuseFile(file, failureOfKey(signer.error), options, port);
  const { did } = signer.value.key;
  port.out(options.json === true ? `${JSON.stringify({ file, did })}\n` : `${did}\n`);
  return EXIT_CODE.ok;
}

function refuseFile(
  file: string,
  complaint: Complaint,
  { json = false }: IdentityOptions,
  port: ConsolePort,
): ExitCode {
  return refuse([{ file, line: 1, column: 1, ...complaint }], json, port);
}
