/** Which device a command means: one of a gateway file, or one that the command line describes. */
import { resolve } from "node:path";
import {
  loadGatewayFile,
  readDeviceEntry,
  type DeviceConfig,
  type DeviceEntry,
  type GatewayConfig,
  type TlsEntry,
} from "@micromarket/gateway";
import { fail, ok, suggest, type InputProblem, type Result } from "@micromarket/kernel";

/** Where the device is: the options that all commands of `micromarket device` share. */
export interface DeviceWhere {
  readonly config?: string;
  readonly host?: string;
  readonly port?: number;
  readonly framing?: "tcp" | "rtu-over-tcp";
  readonly serial?: string;
  readonly baud?: number;
  readonly parity?: "none" | "even" | "odd";
  readonly unit?: number;
  readonly subdevice?: number;
  readonly broker?: string;
  readonly username?: string;
  readonly password?: string;
  readonly id?: string;
  readonly profile?: string;
  readonly param?: readonly string[];
  readonly tlsCa?: string;
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
  readonly tlsServerName?: string;
}

/** The options that name certificates. */
export type TlsWords = Pick<DeviceWhere, "tlsCa" | "tlsCertificate" | "tlsKey" | "tlsServerName">;

/** What they say; `null`: no TLS. Both ends show a certificate, so that all three files belong together. */
export function tlsEntryOf({
  tlsCa,
  tlsCertificate,
  tlsKey,
  tlsServerName,
}: TlsWords): Result<TlsEntry | null, InputProblem> {
  const words = { "--tls-ca": tlsCa, "--tls-certificate": tlsCertificate, "--tls-key": tlsKey };
  const absent = Object.entries(words).flatMap(([word, path]) => (path === undefined ? [word] : []));
  if (absent.length === 3 && tlsServerName === undefined) return ok(null);
  if (tlsCa === undefined || tlsCertificate === undefined || tlsKey === undefined) {
    const what = "TLS needs the authority of the other end, and this end's certificate and key";
    return fail(wrongWords("TLS_INCOMPLETE", what, `add ${absent.join(", ")}`));
  }
  const paths = { ca: resolve(tlsCa), certificate: resolve(tlsCertificate), key: resolve(tlsKey) };
  return ok({ ...paths, ...given({ serverName: tlsServerName }) });
}

/** A device, and the gateway whose file names it; `null`: no file does. */
export interface ChosenDevice {
  readonly device: DeviceConfig;
  readonly gateway: GatewayConfig | null;
}

/** What is wrong with the command line itself. */
export function wrongWords(code: string, what: string, mend: string): InputProblem {
  return { file: "command line", line: 1, column: 1, code, what, mend };
}

const PLACES = ["config", "host", "serial", "broker"] as const;

/** The device called `name` in the file of `--config`, or the one of `--host`, `--serial` or `--broker`. */
export function findDevice(name: string | null, where: DeviceWhere): Result<ChosenDevice, InputProblem[]> {
  const places = PLACES.filter((place) => where[place] !== undefined);
  if (places.length !== 1) {
    const isNone = places.length === 0;
    const what = isNone ? "nothing says where the device is" : `${places.map((place) => `--${place}`).join(" and ")}`;
    const mend = "give one of --config FILE DEVICE, --host H, --serial PATH, --broker URL";
    return fail([wrongWords(isNone ? "DEVICE_PLACE_MISSING" : "DEVICE_PLACE_TWICE", what, mend)]);
  }
  return where.config === undefined ? describedDevice(name ?? "device", where) : namedDevice(name, where.config);
}

function namedDevice(name: string | null, file: string): Result<ChosenDevice, InputProblem[]> {
  const loaded = loadGatewayFile(file, { env: process.env });
  if (!loaded.ok) return loaded;
  const gateway = loaded.value;
  const names = gateway.devices.map(({ id }) => id);
  if (name === null) {
    const what = `${file} has ${names.length} devices, and none is named`;
    return fail([wrongWords("DEVICE_NAME_MISSING", what, `name one of: ${names.slice(0, 20).join(", ")}`)]);
  }
  const device = gateway.devices.find(({ id }) => id === name);
  if (device !== undefined) return ok({ device, gateway });
  const problem = { code: "DEVICE_UNKNOWN", what: `there is no device "${name}"`, mend: suggest(name, names) };
  return fail([{ file, line: 1, column: 1, ...problem }]);
}

function describedDevice(id: string, where: DeviceWhere): Result<ChosenDevice, InputProblem[]> {
  if (where.profile === undefined) {
    const mend = "give --profile NAME; micromarket device scan says which fit";
    return fail([wrongWords("PROFILE_MISSING", "nothing says what the device is", mend)]);
  }
  const tls = tlsEntryOf(where);
  if (!tls.ok) return fail([tls.error]);
  const secure = tls.value === null ? {} : { tls: tls.value };
  const entry =
    where.broker === undefined ? ok(lineEntry(id, where, where.profile, secure)) : topicEntry(id, where, secure);
  if (!entry.ok) return fail([entry.error]);
  const device = readDeviceEntry(entry.value);
  return device.ok ? ok({ device: device.value, gateway: null }) : device;
}

/** The certificates, where there are any. */
interface Secure {
  readonly tls?: TlsEntry;
}

function lineEntry(id: string, where: DeviceWhere, profile: string, secure: Secure): DeviceEntry {
  const { host, port, framing, serial, baud, parity, unit, subdevice } = where;
  return {
    id,
    modbus: { ...given({ host, port, framing, serial, baud, parity, unit, subdevice }), ...secure, profile },
  };
}

function topicEntry(name: string, where: DeviceWhere, secure: Secure): Result<DeviceEntry, InputProblem> {
  const { broker = "", username, password, id, profile = "", param = [] } = where;
  if (id === undefined) {
    const what = "nothing says which of the broker's devices is meant";
    return fail(wrongWords("TOPIC_ID_MISSING", what, "give --id: what stands for {id} in the profile's topics"));
  }
  const malformed = param.find((pair) => !/^[a-z0-9_]+=/.test(pair));
  if (malformed !== undefined) {
    return fail(wrongWords("PARAM_MALFORMED", `"${malformed}" is no parameter`, "write --param name=value"));
  }
  const pairs = param.map((pair): [string, string] => [
    pair.slice(0, pair.indexOf("=")),
    pair.slice(pair.indexOf("=") + 1),
  ]);
  const mqtt = { ...given({ username, password }), ...secure, broker, id, profile, params: Object.fromEntries(pairs) };
  return ok({ id: name, mqtt });
}

function given<Fields extends object>(fields: Fields): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };
}
