/** What devices are reached through: certificates, a serial line, and devices that talk through Mosquitto's own clients. */
import { test } from "@jest/globals";
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { mosquitto, putAway, tempFolder } from "./device-peers.ts";

const hasSocat = spawnSync("socat", ["-V"]).error === undefined;
const isCi = process.env["CI"] === "true";

/** In CI a missing peer fails its tests; elsewhere they are skipped. */
export const withSocat: typeof test.skip =
  (hasSocat && process.env["MICROMARKET_PYMODBUS_PYTHON"] !== undefined) || isCi ? test : test.skip;
export const NEEDS_SOCAT = "sudo tools/ci/install-socat.sh, and pymodbus";

/** PEM files that one authority signed: those of a server on this machine, and those of a client. */
export interface Certificates {
  readonly ca: string;
  readonly server: { readonly certificate: string; readonly key: string };
  readonly client: { readonly certificate: string; readonly key: string };
}

/** Made by openssl. */
export function certificates(): Certificates {
  const folder = tempFolder();
  const make = (name: string, extension: string, isSigned: boolean) => {
    const [certificate, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
    const request = ["req", "-x509", "-days", "2", "-subj", `/CN=${name}`, "-out", certificate, "-keyout", key];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-addext", extension];
    const signer = isSigned ? ["-CA", join(folder, "ca.pem"), "-CAkey", join(folder, "ca.key")] : [];
    execFileSync("openssl", [...request, ...kind, ...signer], { stdio: "pipe" });
    return { certificate, key };
  };
  const { certificate: ca } = make("ca", "basicConstraints=critical,CA:TRUE", false);
  const server = make("server", "subjectAltName=IP:127.0.0.1", true);
  return { ca, server, client: make("client", "subjectAltName=DNS:gateway", true) };
}

/** The options that show them. */
export function tlsWords({ ca, client }: Pick<Certificates, "ca" | "client">): readonly string[] {
  return ["--tls-ca", ca, "--tls-certificate", client.certificate, "--tls-key", client.key];
}

/** Two ends of a serial line, made by socat. */
export async function serialLine(): Promise<{ readonly near: string; readonly far: string }> {
  const folder = tempFolder();
  const [near, far] = [join(folder, "near"), join(folder, "far")];
  const socat = spawn(
    "socat",
    [near, far].map((path) => `pty,raw,echo=0,link=${path}`),
    { stdio: "ignore" },
  );
  putAway(async () => {
    socat.kill();
    if (socat.exitCode === null && socat.signalCode === null) await once(socat, "exit");
  });
  while (!existsSync(near) || !existsSync(far)) await new Promise((resolve) => setTimeout(resolve, 5));
  return { near, far };
}

/** A device behind Mosquitto, by its own clients: hears what `filters` match, and says what `say` is given. */
export interface TopicDevice {
  readonly url: string;
  /** What it has heard, as `topic payload`, in order. */
  readonly heard: readonly string[];
  readonly say: (topic: string, payload: string, isRetained?: boolean) => void;
}

/** Starts it and a broker; `hear` is called with each message. */
export async function topicDevice(
  filters: readonly string[],
  hear: (topic: string, payload: string, say: TopicDevice["say"]) => void,
  acl?: string,
): Promise<TopicDevice> {
  const { url, port } = await mosquitto(acl);
  const place = ["-h", "127.0.0.1", "-p", port];
  const publishers = new Map<string, ChildProcess>();
  /** One publisher for each topic, so that its messages keep their order. */
  const say = (topic: string, payload: string, isRetained = false): void => {
    const key = `${topic} ${isRetained}`;
    const words = [...place, "-l", "-t", topic, ...(isRetained ? ["-r"] : [])];
    const publisher = publishers.get(key) ?? spawn("mosquitto_pub", words, { stdio: ["pipe", "ignore", "ignore"] });
    publishers.set(key, publisher);
    publisher.stdin?.write(`${payload}\n`);
  };
  putAway(async () => {
    for (const publisher of publishers.values()) {
      publisher.stdin?.end();
      publisher.kill();
      if (publisher.exitCode === null && publisher.signalCode === null) await once(publisher, "exit");
    }
  });
  say("peer/ready", "yes", true); // stored, so that it comes once the subscription stands
  const topics = ["peer/ready", ...filters].flatMap((filter) => ["-t", filter]);
  const listener = spawn("mosquitto_sub", [...place, ...topics, "-F", "%t %p"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const heard: string[] = [];
  let ready = (): void => undefined;
  const isReady = new Promise<void>((resolve) => (ready = resolve));
  createInterface(listener.stdout).on("line", (line) => {
    const [, topic = "", payload = ""] = /^(\S+) ?(.*)$/.exec(line) ?? [];
    if (topic === "peer/ready") return ready();
    heard.push(line);
    hear(topic, payload, say);
  });
  putAway(async () => {
    listener.kill();
    if (listener.exitCode === null && listener.signalCode === null) await once(listener, "exit");
  });
  await isReady;
  return { url, heard, say };
}

/** Does something every so often until the test ends. */
export function every(ms: number, action: () => void): void {
  const timer = setInterval(action, ms);
  putAway(() => {
    clearInterval(timer);
  });
}

/** A profile of one's own in a file. */
export function profileFile(name: string, text: string): string {
  const file = join(tempFolder(), `${name}.yaml`);
  const head = `schema: 1
profile: ${name}
version: 1.0.0
kind: charger
vendor: Nobody
models: [None]
verified: single
sources: [{ title: made up for a test }]
requirements: []
caveats: []
`;
  writeFileSync(file, `${head}${text}`);
  return file;
}

/** The control of a made-up charger; `reversion` as a profile says it. */
export function currentControl(reversion: string, more: string): string {
  return `controls:
  evse_current_ma:
    range: { min: 0, max: 32000, step: 1000 }
    min_interval_s: 1
    persistence: volatile
    verify: { tolerance: 0, within_s: 20 }
    reversion: ${reversion}
    release: { mode: restore }
    on_gateway_loss: revert
${more}`;
}
