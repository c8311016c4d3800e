/** How a device of a gateway file is reached: a host or a serial line, and the certificates for it. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { complain } from "@micromarket/data-files";
import type { TlsIdentity } from "@micromarket/link-modbus";
import type { YamlPath } from "@micromarket/yaml-files";
import type { GatewayReading } from "./clock-section.ts";
import type { ModbusTarget } from "./gateway-config.ts";
import type { DeviceEntry } from "./gateway-schema.ts";

type ModbusEntry = Extract<DeviceEntry, { modbus: unknown }>["modbus"];
type TlsEntry = NonNullable<ModbusEntry["tls"]>;

const MODBUS_PORT = 502;
/** Modbus/TCP Security. */
const MODBUS_TLS_PORT = 802;
const BAUD = 9_600;

/** With what speed and port such devices leave the factory; `null`: not known. */
export interface UsualTarget {
  readonly baud: number | null;
  readonly port: number | null;
}

/** Of a device of which nothing is known. */
export const NOTHING_USUAL: UsualTarget = { baud: null, port: null };

/**
 * Reads where the device is; `null` where it does not say, or says it twice.
 */
export function readTarget(
  reading: GatewayReading,
  path: YamlPath,
  entry: ModbusEntry,
  usual: UsualTarget,
): ModbusTarget | null {
  const { host, serial } = entry;
  if (host !== undefined && serial !== undefined) {
    const what = "a device is behind a host or a serial line, and this one names both";
    return complain(reading, [...path, "serial"], { code: "TARGET_TWICE", what, mend: "take one of them out" });
  }
  if (serial !== undefined)
    return readSerial(reading, path, serial, { ...entry, baud: entry.baud ?? usual.baud ?? BAUD });
  if (host === undefined) {
    const what = "nothing says where the device is";
    return complain(reading, path, { code: "TARGET_MISSING", what, mend: "add host: or serial:" });
  }
  for (const key of ["parity", "stopBits"] as const) {
    if (entry[key] !== undefined) complain(reading, [...path, key], misplaced(key, "a serial line of this machine"));
  }
  const { framing = "tcp" } = entry;
  const tls = entry.tls === undefined ? null : readTls(reading, [...path, "tls"], entry.tls);
  if (entry.tls !== undefined && tls === null) return null;
  const port = entry.port ?? (tls === null ? (usual.port ?? MODBUS_PORT) : MODBUS_TLS_PORT);
  return { host, port, framing, tls, baudRate: entry.baud ?? null };
}

function readSerial(reading: GatewayReading, path: YamlPath, serial: string, entry: ModbusEntry): ModbusTarget {
  for (const key of ["port", "framing", "tls"] as const) {
    if (entry[key] !== undefined) complain(reading, [...path, key], misplaced(key, "a host"));
  }
  const { baud: baudRate = BAUD, parity = "none", stopBits } = entry;
  return { framing: "rtu", path: serial, baudRate, parity, stopBits: stopBits === 2 ? 2 : 1 };
}

function misplaced(key: string, place: string): Parameters<typeof complain>[2] {
  return { code: "KEY_MISPLACED", what: `${key} is for ${place}`, mend: "take it out" };
}

/** Reads the certificates. Their texts never stand in a message. */
export function readTls(reading: GatewayReading, path: YamlPath, entry: TlsEntry): TlsIdentity | null {
  const ca = readPem(reading, [...path, "ca"], entry.ca, "CERTIFICATE");
  const cert = readPem(reading, [...path, "certificate"], entry.certificate, "CERTIFICATE");
  const key = readPem(reading, [...path, "key"], entry.key, "PRIVATE KEY");
  if (ca === null || cert === null || key === null) return null;
  return { ca, cert, key, ...(entry.serverName === undefined ? {} : { serverName: entry.serverName }) };
}

function readPem(reading: GatewayReading, path: YamlPath, name: string, kind: string): string | null {
  const file = resolve(reading.folder, name);
  try {
    const text = readFileSync(file, "utf8");
    if (new RegExp(`-----BEGIN [A-Z ]*${kind}-----`).test(text)) return text;
    const what = `${file} holds no ${kind.toLowerCase()}`;
    return complain(reading, path, { code: "PEM_UNFIT", what, mend: "name a PEM file that does" });
  } catch (error) {
    const what = `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
    return complain(reading, path, { code: "PEM_UNREADABLE", what, mend: "check the path and its permissions" });
  }
}

/** One name for each line: devices of one name share it. */
export function lineOf(target: ModbusTarget): string {
  if ("path" in target) return `serial ${target.path}`;
  return `${target.framing} ${target.host} ${target.port}`;
}

/** Where somebody on a ladder looks for it. */
export function placeOf(target: ModbusTarget): string {
  return "path" in target ? target.path : `${target.host}:${target.port}`;
}
