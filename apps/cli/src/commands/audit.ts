/** `micromarket audit`: checks any engine's result against the book. */
import { formatDecimal } from "@micromarket/kernel";
import { readBookFile, readClaimFile } from "@micromarket/data-files";
import { auditUniform, describeFinding } from "@micromarket/market";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { readInput, refuse } from "../input.ts";

/** Options of `micromarket audit`. */
export interface AuditOptions {
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
  const bookFile = readBookFile(bookInput.text, bookInput.name);
  if (!bookFile.ok) return refuse(bookFile.error, json, port);
  const { book, scale } = bookFile.value;
  const claim = readClaimFile(resultInput.text, resultInput.name, bookFile.value);
  if (!claim.ok) return refuse(claim.error, json, port);

  const notation = { energy: decimal(scale), price: decimal(scale), amount: decimal(2 * scale) };
  const findings = auditUniform(book, claim.value, { strict: options.strict ?? false, notation });
  if (json) {
    port.out(`${JSON.stringify({ ok: findings.length === 0, findings }, null, 2)}\n`);
  } else {
    for (const finding of findings) port.out(`${describeFinding(finding)}\n`);
    if (findings.length === 0 && options.quiet !== true) port.out("nothing found: the result holds\n");
  }
  return findings.length === 0 ? EXIT_CODE.ok : EXIT_CODE.failed;
}

function decimal(digits: number): (value: bigint) => string {
  return (value) => formatDecimal(value, digits);
}
