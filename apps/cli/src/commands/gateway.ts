/** `micromarket gateway` and `micromarket check`: run one microgrid's market node, or only look at its file. */
import { fileURLToPath } from "node:url";
import { loadGatewayFile, processStopSignals, runGateway } from "@micromarket/gateway";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { refuse } from "../input.ts";
import { PROGRAM_VERSION } from "../version.ts";

/** Runs the gateway of `file` until it is told to stop. Its log goes to standard error. */
export async function gateway(file: string, port: ConsolePort): Promise<ExitCode> {
  return runGateway(file, {
    version: PROGRAM_VERSION,
    page: fileURLToPath(new URL(".", import.meta.resolve("@micromarket/dashboard/page/index.html"))),
    env: process.env,
    onStopSignal: processStopSignals,
    onListening: (url) => {
      port.out(`${url}\n`);
    },
  });
}

/** Says what is wrong with the gateway file, or what it describes; starts nothing. */
export function check(file: string, options: { readonly json?: boolean }, port: ConsolePort): ExitCode {
  const json = options.json ?? false;
  const loaded = loadGatewayFile(file, { env: process.env });
  if (!loaded.ok) return refuse(loaded.error, json, port);
  const { homes, devices } = loaded.value;
  const counts = { homes: homes.length, devices: devices.length };
  port.out(json ? `${JSON.stringify(counts)}\n` : `${file} holds: ${counts.homes} homes, ${counts.devices} devices\n`);
  return EXIT_CODE.ok;
}
