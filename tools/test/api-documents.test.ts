import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "@jest/globals";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PATIENCE_MS = 300_000;
const folder = mkdtempSync(join(tmpdir(), "micromarket-documents-"));

afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly status: number | null;
  readonly said: string;
}

function run(...args: readonly string[]): Ended {
  const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true", NO_COLOR: "1" };
  const ended = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8", env, timeout: PATIENCE_MS });
  return { status: ended.status, said: `${ended.stdout}${ended.stderr}` };
}

const lintOpenApi = (path: string): Ended =>
  run("node_modules/@redocly/cli/bin/cli.js", "lint", path, "--config", "docs/api/redocly.yaml");
const lintAsyncApi = (path: string): Ended => run("tools/ci/lint-asyncapi.mjs", path);

function spoiled(name: string, spoil: (text: string) => string): string {
  const text = readFileSync(join(ROOT, "docs/api", name), "utf8");
  const path = join(folder, name);
  expect(spoil(text)).not.toBe(text);
  writeFileSync(path, spoil(text));
  return path;
}

test(
  "OpenAPI has no error, and an error would be found",
  () => {
    expect(lintOpenApi("docs/api/openapi.json")).toMatchObject({ status: 0 });
    const wrong = spoiled("openapi.json", (text) =>
      text.replace("#/components/schemas/MarketView", "#/components/schemas/Nothing"),
    );
    expect(lintOpenApi(wrong)).toMatchObject({
      status: 1,
      said: expect.stringContaining("no-unresolved-refs"),
    });
  },
  2 * PATIENCE_MS,
);

test(
  "AsyncAPI has no error, and an error would be found",
  () => {
    expect(lintAsyncApi("docs/api/asyncapi.json")).toMatchObject({ status: 0 });
    const wrong = spoiled("asyncapi.json", (text) => text.replace('"action": "receive"', '"action": "listen"'));
    expect(lintAsyncApi(wrong)).toMatchObject({ status: 1, said: expect.stringContaining("action") });
  },
  2 * PATIENCE_MS,
);
