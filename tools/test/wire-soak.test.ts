/** The socket's trials in short, as `npm run soak` goes through the whole of them: wild frames, the rush before a gate, a storm. */
import { expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { SoakReport } from "../soak/soak-report.ts";

const SOAK = fileURLToPath(new URL("../soak.mjs", import.meta.url));
const SEED = process.env["MICROMARKET_SEED"] ?? "20261127";

test.each([
  ["frames", ["--frames", "12000"], { frames: 12_000 }],
  ["gate", ["--connections", "60"], { orders: 600 }],
  ["orders", ["--orders", "1200", "--cuts", "12"], { orders: 1_200, kills: 2 }],
])(
  `%s: nothing is lost, doubled or left unanswered (MICROMARKET_SEED=${SEED})`,
  (part, more, least) => {
    const args = ["--seed", SEED, "--only", part, ...more, "--json"];
    const { status, stdout, stderr } = spawnSync(process.execPath, [SOAK, ...args], { encoding: "utf8" });
    if (stdout === "") throw new Error(stderr);
    const report = JSON.parse(stdout) as SoakReport;
    const figures = report.figures[part] ?? {};
    process.stdout.write(`${JSON.stringify({ seed: SEED, part, ...figures })}\n`);
    expect(report).toMatchObject({ trials: { [part]: 1 }, violations: [], lost: 0, doubled: 0 });
    for (const [name, count] of Object.entries(least))
      expect({ name, isThere: Number(figures[name]) >= count }).toEqual({ name, isThere: true });
    expect(status).toBe(0);
  },
  600_000,
);
