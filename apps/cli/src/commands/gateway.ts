/** `micromarket gateway`: runs one microgrid's market node from its file. */
import { formatProblem, type InputProblem } from "@micromarket/kernel";
import { loadGatewayFile, openLog, processStopSignals, runGateway, type RunOptions } from "@micromarket/gateway";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { pageFolder } from "../page-folder.ts";
import { startStreetOf } from "../street-of-file.ts";
import { PROGRAM_VERSION } from "../version.ts";

/** Options of `micromarket gateway`. */
export interface GatewayCommandOptions {
  readonly config: string;
  readonly simulateDevices?: boolean;
  readonly allowControl?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Runs the gateway of the file until it is told to stop. Its log goes to standard error. */
export async function gateway(options: GatewayCommandOptions, port: ConsolePort): Promise<ExitCode> {
  const { config, simulateDevices = false } = options;
  const loaded = simulateDevices ? loadGatewayFile(config, { env: process.env }) : null;
  if (loaded?.ok !== true) return runFile(options, {}, port); // a wrong file is the gateway's own matter
  const street = await startStreetOf(loaded.value);
  if (!street.ok) return refuse({ file: config, line: 1, column: 1, ...street.error }, port);
  try {
    return await runFile(options, { openDevices: street.value.openDevices }, port);
  } finally {
    await street.value.stop();
  }
}

function runFile(
  { config, allowControl = false, json = false, quiet = false }: GatewayCommandOptions,
  ports: NonNullable<RunOptions["ports"]>,
  port: ConsolePort,
): Promise<ExitCode> {
  const log = openLog();
  return runGateway(config, {
    version: PROGRAM_VERSION,
    page: pageFolder(),
    env: process.env,
    allowControl,
    onStopSignal: processStopSignals,
    onListening: (url) => {
      port.out(json ? `${JSON.stringify({ url })}\n` : `${url}\n`);
    },
    ports: { log: quiet ? { ...bound(log), info: () => undefined } : log, ...ports },
  });
}

function bound(log: ReturnType<typeof openLog>): ReturnType<typeof openLog> {
  return { info: log.info.bind(log), warn: log.warn.bind(log), error: log.error.bind(log) };
}

function refuse(problem: InputProblem, port: ConsolePort): ExitCode {
  port.err(`${formatProblem(problem)}\n`);
  return EXIT_CODE.badInput;
}
