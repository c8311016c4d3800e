/** `micromarket check`: what is wrong with a gateway file, and, if asked, with its devices. */
import { readFileSync } from "node:fs";
import { formatProblem, type InputProblem } from "@micromarket/kernel";
import {
  controlStandings,
  counterVerdicts,
  headOf,
  loadGatewayFile,
  machineTime,
  tryDevices,
  type DeviceTrial,
  type GatewayConfig,
} from "@micromarket/gateway";
import type { ConsolePort } from "../console-port.ts";
import { standingText } from "../control-text.ts";
import { trialLine, trialRecord } from "../device-report.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { refuse } from "../input.ts";
import { excerptOf } from "../source-excerpt.ts";

/** Options of `micromarket check` and `micromarket doctor`. */
export interface CheckOptions {
  readonly devices?: boolean;
  /** Seconds. */
  readonly timeout: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const SECOND_MS = 1_000;

/** Exit 3 when the file is wrong, 1 when a device does not answer. */
export async function check(file: string, options: CheckOptions, port: ConsolePort): Promise<ExitCode> {
  const { json = false, quiet = false } = options;
  const loaded = loadGatewayFile(file, { env: process.env });
  if (!loaded.ok) return json ? refuse(loaded.error, true, port) : refuseWithExcerpts(loaded.error, port);
  const { devices } = loaded.value;
  const trials = options.devices === true ? await tryDevices(devices, options.timeout * SECOND_MS, machineTime) : null;
  if (json) port.out(`${JSON.stringify(record(loaded.value, trials), null, 2)}\n`);
  else tell(file, loaded.value, trials ?? [], quiet, port);
  return trials?.some(({ complaint }) => complaint !== null) === true ? EXIT_CODE.failed : EXIT_CODE.ok;
}

function record(config: GatewayConfig, trials: readonly DeviceTrial[] | null): object {
  const requirements = config.devices.map((device) => ({
    device: device.id,
    requirements: headOf(device).requirements,
  }));
  const counts = {
    ...{ homes: config.homes.length, devices: config.devices.length },
    controls: controlStandings(config).map(({ device, capability, closedBy }) => {
      return { device, capability, closed_by: closedBy };
    }),
    requirements,
  };
  return trials === null ? counts : { ...counts, trials: trials.map(trialRecord) };
}

function tell(
  file: string,
  config: GatewayConfig,
  trials: readonly DeviceTrial[],
  quiet: boolean,
  port: ConsolePort,
): void {
  const { homes, devices } = config;
  if (!quiet) port.out(`${file} holds: ${homes.length} homes, ${devices.length} devices\n`);
  for (const { device, what, caveats } of quiet ? [] : counterVerdicts(config)) {
    port.out(`${device}: ${[what, ...caveats].join("; ")}\n`);
  }
  if (!quiet) tellDevices(config, port);
  for (const trial of trials) {
    if (trial.complaint !== null || !quiet) port.out(`${trialLine(trial)}\n`);
  }
}

/** What an installer has to do at each device, and what it may be told. */
function tellDevices(config: GatewayConfig, port: ConsolePort): void {
  const standings = controlStandings(config);
  for (const device of config.devices) {
    for (const requirement of headOf(device).requirements) port.out(`${device.id}: needs: ${requirement}\n`);
    for (const standing of standings.filter((each) => each.device === device.id))
      port.out(`${device.id}: ${standingText(standing)}\n`);
  }
}

/** Each problem with the line that it stands in. */
function refuseWithExcerpts(problems: readonly InputProblem[], port: ConsolePort): ExitCode {
  const texts = new Map<string, string>();
  for (const problem of problems) {
    if (!texts.has(problem.file)) texts.set(problem.file, textOf(problem.file));
    port.err(`${formatProblem(problem)}\n${excerptOf(texts.get(problem.file) ?? "", problem)}`);
  }
  return EXIT_CODE.badInput;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
