/** The devices' day in short, as `npm run soak` lives through the whole of it: flaky lines, a broker that is killed, no wrong number. */
import { expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { SoakReport } from "../soak/soak-report.ts";

const SOAK = fileURLToPath(new URL("../soak.mjs", import.meta.url));
const SEED = process.env["MICROMARKET_SEED"] ?? "20261126";
const HOMES = 8;
const SLOTS = 8;

test(`${SLOTS} slots of ${HOMES} homes: right, or open and told (MICROMARKET_SEED=${SEED})`, () => {
  const args = ["--seed", SEED, "--only", "devices", "--homes", String(HOMES), "--slots", String(SLOTS), "--json"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [SOAK, ...args], { encoding: "utf8" });
  if (stdout === "") throw new Error(stderr);
  const report = JSON.parse(stdout) as SoakReport;
  const line = `${JSON.stringify({ seed: SEED, ...report.figures["devices"] })}\n`;
  process.stdout.write(line);
  if (process.env["MICROMARKET_FIGURES"] !== undefined) appendFileSync(process.env["MICROMARKET_FIGURES"], line);
  expect(report).toMatchObject({
    trials: { devices: 1 },
    figures: { devices: { wrong: 0, unflagged: 0 } },
    violations: [],
  });
  expect(Number(report.figures["devices"]?.["deliveries"])).toBeGreaterThan(HOMES);
  expect(stderr).toContain(`soak: devices: slot ${SLOTS} of ${SLOTS}`);
  expect(stderr).toContain("the broker was killed and started anew");
  expect({ status, skipped: report.skipped }).toEqual({
    status: 0,
    skipped: process.env["CI"] === "true" ? [] : report.skipped,
  });
}, 600_000);
