/** `micromarket conformance api` against a real server, and its manners. The faults that it finds are planted in the client's own tests. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  createAccessRegistry,
  createReadModel,
  startApi,
  type ApiServer,
  type TradingDesk,
} from "@micromarket/api-http";
import { pemSigner } from "@micromarket/client/node";
import type { ConformanceReport } from "@micromarket/client/conformance";
import { openNode, type Command, type Executed } from "@micromarket/engine";
import { instantMs } from "@micromarket/kernel";
import {
  closeGate,
  createArchiveDisk,
  createMemoryArchive,
  createMemoryDisk,
  createMemoryJournal,
  createVirtualClock,
  creditAccount,
  marketRules,
  NOON,
  registerParty,
  setTariff,
} from "@micromarket/testkit";
import { runCommand } from "./memory-console.ts";

const TOKEN = "an-operators-token-of-length";
const PATIENT = ["--patience", "60"];
let api: ApiServer;
let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-conformance-"));
  const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
  writeFileSync(join(folder, "bot.pem"), pem);
  api = await market(pemSigner(String(pem)).did);
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A market whose desk executes at once. */
async function market(did: string): Promise<ApiServer> {
  const rules = marketRules();
  const opened = openNode(rules, createMemoryJournal(createMemoryDisk()));
  if (!opened.ok) throw new Error(opened.error.code);
  const node = opened.value;
  const clock = createVirtualClock(instantMs(NOON - 3_600_000));
  const model = createReadModel({ rules, since: clock.now() });
  const archive = createMemoryArchive({ disk: createArchiveDisk() });
  const submit = (commands: readonly Command[]): Promise<readonly Executed[]> => {
    const outcomes = node.execute(commands, clock.now());
    for (const [index, command] of commands.entries()) {
      const outcome = outcomes[index];
      if (outcome?.ok !== true) continue;
      const { sequence, events } = outcome;
      const hash = sequence === node.head.sequence ? node.head.hash : null;
      archive.record({ sequence, at: node.state.at, hash, command, events });
      model.record(events, node.state.at);
    }
    return Promise.resolve(outcomes);
  };
  await submit([
    registerParty("anne"),
    creditAccount("anne", 5_000_000_000n, "payment"),
    setTariff(instantMs(0), 300_000, 80_000),
  ]);
  clock.set(instantMs(NOON - rules.gateLead));
  await submit([closeGate(NOON)]);
  const desk: TradingDesk = { rules, archive, submit, direct: submit, isTrading: () => true };
  const principal = {
    id: "annes-bot",
    grants: [{ party: "anne", scopes: new Set(["read", "trade"] as const) }],
    limits: { sessionsMax: 8, rates: null },
  };
  const started = await startApi({
    ...{ model, clock: { now: clock.now, factor: 60 }, version: "1.2.3", port: 0, socketsMax: 64 },
    probes: { store: () => ({ status: "pass", detail: "" }), clock: () => ({ status: "pass", detail: "" }) },
    access: { token: TOKEN },
    registry: createAccessRegistry({
      ...{ server: "micromarket", issuers: [], operatorToken: TOKEN, now: () => instantMs(Date.now()) },
      principals: [{ principal, certificates: [], keys: [did], tokens: [] }],
      allowsOrigin: () => true,
    }),
    trading: { desk, limits: { heartbeatMs: 200 } },
  });
  if (!started.ok) throw new Error(started.error.message);
  return started.value;
}

test("with a key everything holds: exit 0, a line for each check, and what was skipped why", async () => {
  const run = await runCommand(["conformance", "api", api.url, "--key", join(folder, "bot.pem"), ...PATIENT]);
  expect([run.err, run.exitCode]).toEqual(["", 0]);
  expect(run.out).toContain("holds    orders/acknowledged-is-there\n");
  expect(run.out).toContain("skipped  book/checksum: the market does not show the levels of its books\n");
  expect(run.out).toMatch(/\n\d\d hold, 0 fail, 1 skipped\n$/);
});

test("as JSON, for some checks, as the operator", async () => {
  const words = [
    "conformance",
    "api",
    api.url,
    "--token",
    TOKEN,
    "--party",
    "anne",
    "--only",
    "http",
    "auth/grants",
    "--json",
  ];
  const run = await runCommand([...words, ...PATIENT]);
  expect(run.exitCode).toBe(0);
  const { findings, holds } = JSON.parse(run.out) as ConformanceReport;
  expect(holds).toBe(true);
  expect(findings.map(({ name }) => name)).toContain("http/problem");
  expect(findings.every(({ name }) => name.startsWith("http/") || name === "auth/grants")).toBe(true);
});

test("what fails is told with what was expected and seen: exit 1", async () => {
  const run = await runCommand([
    "conformance",
    "api",
    api.url,
    "--token",
    "somebody-elses",
    "--only",
    "auth/grants",
    ...PATIENT,
  ]);
  expect(run.exitCode).toBe(1);
  expect(run.out).toMatch(/FAILS {4}auth\/grants\n +expected: .*\n +seen: signing in is answered by error/);
});

test.each([
  [["conformance", "api"], "name the server"],
  [["conformance", "api", "market.example"], "is no server"],
  [["conformance", "api", "http://127.0.0.1:1", "--only", "coffee"], "there is no check coffee"],
  [["conformance", "api", "http://127.0.0.1:1", "--key", "/nowhere"], "there is no key at /nowhere"],
  [["conformance", "api", "http://127.0.0.1:1", "--certificate", "/nowhere"], "ENOENT"],
])("%j is a mistake: exit 2", async (words, message) => {
  const run = await runCommand(words);
  expect(run.exitCode).toBe(2);
  expect(run.err).toContain(message);
});

test("the checks are named by --list", async () => {
  const run = await runCommand(["conformance", "api", "--list", "--json"]);
  const { checks } = JSON.parse(run.out) as { checks: { name: string; expects: string }[] };
  expect(checks.length).toBeGreaterThanOrEqual(40);
});
