/** A device that no file names, by the same reader as those of a gateway file. */
import { fail, ok, problemLog, type InputProblem, type Result } from "@micromarket/kernel";
import { readYaml } from "@micromarket/yaml-files";
import type { TlsIdentity } from "@micromarket/link-modbus";
import type { GatewayFileOptions } from "./gateway-file.ts";
import type { DeviceConfig } from "./gateway-config.ts";
import type { DeviceEntry, GatewayFile } from "./gateway-schema.ts";
import { readDevices } from "./device-section.ts";
import { readTls } from "./link-section.ts";

export type { DeviceEntry } from "./gateway-schema.ts";

/** Where profiles and secrets come from, and the name that problems carry. */
export interface DeviceEntryOptions extends GatewayFileOptions {
  /** @default the command line */
  readonly name?: string;
  /** Paths are relative to it. @default the working directory */
  readonly folder?: string;
}

/** Where certificates are: paths of PEM files, and the name in the other end's certificate where it is not its host. */
export type TlsEntry = Parameters<typeof readTls>[2];

/** The certificates that `entry` names. Problems as those of `readDeviceEntry`. */
export function readTlsEntry(
  entry: TlsEntry,
  { env = process.env, name = "command line", folder = process.cwd() }: DeviceEntryOptions = {},
): Result<TlsIdentity, InputProblem[]> {
  const yaml = readYaml(JSON.stringify(entry), name);
  if (!yaml.ok) return yaml;
  const problems = problemLog();
  const file = {} as unknown as GatewayFile; // nothing of it is read
  const tls = readTls({ file, path: name, folder, env, yaml: yaml.value, problems }, [], entry);
  return tls === null ? fail(problems.list().map((problem) => ({ ...problem, line: 1, column: 1 }))) : ok(tls);
}

/** The device of `entry`, with its profile loaded. Its problems all stand at the start of what `name` names. */
export function readDeviceEntry(
  entry: DeviceEntry,
  { env = process.env, name = "command line", folder = process.cwd() }: DeviceEntryOptions = {},
): Result<DeviceConfig, InputProblem[]> {
  const content = { devices: [entry] };
  const yaml = readYaml(JSON.stringify(content), name);
  if (!yaml.ok) return yaml;
  const problems = problemLog();
  const file = content as unknown as GatewayFile; // of which `devices` alone is read
  const [device] = readDevices({ file, path: name, folder, env, yaml: yaml.value, problems }, null);
  if (device !== undefined && problems.count() === 0) return ok(device);
  return fail(problems.list().map((problem) => (problem.file === name ? { ...problem, line: 1, column: 1 } : problem)));
}
