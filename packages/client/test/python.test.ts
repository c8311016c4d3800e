/** The example in Python against a real server: whoever has a WebSocket and JSON can trade. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "@jest/globals";
import { MarketServer, TOKEN } from "./market-server.ts";
import { atEnd, closeAll } from "./waiting.ts";

const PYTHON = process.env["MICROMARKET_WEBSOCKETS_PYTHON"];
const NEEDS = "run tools/ci/install-websockets.sh and set MICROMARKET_WEBSOCKETS_PYTHON to the path that it prints";
const EXAMPLE = fileURLToPath(new URL("../../../docs/examples/python/place_order.py", import.meta.url));
const isWanted = PYTHON !== undefined || process.env["CI"] === "true";

afterEach(closeAll);

async function run(...words: readonly string[]) {
  if (PYTHON === undefined) throw new Error(`websockets for Python is missing: ${NEEDS}`);
  const child = spawn(PYTHON, [EXAMPLE, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null) await once(child, "exit");
  return { code: child.exitCode, out, err };
}

(isWanted ? test : test.skip)(
  `an order is placed once and taken back${isWanted ? "" : ` (skipped: ${NEEDS})`}`,
  async () => {
    const server = await MarketServer.start();
    atEnd(() => server.stop());
    const url = `${server.url.replace("http", "ws")}/api/v1/ws`;
    const { code, out, err } = await run(url, "--token", TOKEN, "--party", "anne");
    expect([code, err]).toEqual([0, ""]);
    const lines = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toMatchObject([
      { market: "street", protocol: "micromarket.v1" },
      { principal: "operator" },
      { code: 200, duplicate: [false, true] },
      { state: "open" },
      { state: "cancelled" },
    ]);
    expect(await run(url, "--token", "wrong", "--party", "anne")).toMatchObject({
      code: 1,
      err: expect.stringContaining("AUTH_FAILED"),
    });
  },
);
