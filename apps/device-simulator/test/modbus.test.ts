import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { HOUR, MINUTE, times, type WattHours } from "@micromarket/kernel";
import { generateHomes } from "@micromarket/simulation";
import { DEFAULT_EPOCH } from "../src/simulator.ts";
import { modbusClient, readSdm630, setTime, start, type Sdm630 } from "./started.ts";

const QUARTER = times(MINUTE, 15);
/** The same street as `start` has, straight from the laboratory. */
const LABORATORY = generateHomes({ count: 4, seed: 2, start: DEFAULT_EPOCH, slotLength: QUARTER, slotCount: 960 });

const sum = (values: readonly number[]): number => values.reduce((partial, value) => partial + value, 0);
const positive = (values: readonly number[]): number => sum(values.map((value) => Math.max(0, value)));
const series = (home: number): { readonly load: readonly WattHours[]; readonly pv: readonly WattHours[] } =>
  LABORATORY[home - 1] ?? { load: [], pv: [] };
const netOf = (home: number): readonly number[] => {
  const { load, pv } = series(home);
  return load.map((demand, slot) => demand - (pv[slot] ?? 0));
};

async function raw(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

describe("a street's Modbus meters", () => {
  test("every unit shows the laboratory's energies to the Wh at each slot's end, and never counts back", async () => {
    const time = setTime();
    const simulator = await start({ realNow: time.realNow });
    const client = await modbusClient(simulator);
    const units = simulator.description.devices.flatMap((device) => (device.link === "modbus" ? [device] : []));
    expect(units.map(({ unit, place }) => [unit, place])).toEqual([
      [1, "grid"],
      [2, "pv"],
      [3, "grid"],
    ]);
    const before = new Map<number, Sdm630>();
    for (let slot = 1; slot <= 60; slot++) {
      time.advance(300_000);
      for (const { unit } of units) expectForward(before, unit, await readSdm630(client, unit));
      time.advance(600_000);
      for (const { unit } of units) expectForward(before, unit, await readSdm630(client, unit));
      for (const [unit, home] of [
        [1, 1],
        [3, 3],
      ] as const) {
        const net = netOf(home).slice(0, slot);
        expect(before.get(unit)).toMatchObject({
          importedWh: positive(net),
          exportedWh: positive(net.map((energy) => -energy)),
          power: 4 * (netOf(home)[slot] ?? NaN),
        });
      }
      expect(before.get(2)).toMatchObject({ importedWh: 0, exportedWh: sum(series(1).pv.slice(0, slot)) });
    }
    expect(before.get(2)?.exportedWh).toBeGreaterThan(1_000);
  });

  test("power has the load convention: PV is negative, its export raises the home's", async () => {
    const time = setTime();
    const client = await modbusClient(await start({ realNow: time.realNow }));
    time.advance(times(HOUR, 7));
    const [grid, pv] = [await readSdm630(client, 1), await readSdm630(client, 2)];
    const slot = 28;
    expect(pv.power).toBe(-4 * (series(1).pv[slot] ?? NaN));
    expect(pv.power).toBeLessThan(-100);
    expect(grid.power - pv.power).toBe(4 * (series(1).load[slot] ?? NaN));
    expect(grid).toMatchObject({ voltage: 230, frequency: 50 });
    client.setID(2);
    const block = (await client.readInputRegisters(0x0034, 24)).buffer;
    expect([block.readFloatBE(0), block.readFloatBE(8)]).toEqual([pv.power, -pv.power]);
    expect(Math.round(block.readFloatBE(44) * 1_000)).toBe(pv.exportedWh);
  });

  test("what is not there is an exception: register 2, function 1, unit 11", async () => {
    const client = await modbusClient(await start());
    client.setID(1);
    await expect(client.readInputRegisters(0x004c, 2)).rejects.toMatchObject({ modbusCode: 2 });
    await expect(client.readInputRegisters(0x0048, 6)).rejects.toMatchObject({ modbusCode: 2 });
    await expect(client.readInputRegisters(0x0000, 125)).rejects.toMatchObject({ modbusCode: 2 });
    await expect(client.readHoldingRegisters(0x0000, 2)).rejects.toMatchObject({ modbusCode: 1 });
    await expect(client.writeRegister(0x0000, 1)).rejects.toMatchObject({ modbusCode: 1 });
    client.setID(77);
    await expect(client.readInputRegisters(0x0000, 2)).rejects.toMatchObject({ modbusCode: 11 });
    client.setID(1);
    await expect(client.readInputRegisters(0x0000, 2)).resolves.toMatchObject({ data: [0x4366, 0x0000] });
    await expect(client.readInputRegisters(0x0048, 1)).resolves.toMatchObject({ data: [0] });
  });

  test("bytes that are no Modbus end the connection, whole requests in pieces do not", async () => {
    const { description } = await start();
    for (const bytes of ["474554202f20485454502f312e31", "0001000100060104000000020000", "00010000ffff010400000002"]) {
      const socket = await raw(description.modbus.port);
      socket.resume().write(Buffer.from(bytes, "hex"));
      await once(socket, "close");
    }
    const socket = await raw(description.modbus.port);
    socket.setNoDelay(true);
    const request = Buffer.from("0007000000060104000000020008000000060104", "hex");
    for (const byte of [...request, ...Buffer.from("00000002", "hex")]) socket.write(Buffer.from([byte]));
    const answers: Buffer[] = [];
    while (Buffer.concat(answers).length < 26) answers.push(...((await once(socket, "data")) as Buffer[]));
    expect(Buffer.concat(answers).toString("hex")).toBe("000700000007010404436600000008000000070104044366" + "0000");
    socket.destroy();
  });

  test("no more clients than allowed", async () => {
    const { description } = await start({ modbusConnectionsMax: 2 });
    const allowed = [await raw(description.modbus.port), await raw(description.modbus.port)];
    const refused = await raw(description.modbus.port);
    await once(refused.resume(), "close");
    expect(allowed.map(({ destroyed }) => destroyed)).toEqual([false, false]);
    allowed.forEach((socket) => socket.destroy());
  });
});

function expectForward(before: Map<number, Sdm630>, unit: number, now: Sdm630): void {
  const last = before.get(unit);
  expect(now.importedWh).toBeGreaterThanOrEqual(last?.importedWh ?? 0);
  expect(now.exportedWh).toBeGreaterThanOrEqual(last?.exportedWh ?? 0);
  before.set(unit, now);
}
