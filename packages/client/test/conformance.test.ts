/** The conformance client against the real server, and against one that a proxy has broken in one place at a time. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { signerOf } from "@micromarket/identity";
import { hashText } from "@micromarket/kernel";
import { challengeSigner, type Credential } from "@micromarket/client";
import { CHECKS, runConformance, type ConformanceInit } from "@micromarket/client/conformance";
import { FAULTS } from "./planted-faults.ts";
import { MarketServer, TOKEN } from "./market-server.ts";
import { SocketProxy } from "./socket-proxy.ts";
import { atEnd, closeAll } from "./waiting.ts";

const KEY = signerOf(Uint8Array.from(Buffer.from(hashText("anne's bot"), "hex")));
const AS_ANNE: Credential = { kind: "challenge", signer: challengeSigner(KEY) };

let server: MarketServer;

beforeAll(async () => {
  const grants = [{ party: "anne", scopes: new Set(["read", "trade"] as const) }];
  const principal = { id: "annes-bot", grants, limits: { sessionsMax: 16, rates: null } };
  server = await MarketServer.start({
    principals: [{ principal, certificates: [], keys: [KEY.key.did], tokens: [] }],
  });
  server.close(server.slot(0)); // so that a slot has a result, and a gate has closed
});
afterAll(() => server.stop());
afterEach(closeAll);

async function failing(
  init: Omit<ConformanceInit, "patienceMs"> & { patienceMs?: number },
): Promise<readonly string[]> {
  const { findings } = await runConformance({ patienceMs: 30_000, ...init });
  return findings.flatMap(({ name, verdict, seen }) =>
    verdict === "holds" ? [] : [`${name} ${verdict}: ${seen ?? ""}`],
  );
}

test("there are at least 40 checks, each with a name of its own", () => {
  expect(CHECKS.length).toBeGreaterThanOrEqual(40);
  expect(new Set(CHECKS.map(({ name }) => name)).size).toBe(CHECKS.length);
});

describe("everything holds", () => {
  test("for the server, as a party of it", async () => {
    expect(await failing({ url: server.url, credential: AS_ANNE })).toEqual([]);
  });

  test("for the server, as its operator; what only a party can see is skipped", async () => {
    const skipped = ["private/isolation skipped: one may see every party: try as one of them"];
    expect(await failing({ url: server.url, credential: { kind: "bearer", token: TOKEN } })).toEqual(skipped);
  });

  test("through a proxy that changes nothing", async () => {
    const proxy = await SocketProxy.start(server.port);
    atEnd(() => proxy.close());
    expect(await failing({ url: proxy.url, credential: AS_ANNE })).toEqual([]);
  });

  test("without orders, where none shall be placed", async () => {
    const before = server.disk.entries.length;
    const { findings } = await runConformance({
      url: server.url,
      credential: AS_ANNE,
      trades: false,
      patienceMs: 30_000,
    });
    expect(findings.filter(({ verdict }) => verdict === "fails")).toEqual([]);
    expect(findings.filter(({ verdict }) => verdict === "holds").length).toBeGreaterThan(25);
    expect(server.disk.entries).toHaveLength(before);
  });
});

test("there are at least 30 faults, of 25 checks and more", () => {
  expect(FAULTS.length).toBeGreaterThanOrEqual(30);
  expect(new Set(FAULTS.map(({ fault }) => fault)).size).toBe(FAULTS.length);
  expect(new Set(FAULTS.map(({ check }) => check)).size).toBeGreaterThanOrEqual(25);
});

test.each(FAULTS.map((each) => [each.fault, each.check, each.plan] as const))(
  "%s: named by %s",
  async (_, check, plan) => {
    const proxy = await SocketProxy.start(server.port, plan());
    atEnd(() => proxy.close());
    const found = await failing({ url: proxy.url, credential: AS_ANNE, only: [check], patienceMs: 1_500 });
    expect(found).toEqual([expect.stringMatching(new RegExp(`^${check} fails: `))]);
  },
);
