/**
 * Devices × faults × what is done meanwhile, as one table. No cell may give a wrong number, a promise that hangs, or a gap
 * that nobody is told of; after the fault the next polls are right, and a value that is held is held again.
 *
 * The servers are pysunspec2's and pymodbus's; a proxy of the test's own does to single answers what lines do. Patience runs
 * out by a clock that leaps, so a silence costs no time and a slow machine fails no cell.
 *
 * What counters do (wrap, reset, a step back) the link hands on as it reads it; `device-faults.test.ts` of the gateway has those
 * columns. Answers that come late on lines that mix them up stand in `fault-matrix-late.test.ts`, Shelly's
 * payloads in `fault-matrix.test.ts` of link-mqtt.
 */
import { describe, expect, test } from "@jest/globals";
import { controlCell, readCell, type ControlMoment, type Fault } from "./fault-matrix-cells.ts";
import { DEVICES, STATE_FAULTS, type MatrixDevice } from "./fault-matrix-devices.ts";
import { WIRE_FAULTS } from "./fault-proxy.ts";
import { isPymodbusWanted, NEEDS } from "./pymodbus.ts";
import { isPeerWanted } from "./sunspec/sunspec-peer.ts";

const FAULTS: readonly Fault[] = ["ok", ...WIRE_FAULTS, ...STATE_FAULTS];
const MOMENTS: readonly ("read" | ControlMoment)[] = ["read", "write", "verify", "reversion"];

interface Cell {
  readonly device: string;
  readonly fault: string;
  readonly moment: string;
  /** "ok", "–" with a reason, or what went wrong. */
  readonly result: string;
}

/** Why a cell cannot be; `null`: it can. */
function notApplicable({ struck }: MatrixDevice, controls: number, fault: Fault, moment: string): string | null {
  if (moment !== "read" && controls === 0) return "– the device is a meter: nothing can be written to it";
  const isState = fault === "SF missing" || fault === "sentinel";
  if (isState && typeof struck[fault] === "string") return `– ${struck[fault]}`;
  return null;
}

async function rowsOf(device: MatrixDevice): Promise<readonly Cell[]> {
  const server = await device.start();
  const cells: Cell[] = [];
  for (const fault of FAULTS) {
    for (const moment of MOMENTS) {
      const cell = { device: device.name, fault, moment };
      const none = notApplicable(device, server.controls.length, fault, moment);
      if (none !== null) {
        cells.push({ ...cell, result: none });
        continue;
      }
      const ran = moment === "read" ? [readCell(device, server, fault)] : [];
      const outcome = await Promise.allSettled(ran);
      const complaints = outcome.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
      for (const control of moment === "read" ? [] : server.controls) {
        await controlCell(device, server, control, moment as ControlMoment, fault).catch((error: unknown) => {
          complaints.push(`${control.capability}: ${String(error)}`);
        });
      }
      cells.push({ ...cell, result: complaints[0] ?? "ok" });
    }
  }
  return cells;
}

/** Faults down, devices across, a letter for each moment; below it what went wrong, and why what is left out is. */
function tableText(cells: readonly Cell[]): string {
  const devices = [...new Set(cells.map(({ device }) => device))];
  const width = Math.max(...devices.map((name) => name.length)) + 2;
  const mark = (result: string): string => (result === "ok" ? "+" : result.startsWith("–") ? "." : "X");
  const lines = [...new Set(cells.map(({ fault }) => fault))].map((fault) => {
    const row = devices.map((device) => {
      const marks = MOMENTS.map((moment) =>
        mark(
          cells.find((cell) => cell.device === device && cell.fault === fault && cell.moment === moment)?.result ?? "–",
        ),
      );
      return marks.join(" ").padEnd(width);
    });
    return fault.padEnd(16) + row.join("");
  });
  const head = " ".repeat(16) + devices.map((name) => name.padEnd(width)).join("");
  const faults = cells.filter(({ result }) => mark(result) === "X");
  const told = faults.map(({ device, fault, moment, result }) => `${device} × ${fault} × ${moment}: ${result}`);
  const reasons = [...new Set(cells.map(({ result }) => result).filter((result) => result.startsWith("–")))];
  return [`(${MOMENTS.join(", ")})`, head, ...lines, "", ...told, "", ...reasons].join("\n");
}

describe(`the fault matrix (${NEEDS})`, () => {
  (isPymodbusWanted && isPeerWanted ? test : test.skip)(
    "no cell gives a wrong number, a hung promise or a gap that is not told",
    async () => {
      const cells = (await Promise.all(DEVICES.map(rowsOf))).flat();
      expect(cells).toHaveLength(DEVICES.length * FAULTS.length * MOMENTS.length);
      const isWhole = cells.every(({ result }) => result === "ok" || result.startsWith("–"));
      if (!isWhole) throw new Error(tableText(cells));
    },
    300_000,
  );
});
