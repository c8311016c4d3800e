/** A gateway with principals behind TLS: who signs in, who was revoked, and certificates that are renewed while it runs. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { challengeText, CHALLENGE_PURPOSE, type Challenge } from "@micromarket/api-http";
import { signerOf } from "@micromarket/identity";
import { openKeyFile, verifyByOpenssl } from "@micromarket/identity-node";
import { assert, hashText, instantMs } from "@micromarket/kernel";
import { openOrderArchive, openSqliteJournal } from "@micromarket/store-sqlite";
import { openControlMemory } from "../src/control/control-memory.ts";
import type { RunningGateway } from "../src/gateway-ports.ts";
import { loadGatewayFile } from "../src/gateway-file.ts";
import { startGateway } from "../src/gateway.ts";
import { machineTime } from "../src/machine-time.ts";
import { openMeterFile } from "../src/meter-store.ts";
import { GATEWAY, gatewayFile } from "./gateway-text.ts";

const LONG = 300_000;
const TOKEN = "the-operators-own-token";
const bot = signerOf(Uint8Array.from(Buffer.from(hashText("bot"), "hex")));
const TEXT = GATEWAY.replace(
  "http:\n  port: 0\n",
  `http:
  port: 0
  token: \${env:TOKEN}
  tls: { certificate: street.pem, key: street.key }
api:
  principals:
    - id: bot
      credentials: [ { key: "${bot.key.did}" } ]
      grants: [ { party: home-1, scopes: [read] } ]
`,
);

/** Writes a certificate of that name, and its key, beside the gateway's file. */
function certify(path: string, name: string): void {
  const keys = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "street.key"];
  const subject = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1", "-out", "street.pem"];
  execFileSync("openssl", ["req", "-x509", ...subject, ...keys], { stdio: "pipe", cwd: dirname(path) });
}

const running: RunningGateway[] = [];
afterEach(async () => {
  for (const gateway of running.splice(0)) await gateway.stop();
});

interface Site {
  readonly url: string;
  readonly lines: readonly string[];
  /** Runs what waits for a minute or more. */
  readonly lookAgain: () => void;
  readonly stop: () => Promise<void>;
}

async function start(path: string) {
  const loaded = loadGatewayFile(path, { env: { TOKEN } });
  assert(loaded.ok, loaded.ok ? "" : JSON.stringify(loaded.error));
  const lines: string[] = [];
  const note = (fields: unknown, text?: string): void => void lines.push(`${JSON.stringify(fields)} ${text ?? ""}`);
  const waiting = new Set<() => void>();
  const after = (ms: number, action: () => void): (() => void) => {
    if (ms < 60_000) return machineTime.after(ms, action);
    waiting.add(action);
    return () => waiting.delete(action);
  };
  const started = await startGateway(loaded.value, {
    ...{ log: { info: note, warn: note, error: note }, version: "1.2.3", page: null, time: { ...machineTime, after } },
    clockHealth: { check: () => Promise.resolve({ kind: "synchronised", offsetMs: 0 }) },
    ...{
      openJournal: openSqliteJournal,
      openArchive: openOrderArchive,
      openMeterStore: openMeterFile,
      allowControl: false,
      openControlMemory,
    },
    ...{ openKey: openKeyFile, verify: verifyByOpenssl },
    openDevices: () => ({ close: () => Promise.resolve(), sources: [] }),
  });
  const lookAgain = (): void => {
    const due = [...waiting];
    waiting.clear();
    for (const action of due) action();
  };
  return { started, lines, lookAgain };
}

async function run(path: string): Promise<Site> {
  const { started, lines, lookAgain } = await start(path);
  assert(started.ok, started.ok ? "" : started.error.what);
  running.push(started.value);
  const stop = async (): Promise<void> => {
    running.splice(running.indexOf(started.value), 1);
    await started.value.stop();
  };
  return { url: started.value.url, lines, lookAgain, stop };
}

interface Heard {
  readonly status: number;
  readonly text: string;
}

/** Asks on a connection of its own that believes the certificate in `ca` alone; rejects where it is another's. */
function ask(
  site: Site,
  ca: string,
  path: string,
  more: { readonly bearer?: string; readonly body?: unknown } = {},
): Promise<Heard> {
  const { bearer, body } = more;
  const text = body === undefined ? "" : JSON.stringify(body);
  const headers = {
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    ...(body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
  };
  return new Promise((resolve, reject) => {
    const options = { method: body === undefined ? "GET" : "POST", headers, ca, agent: false };
    const asked = request(`${site.url}${path}`, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    asked.on("error", reject);
    asked.end(text);
  });
}

async function signIn(site: Site, ca: string): Promise<Heard> {
  const { text } = await ask(site, ca, "/api/v1/auth/challenge", { body: {} });
  const told = JSON.parse(text) as { readonly server: string; readonly nonce: string; readonly at_ms: number };
  const challenge: Omit<Challenge, "expires"> = {
    ...{ purpose: CHALLENGE_PURPOSE, server: "street", nonce: told.nonce, at: instantMs(told.at_ms) },
  };
  const signature = Buffer.from(bot.sign(Buffer.from(challengeText(challenge)))).toString("hex");
  return ask(site, ca, "/api/v1/auth/answer", { body: { key: bot.key.did, nonce: told.nonce, signature } });
}

function certificateOf(path: string): string {
  return readFileSync(join(dirname(path), "street.pem"), "utf8");
}

describe("a gateway with principals", () => {
  test(
    "lets them in by their key, and keeps out over a restart who was revoked",
    async () => {
      const path = gatewayFile(TEXT);
      certify(path, "street");
      const ca = certificateOf(path);
      const first = await run(path);
      expect(first.url).toMatch(/^https:/);
      const { token } = JSON.parse((await signIn(first, ca)).text) as { readonly token: string };
      expect((await ask(first, ca, "/api/v1/market", { bearer: token })).status).toBe(200);
      expect((await ask(first, ca, "/api/v1/parties/home-2/position", { bearer: token })).status).toBe(404);
      expect((await ask(first, ca, "/api/v1/market")).status).toBe(401);
      const revoked = await ask(first, ca, "/api/v1/principals/bot/revoke", { bearer: TOKEN, body: { by: "Ann" } });
      expect(revoked.status).toBe(200);
      expect((await ask(first, ca, "/api/v1/market", { bearer: token })).status).toBe(401);
      const metrics = await ask(first, ca, "/metrics", { bearer: TOKEN });
      expect(metrics.text).toContain('micromarket_access_refused_total{reason="CREDENTIAL_MISSING"} 1');
      expect(first.lines.join("\n")).toMatch(/"principal":"bot","by":"operator: Ann"\} a principal was revoked/);
      expect(first.lines.join("\n")).not.toContain(token);
      await first.stop();
      const second = await run(path);
      expect((await signIn(second, ca)).status).toBe(401);
      expect((await ask(second, ca, "/api/v1/principals/bot/restore", { bearer: TOKEN, body: {} })).status).toBe(200);
      expect((await signIn(second, ca)).status).toBe(200);
    },
    LONG,
  );

  test(
    "takes new certificates without a restart, and keeps what it has where they do not fit",
    async () => {
      const path = gatewayFile(TEXT);
      certify(path, "before");
      const before = certificateOf(path);
      const site = await run(path);
      expect((await ask(site, before, "/health")).status).toBeGreaterThanOrEqual(200);
      site.lookAgain();
      certify(path, "after");
      const after = certificateOf(path);
      await expect(ask(site, after, "/health")).rejects.toThrow(); // nobody has looked yet
      site.lookAgain();
      expect((await ask(site, after, "/health")).status).toBeGreaterThanOrEqual(200);
      await expect(ask(site, before, "/health")).rejects.toThrow();
      writeFileSync(join(dirname(path), "street.key"), "no key");
      site.lookAgain();
      expect((await ask(site, after, "/health")).status).toBeGreaterThanOrEqual(200);
      expect(site.lines.join("\n")).toMatch(/"code":"TLS_KEY_UNFIT"\} the new certificates do not serve/);
    },
    LONG,
  );

  test("does not start where it cannot be known who was revoked", async () => {
    const path = gatewayFile(TEXT);
    certify(path, "street");
    mkdirSync(join(dirname(path), "data"));
    writeFileSync(join(dirname(path), "data", "revoked-principals.json"), "{");
    const { started } = await start(path);
    expect(started).toMatchObject({ ok: false, error: { code: "REVOCATIONS_UNREADABLE" } });
  });
});
