/** `micromarket init`: a gateway file to start from. It passes `check` and trades as it is, with simulated devices. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { gatewaySchemaText } from "@micromarket/gateway";
import { instantMs, type Complaint } from "@micromarket/kernel";
import type { ConsolePort } from "../console-port.ts";
import { SCHEMA_FILE, streetFileText } from "../demo/street-file.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { initialStreet } from "../initial-street.ts";

/** Options of `micromarket init`. */
export interface InitOptions {
  readonly force?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const NAME = "gateway.yaml";
const EPOCH = instantMs(Date.UTC(2026, 5, 1, 6));
const SPEED = 60;
const PORT = 8_080;

/** Writes the file and the schema; neither where one of them is there and `--force` is not given. */
export function init(target: string, options: InitOptions, port: ConsolePort): ExitCode {
  const file = /\.ya?ml$/.test(target) ? target : join(target, NAME);
  const schema = join(dirname(file), SCHEMA_FILE);
  const texts = new Map([
    [schema, gatewaySchemaText()],
    [file, fileText(file)],
  ]);
  const present = [file, schema].find((path) => existsSync(path) && (path === file || !holds(path, texts.get(path))));
  if (present !== undefined && options.force !== true) {
    const what = `${present} is there already`;
    return refuse(
      { code: "FILE_EXISTS", what, mend: "name another target, or replace it with --force" },
      options,
      port,
    );
  }
  try {
    mkdirSync(dirname(file), { recursive: true });
    for (const [path, text] of texts) {
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what = `${file} cannot be written (${code ?? message})`;
    return refuse({ code: "FILE_UNWRITABLE", what, mend: "check path and permissions" }, options, port);
  }
  if (options.json === true) port.out(`${JSON.stringify({ file, schema })}\n`);
  else port.out(`${file}\n`);
  if (options.quiet !== true) {
    port.err(`try it with simulated devices:  micromarket gateway --config ${file} --simulate-devices\n`);
    port.err(`after every change:             micromarket check ${file}\n`);
  }
  return EXIT_CODE.ok;
}

function holds(path: string, text: string | undefined): boolean {
  return readFileSync(path, "utf8") === text;
}

function fileText(file: string): string {
  return streetFileText(initialStreet(), {
    heading: [
      "A microgrid's market node.",
      "",
      `Try it as it is, with simulated devices:  micromarket gateway --config ${basename(file)} --simulate-devices`,
      `After every change:                       micromarket check ${basename(file)}`,
      `With your devices connected:              micromarket check --devices ${basename(file)}`,
      "",
      "For a real site: put your devices and homes in the place of these, write your supplier's prices, and take the",
      "line clock: away, so that the machine's own clock counts.",
      "Secrets never stand here: token: and password: take ${env:NAME} or file:PATH.",
    ],
    ...{ name: "my-street", data: "data", speed: SPEED, epoch: EPOCH, port: PORT, hasExamples: true },
  });
}

function refuse(complaint: Complaint, { json = false }: InitOptions, port: ConsolePort): ExitCode {
  const { code, what, mend } = complaint;
  port.err(
    json ? `${JSON.stringify({ problems: [complaint] }, null, 2)}\n` : `micromarket: ${what} — ${mend} (${code})\n`,
  );
  return EXIT_CODE.failed;
}
