/** `micromarket doctor`: looks at the machine, the installation and a gateway's surroundings, and changes nothing. */
import {
  controlStandings,
  counterVerdicts,
  headOf,
  loadGatewayFile,
  machineTime,
  systemClockHealth,
  tryDevices,
  type GatewayConfig,
} from "@micromarket/gateway";
import type { ConsolePort } from "../console-port.ts";
import { standingText } from "../control-text.ts";
import { trialLine } from "../device-report.ts";
import { examineCounters } from "../doctor/examine-counters.ts";
import { examineFolder, examineJournal, examineKey, examinePort, examineSpace } from "../doctor/examine-gateway.ts";
import { examineClock, examineNode, examinePage, examineSqlite } from "../doctor/examine-machine.ts";
import { failing, findingLine, well, type Finding } from "../doctor/finding.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { pageFolder } from "../page-folder.ts";
import type { CheckOptions } from "./check.ts";

const SECOND_MS = 1_000;

/** One line per finding; exit 1 when one fails. */
export async function doctor(file: string | null, options: CheckOptions, port: ConsolePort): Promise<ExitCode> {
  const { devices = false, json = false, quiet = false } = options;
  if (devices && file === null) {
    port.err("error: --devices needs the gateway file that names them\n");
    return EXIT_CODE.usage;
  }
  const findings: Finding[] = [];
  const note = (finding: Finding): void => {
    findings.push(finding);
    if (!json && (!quiet || finding.status !== "ok")) port.out(`${findingLine(finding)}\n`);
  };
  note(examineNode(process.versions.node));
  note(examineSqlite());
  note(examinePage(pageFolder()));
  const loaded = file === null ? null : loadGatewayFile(file, { env: process.env });
  const config = loaded?.ok === true ? loaded.value : null;
  if (loaded?.ok === false) {
    for (const { file: path, line, column, what, mend, code } of loaded.error) {
      note(failing("FILE", `${path}:${line}:${column}: ${what} (${code})`, mend));
    }
  }
  if (config !== null) note(well("FILE", `${config.file} holds`));
  note(await examineClock(systemClockHealth, config?.clock ?? null));
  if (config !== null) await examine(config, devices ? options.timeout : null, note);
  const isWell = findings.every(({ status }) => status !== "fail");
  if (json) port.out(`${JSON.stringify({ ok: isWell, findings }, null, 2)}\n`);
  return isWell ? EXIT_CODE.ok : EXIT_CODE.failed;
}

async function examine(
  config: GatewayConfig,
  timeoutSeconds: number | null,
  note: (finding: Finding) => void,
): Promise<void> {
  for (const verdict of counterVerdicts(config)) note(examineCounters(verdict));
  for (const standing of controlStandings(config))
    note(well("CONTROL", `${standing.device}: ${standingText(standing)}`));
  note(examineFolder(config));
  note(examineSpace(config));
  const { isOpen, ...journal } = examineJournal(config);
  note(journal);
  note(examineKey(config));
  note(await examinePort(config, isOpen));
  if (timeoutSeconds === null) return;
  for (const trial of await tryDevices(config.devices, timeoutSeconds * SECOND_MS, machineTime)) {
    const { complaint } = trial;
    if (complaint === null) note(well("DEVICE", trialLine(trial)));
    else {
      const mend = [complaint.mend, ...requirementsOf(config, trial.device)].join("; ");
      note(failing("DEVICE", `${trial.device}: ${complaint.what} (${complaint.code})`, mend));
    }
  }
}

function requirementsOf(config: GatewayConfig, device: string): readonly string[] {
  return config.devices.filter(({ id }) => id === device).flatMap((each) => headOf(each).requirements);
}
