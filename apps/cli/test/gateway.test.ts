/** The gateway's commands from the outside: a file that is looked at, a process that serves, stops and goes on. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const COMMAND = fileURLToPath(new URL("../bin/micromarket.js", import.meta.url));

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-gateway-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A street whose only device nobody answers for: the market runs all the same. */
function gatewayFile(name: string, changes: Readonly<Record<string, string>> = {}): string {
  let text = `name: street
slot: 15m
market: { currency: EUR, priceFloor: 0 EUR/kWh, priceCap: 1 EUR/kWh }
supplier: { tariff: 0.32 EUR/kWh, feedIn: 0.08 EUR/kWh }
data: data
clock: { accelerated: 900, epoch: "2026-06-01T04:00Z" }
http: { host: 127.0.0.1, port: 0 }
devices:
  - { id: grid-1, modbus: { host: 127.0.0.1, port: 9, unit: 1, profile: eastron-sdm630 } }
homes:
  - { id: home-1, meter: grid-1 }
`;
  for (const [from, to] of Object.entries(changes)) text = text.replace(from, to);
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Starts the process and waits for the address that it prints. */
async function start(file: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [COMMAND, "gateway", "--config", file], { stdio: ["ignore", "pipe", "pipe"] });
  child.stderr.resume();
  const [address] = (await once(child.stdout, "data")) as [Buffer];
  return { child, url: address.toString().trim() };
}

async function stop(child: ChildProcess): Promise<unknown> {
  const ended = once(child, "exit");
  child.kill("SIGINT");
  return ((await ended) as unknown[])[0];
}

describe("micromarket gateway", () => {
  test("serves page and API, stops at Ctrl-C, and goes on from its journal", async () => {
    const file = gatewayFile("gateway.yaml");
    const first = await start(file);
    expect((await fetch(`${first.url}/`)).headers.get("content-type")).toContain("text/html");
    const market = (await (await fetch(`${first.url}/api/v1/market`)).json()) as { currency: string };
    expect(market.currency).toBe("EUR");
    expect(await stop(first.child)).toBe(0);

    const second = await start(file);
    expect((await fetch(`${second.url}/api/v1/market`)).status).toBe(200);
    expect(await stop(second.child)).toBe(0);
  });

  test("with a broken file serves nothing but a failing health that says why, and exits 3", async () => {
    const { child, url } = await start(gatewayFile("broken.yaml", { "slot: 15m": "slot: 15 parsecs" }));
    const health = await fetch(`${url}/health`);
    expect(health.status).toBe(503);
    expect(await health.text()).toContain("broken.yaml:2:");
    expect((await fetch(`${url}/api/v1/slots`)).status).toBe(503);
    expect(await stop(child)).toBe(3);
  });
});
