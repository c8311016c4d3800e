/** Devices under control, found, read and written by the SunSpec Alliance's own client. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { instantMs } from "@micromarket/kernel";
import type { Simulator } from "@micromarket/device-simulator";
import { monotonicNow } from "../src/accelerated-clock.ts";
import { start } from "./started.ts";

const PYTHON = process.env["MICROMARKET_PYSUNSPEC2_PYTHON"] ?? process.env["MICROMARKET_PYMODBUS_PYTHON"];
const isThere = PYTHON !== undefined && spawnSync(PYTHON, ["-c", "import sunspec2.modbus.client"]).status === 0;
const withPeer = isThere || process.env["CI"] === "true" ? test : test.skip;
const NEEDS = "(run tools/ci/install-pymodbus.sh and set MICROMARKET_PYMODBUS_PYTHON to the path that it prints)";
const LONG = 240_000;
/** A quarter of an hour in 15 seconds: what is written shows in the counters while the timers run. */
const SPEED = 60;
const MIDSUMMER_NOON = instantMs(Date.UTC(2026, 5, 21, 11));

type Step =
  | { readonly read: string }
  | { readonly wait: string; readonly for: number }
  | { readonly write: number; readonly points: Readonly<Record<string, number>> }
  | { readonly refused: number; readonly points: Readonly<Record<string, number>> };

interface Answer {
  readonly models: readonly number[];
  readonly seen: readonly unknown[];
}

async function peer({ description }: Simulator, id: string, ...steps: readonly Step[]): Promise<Answer> {
  const device = description.controlled?.find((of) => of.id === id);
  if (device?.link !== "modbus") throw new Error(`${id} speaks no SunSpec`);
  const { host, port, unit } = device;
  const child = spawn(PYTHON ?? "python3", [fileURLToPath(new URL("sunspec-peer.py", import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const line = once(createInterface(child.stdout), "line");
  const exit = once(child, "exit");
  child.stdin.end(`${JSON.stringify({ host, port, unit, steps })}\n`);
  const first = await Promise.race([
    line,
    exit.then(([code]) => Promise.reject(new Error(`the client left with ${code}`))),
  ]);
  exit.catch(() => undefined);
  const answer = JSON.parse(String(first[0])) as Answer;
  expect(answer.models).toEqual(device.models);
  return answer;
}

function street(): Promise<Simulator> {
  return start({
    ...{ homes: 2, seed: 2, batteries: 2, inverters: 2, speed: SPEED, epoch: MIDSUMMER_NOON },
    anchor: instantMs(Math.floor(monotonicNow())),
  });
}

withPeer(
  `a battery charges as models 124 and 123 say, and stands still when the timer has run out ${NEEDS}`,
  async () => {
    const { seen } = await peer(
      await street(),
      "home-1-battery",
      { read: "802.SoC" },
      { read: "103.W" },
      { write: 124, points: { StorCtl_Mod: 3, OutWRte: -40, InWRte: 40, InOutWRte_RvrtTms: 4 } },
      { wait: "103.W", for: -2_000 },
      { wait: "124.StorCtl_Mod", for: 0 },
      { wait: "103.W", for: 0 },
      { read: "802.SoC" },
      { write: 124, points: { StorCtl_Mod: 1, InWRte: -60, InOutWRte_RvrtTms: 0 } },
      { wait: "103.W", for: 3_000 },
      { wait: "802.ChaSt", for: 3 },
      { write: 123, points: { WMaxLimPct: 10, WMaxLimPct_RvrtTms: 3, WMaxLim_Ena: 1 } },
      { wait: "103.W", for: 500 },
      { wait: "103.W", for: 3_000 },
      { read: "103.WH" },
      { refused: 120, points: { WRtg: 9_000 } },
      { refused: 124, points: { InWRte: 101 } },
    );
    const [full, power, , charging, mode, still, fuller, , discharging, status, , limited, free, energy] = seen;
    expect({ full, power, charging, mode, still, discharging, status, limited, free }).toEqual({
      ...{ full: 50, power: 0, charging: -2_000, mode: 0, still: 0, discharging: 3_000, status: 3 },
      ...{ limited: 500, free: 3_000 },
    });
    expect(fuller).toBeGreaterThan(50);
    expect(energy).toBeGreaterThan(0);
    expect(seen.slice(-2)).toEqual([expect.stringContaining("2"), expect.stringContaining("3")]);
  },
  LONG,
);

withPeer(
  `a battery with the models of IEEE 1547 feeds in as model 704 says, counts down, and falls back ${NEEDS}`,
  async () => {
    const { seen } = await peer(
      await street(),
      "home-2-battery",
      { read: "713.SoC" },
      {
        write: 704,
        points: { WSetEna: 1, WSetMod: 1, WSet: 1_500, WSetRvrt: -700, WSetEnaRvrt: 1, WSetRvrtTms: 4 },
      },
      { wait: "701.W", for: 1_500 },
      { read: "704.WSetRvrtRem" },
      { wait: "701.W", for: -700 },
      { read: "704.WSetRvrtRem" },
      { read: "701.TotWhInj" },
      { write: 704, points: { WSetEna: 0 } },
      { wait: "701.W", for: 0 },
      { write: 704, points: { WSetEna: 1, WSet: 5_000, WSetRvrtTms: 0 } },
      { wait: "701.W", for: 5_000 },
      { write: 704, points: { WMaxLimPctEna: 1, WMaxLimPct: 20, WMaxLimPctRvrtTms: 3 } },
      { wait: "701.W", for: 1_000 },
      { wait: "701.W", for: 5_000 },
      { read: "715.LocRemCtl" },
      { refused: 704, points: { WSet: 5_001 } },
      { refused: 702, points: { WMax: 1 } },
    );
    const [full, , power, remaining, fallback, over, fedIn, , still, , most, , limited, free, local] = seen;
    expect({ full, power, fallback, over, still, most, limited, free, local }).toEqual({
      ...{ full: 50, power: 1_500, fallback: -700, over: 0, still: 0, most: 5_000, limited: 1_000, free: 5_000 },
      local: 0,
    });
    expect(remaining).toBeGreaterThan(0);
    expect(remaining).toBeLessThanOrEqual(4);
    expect(fedIn).toBeGreaterThan(0);
    expect(seen.slice(-2)).toEqual([expect.stringContaining("3"), expect.stringContaining("2")]);
  },
  LONG,
);

withPeer(
  `a PV inverter gives no more than model 123 says, until the timer has run out ${NEEDS}`,
  async () => {
    const simulator = await street();
    const { seen } = await peer(
      simulator,
      "home-1-inverter",
      { read: "120.WRtg" },
      { write: 123, points: { WMaxLimPct: 1, WMaxLimPct_RvrtTms: 4, WMaxLim_Ena: 1 } },
      { wait: "103.W", for: 60 },
      { read: "103.St" },
      { wait: "123.WMaxLim_Ena", for: 0 },
      { wait: "103.St", for: 4 },
      { read: "103.W" },
    );
    const [rating, , limited, throttled, enabled, running, free] = seen;
    expect({ rating, limited, throttled, enabled, running }).toEqual({
      ...{ rating: 6_000, limited: 60, throttled: 5, enabled: 0, running: 4 },
    });
    expect(free).toBeGreaterThan(60);
  },
  LONG,
);
