/** A Modbus client that is not ours reads the meters: Debian's mbpoll (libmodbus). */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { HOUR, times } from "@micromarket/kernel";
import { setTime, start } from "./started.ts";

const execute = promisify(execFile);
const isThere = await execute("mbpoll", ["-V"]).then(
  () => true,
  () => false,
);
const whenMbpollIsThere = isThere || process.env["CI"] === "true" ? test : test.skip;

async function poll(port: number, unit: number, address: number): Promise<string> {
  const target = ["-m", "tcp", "-p", String(port), "-a", String(unit), "-0", "-r", String(address)];
  const { stdout } = await execute("mbpoll", [...target, "-t", "3:float", "-B", "-c", "1", "-1", "-q", "127.0.0.1"]);
  return /^\[\d+\]:\s*(\S+)/m.exec(stdout)?.[1] ?? stdout;
}

whenMbpollIsThere("mbpoll reads power and counters (install it with tools/ci/install-mbpoll.sh)", async () => {
  const time = setTime();
  const simulator = await start({ realNow: time.realNow });
  time.advance(times(HOUR, 7));
  const { port } = simulator.description.modbus;
  const pv = simulator.street.read("home-1", "pv", simulator.virtualNow());
  const exportedWh: number = pv.exported;
  expect(Number(await poll(port, 1, 0x0000))).toBe(230);
  expect(Number(await poll(port, 2, 0x0034))).toBe(pv.power);
  expect(Number(await poll(port, 2, 0x004a))).toBeCloseTo(exportedWh / 1_000, 3);
  await expect(poll(port, 1, 0x004c)).rejects.toMatchObject({
    stderr: expect.stringContaining("Illegal data address"),
  });
});
