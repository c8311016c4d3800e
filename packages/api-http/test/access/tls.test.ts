/** TLS by real sockets: who gets through the handshake, who is told why not, and certificates that change. */
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { request } from "node:https";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { describe, expect, test } from "@jest/globals";
import {
  createAccessRegistry,
  fingerprintOf,
  startApi,
  type AccessEvent,
  type ApiServer,
  type TlsOptions,
} from "@micromarket/api-http";
import { instantMs } from "@micromarket/kernel";
import { closeAtEnd, optionsFor } from "../asking.ts";
import { street } from "../street.ts";
import { authority, selfSigned, type Certified } from "./certificates.ts";

const root = authority("site");
const utility = authority("utility");
const stranger = authority("stranger");
const server = root.sign({ subject: "/CN=street-1", alternative: "IP:127.0.0.1" });
const pinned = selfSigned({ subject: "/CN=pinned" });
const TOKEN = "the-operators-own-token";
const BOT = { subject: "/CN=bot", alternative: "DNS:bot.utility.example" } as const;

const CLIENTS: Readonly<Record<string, Certified | null>> = {
  none: null,
  good: utility.sign(BOT),
  expired: utility.sign({ ...BOT, days: [-3, -1] }),
  "not yet valid": utility.sign({ ...BOT, days: [1, 3] }),
  "of another authority": stranger.sign(BOT),
  "self-signed": selfSigned(BOT),
  "nobody's": utility.sign({ subject: "/CN=nobody", alternative: "DNS:nobody.utility.example" }),
  pinned,
};

interface Site {
  readonly api: ApiServer;
  readonly port: number;
  readonly events: AccessEvent[];
}

function tlsOf(clientCertificates: TlsOptions["clientCertificates"], own: Certified = server): TlsOptions {
  return { certificate: own.cert, key: own.key, clientCa: utility.cert, clientCertificates };
}

async function serveTls(clientCertificates: TlsOptions["clientCertificates"]): Promise<Site> {
  const events: AccessEvent[] = [];
  const limits = { sessionsMax: 4, rates: null };
  const grants = [{ party: "*", scopes: new Set(["read"] as const) }];
  const nothing = { keys: [], tokens: [] };
  const registry = createAccessRegistry({
    server: "street-1",
    principals: [
      {
        principal: { id: "bot", grants, limits },
        certificates: [{ dnsName: "bot.utility.example", ca: null }],
        ...nothing,
      },
      {
        principal: { id: "pinned", grants, limits },
        certificates: [{ fingerprint: fingerprintOf(new X509Certificate(pinned.cert)) }],
        ...nothing,
      },
    ],
    ...{ issuers: [], operatorToken: TOKEN, allowsOrigin: () => true },
    now: () => instantMs(Date.now()),
    tell: (event) => events.push(event),
  });
  const started = await startApi({
    ...optionsFor(street()),
    ...{ registry, access: { token: TOKEN }, tls: tlsOf(clientCertificates) },
  });
  if (!started.ok) throw new Error(started.error.message);
  const api = closeAtEnd(started.value);
  return { api, port: Number(new URL(api.url).port), events };
}

interface Heard {
  readonly status: number;
  readonly body: { readonly code?: string; readonly principal?: string };
}

/** Who the server says this is; `null` where the connection ended without an answer. */
function whoAmI(
  port: number,
  client: Certified | null,
  headers: Readonly<Record<string, string>> = {},
  path = "/api/v1/auth/me",
): Promise<Heard | null> {
  return new Promise((resolve) => {
    const asked = request(
      { host: "127.0.0.1", port, path, headers, agent: false, ca: root.cert, cert: client?.cert, key: client?.key },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Heard["body"] }),
        );
        response.on("error", () => resolve(null));
      },
    );
    asked.on("error", () => resolve(null));
    asked.end();
  });
}

describe("client certificates that are asked for", () => {
  test.each([
    ["none", 401, "AUTH_REQUIRED", "CREDENTIAL_MISSING"],
    ["good", 200, "bot", null],
    ["expired", 401, "AUTH_FAILED", "CERTIFICATE_EXPIRED"],
    ["not yet valid", 401, "CLOCK_SKEW", "CERTIFICATE_NOT_YET_VALID"],
    ["of another authority", 401, "AUTH_FAILED", "CERTIFICATE_UNTRUSTED"],
    ["self-signed", 401, "AUTH_FAILED", "CERTIFICATE_UNTRUSTED"],
    ["nobody's", 401, "AUTH_FAILED", "CERTIFICATE_UNKNOWN"],
    ["pinned", 200, "pinned", null],
  ])("%s: %i %s", async (which, status, says, reason) => {
    const { port, events } = await serveTls("request");
    const heard = await whoAmI(port, CLIENTS[which] ?? null);
    expect([heard?.status, heard?.body.code ?? heard?.body.principal]).toEqual([status, says]);
    expect(events.map((event) => (event.type === "refused" ? event.refusal.reason : event.type))).toEqual(
      reason === null ? [] : [reason],
    );
  });

  test("health needs none, and a certificate that is refused does not pass with the operator's token", async () => {
    const { port } = await serveTls("request");
    expect(await whoAmI(port, null, {}, "/health")).toMatchObject({ status: 200 });
    const authorization = `Bearer ${TOKEN}`;
    expect(await whoAmI(port, null, { authorization })).toMatchObject({ status: 200, body: { principal: "operator" } });
    expect(await whoAmI(port, CLIENTS["expired"] ?? null, { authorization })).toMatchObject({ status: 401 });
  });
});

describe("client certificates that are required", () => {
  test.each([
    ["none", null],
    ["good", 200],
    ["expired", null],
    ["not yet valid", null],
    ["of another authority", null],
    ["self-signed", null],
    ["pinned", null],
    ["nobody's", 401],
  ])("%s: %s", async (which, status) => {
    const { port } = await serveTls("require");
    expect((await whoAmI(port, CLIENTS[which] ?? null))?.status ?? null).toBe(status);
  });
});

describe("a connection", () => {
  const open = async (port: number, more: ConnectionOptions = {}): Promise<TLSSocket | null> => {
    const socket = connect({ host: "127.0.0.1", port, ca: root.cert, ...more });
    try {
      await once(socket, "secureConnect");
      return socket;
    } catch {
      return null;
    }
  };

  test("is made by TLS 1.2 and 1.3, and by nothing older", async () => {
    const { port } = await serveTls("request");
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const socket = await open(port, { minVersion: version, maxVersion: version });
      expect(socket?.getProtocol()).toBe(version);
      socket?.destroy();
    }
    // the client is allowed what OpenSSL by itself does not: it is the server that refuses
    expect(await open(port, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" })).toBeNull();
  });

  test("is never resumed: each shows its certificate anew", async () => {
    const { port } = await serveTls("request");
    const client = CLIENTS["good"];
    const first = await open(port, { ...client });
    const session = new Promise<Buffer | undefined>((resolve) => {
      first?.once("session", resolve);
      first?.once("close", () => resolve(first.getSession()));
    });
    first?.end("GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
    first?.resume();
    const again = await open(port, { ...client, session: await session });
    expect(again?.isSessionReused()).toBe(false);
    again?.destroy();
  });

  test("in the clear is not answered", async () => {
    const { api } = await serveTls("request");
    await expect(fetch(api.url.replace("https:", "http:"))).rejects.toThrow();
  });
});

describe("the server's own certificate", () => {
  const shownBy = (port: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port, ca: root.cert }, () => {
        resolve(fingerprintOf(new X509Certificate(socket.getPeerCertificate().raw)));
        socket.destroy();
      });
      socket.on("error", reject);
    });

  test("is renewed while the server runs; what does not fit changes nothing", async () => {
    const { api, port } = await serveTls("request");
    const before = fingerprintOf(new X509Certificate(server.cert));
    expect(await shownBy(port)).toBe(before);
    const next = root.sign({ subject: "/CN=street-1", alternative: "IP:127.0.0.1" });
    const unfit = { ...tlsOf("request", next), key: server.key };
    expect(api.renewTls(unfit)).toMatchObject({ ok: false, error: { code: "TLS_KEY_OTHER" } });
    expect(await shownBy(port)).toBe(before);
    expect(api.renewTls(tlsOf("request", next))).toEqual({ ok: true, value: null });
    expect(await shownBy(port)).toBe(fingerprintOf(new X509Certificate(next.cert)));
    expect(await whoAmI(port, CLIENTS["good"] ?? null)).toMatchObject({ status: 200 });
    expect(api.renewTls({ ...tlsOf("request", next), clientCa: stranger.cert })).toMatchObject({ ok: true });
    expect(await whoAmI(port, CLIENTS["good"] ?? null)).toMatchObject({ status: 401 });
  });

  test.each<[string, Partial<TlsOptions>, string]>([
    ["no certificate", { certificate: "none" }, "TLS_CERTIFICATE_UNFIT"],
    ["no key", { key: "none" }, "TLS_KEY_UNFIT"],
    ["the key of another", { key: root.key }, "TLS_KEY_OTHER"],
    ["no authority", { clientCa: "none" }, "TLS_CA_UNFIT"],
    ["an authority that is none", { clientCa: server.cert }, "TLS_CA_UNFIT"],
    ["nobody who signs what is required", { clientCa: null, clientCertificates: "require" }, "TLS_CA_NEEDED"],
  ])("does not start with %s", async (_, change, code) => {
    const tls = { ...tlsOf("request"), ...change };
    const started = await startApi({ ...optionsFor(street()), tls });
    expect(started).toMatchObject({ ok: false, error: { code, message: expect.stringMatching(/.{20}/) } });
  });
});
