/** `micromarket audit`: checks any engine's result against the book. */
import { auditFiles } from "@micromarket/data-files";
import { describeFinding } from "@micromarket/market";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { readInput, refuse } from "../input.ts";

/** Options of `micromarket audit`. */
export interface AuditOptions {
  readonly mechanism?: string;
  readonly strict?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Prints what does not hold, one finding a line; exit 1 when there is any. */
export async function audit(
  bookPath: string,
  resultPath: string,
  options: AuditOptions,
  port: ConsolePort,
): Promise<ExitCode> {
  const json = options.json ?? false;
  if (bookPath === "-" && resultPath === "-") {
    port.err("error: book and result cannot both come from standard input; name a file for one of them\n");
    return EXIT_CODE.usage;
  }
  const [bookInput, resultInput] = [await readInput(bookPath, port), await readInput(resultPath, port)];
  if ("code" in bookInput) return refuse([bookInput], json, port);
  if ("code" in resultInput) return refuse([resultInput], json, port);
  const { strict = false, mechanism } = options;
  const audited = auditFiles(bookInput, resultInput, { strict, mechanism });
  if (!audited.ok) return refuse(audited.error, json, port);
  const findings = audited.value;
  if (json) {
    port.out(`${JSON.stringify({ ok: findings.length === 0, findings }, null, 2)}\n`);
  } else {
    for (const finding of findings) port.out(`${describeFinding(finding)}\n`);
    if (findings.length === 0 && options.quiet !== true) port.out("nothing found: the result holds\n");
  }
  return findings.length === 0 ? EXIT_CODE.ok : EXIT_CODE.failed;
}
