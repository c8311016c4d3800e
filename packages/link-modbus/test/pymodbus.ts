/** A server by pymodbus, which is not ours. */
import { expect } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { EndFirst, Framing, RegisterType } from "../src/index.ts";
import { keep } from "./open-ends.ts";

const PYTHON = process.env["MICROMARKET_PYMODBUS_PYTHON"];

/** Whether its tests run; in CI a missing one fails them. */
export const isPymodbusWanted = PYTHON !== undefined || process.env["CI"] === "true";
export const NEEDS = "run tools/ci/install-pymodbus.sh and set MICROMARKET_PYMODBUS_PYTHON to the path that it prints";

/** A number, or a text of two characters a register, that pymodbus encodes. */
export interface PeerPoint {
  readonly area: "input" | "holding";
  readonly address: number;
  readonly type: RegisterType | "text";
  readonly value: number | string;
  readonly order: EndFirst;
}

/** Registers of one unit: address → word. Every other one is absent; those to hold can be written. */
export interface Registers {
  /** @default 1 */
  readonly unit?: number;
  readonly points?: readonly PeerPoint[];
  readonly input?: ReadonlyMap<number, number>;
  readonly holding?: ReadonlyMap<number, number>;
  /** Words that a register to hold gets when nobody has written it for so long. */
  readonly timer?: { readonly address: number; readonly seconds: number; readonly words: readonly number[] };
  /** More units behind the same port; only the first one's writes are told. */
  readonly units?: readonly Registers[];
}

/** A server, and what its head lists as further lines. */
export interface PymodbusDevice {
  readonly port: number;
  tell<Answer = unknown>(order: object): Promise<Answer>;
}

/** Starts one; its port. */
export async function pymodbusServer(framing: Framing, registers: Registers): Promise<number> {
  return (await pymodbusDevice(framing, registers)).port;
}

/** Starts one that can be told more. */
export async function pymodbusDevice(
  framing: Framing,
  { unit = 1, points = [], input, holding, timer, units = [] }: Registers,
): Promise<PymodbusDevice> {
  if (PYTHON === undefined) throw new Error(`pymodbus is missing: ${NEEDS}`);
  const script = fileURLToPath(new URL("pymodbus-server.py", import.meta.url));
  const server = spawn(PYTHON, [script], { stdio: ["pipe", "pipe", "inherit"] });
  keep({
    close: async () => {
      server.stdin.end();
      if (server.exitCode === null) await once(server, "exit");
    },
  });
  const words = (registers: Registers["input"]): object => Object.fromEntries(registers ?? []);
  const lines: AsyncIterator<string> = createInterface(server.stdout)[Symbol.asyncIterator]();
  const ask = async (order: object): Promise<unknown> => {
    server.stdin.write(`${JSON.stringify(order)}\n`);
    const line = await lines.next();
    if (line.done === true) throw new Error("the server by pymodbus has ended");
    return JSON.parse(line.value) as unknown;
  };
  const others = units.map((one) => ({ ...one, input: words(one.input), holding: words(one.holding) }));
  const own = { unit, points, input: words(input), holding: words(holding), timer };
  const port = await ask({ framing, ...own, units: others });
  expect(port).toEqual(expect.any(Number));
  return { port: Number(port), tell: async <Answer>(order: object) => (await ask(order)) as Answer };
}
