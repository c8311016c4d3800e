/** jsmodbus's server, another stack in JavaScript: reads, writes in both functions, controls, and its exceptions. */
import { expect, test } from "@jest/globals";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { instantMs } from "@micromarket/kernel";
import { ModbusTCPServer } from "jsmodbus";
import { loadProfile, modbusControls, ModbusDevice, type DeviceProfile, type ModbusLink } from "../src/index.ts";
import { keep, linkTo } from "./open-ends.ts";

/** Registers of every unit, holding and input in memories of their own. */
async function jsmodbus(count: number): Promise<{ port: number; holding: Buffer; input: Buffer }> {
  const [holding, input] = [Buffer.alloc(2 * count), Buffer.alloc(2 * count)];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket));
  new ModbusTCPServer(server, { holding, input });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  keep({
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  });
  return { port: (server.address() as AddressInfo).port, holding, input };
}

const profileOf = (name: string): DeviceProfile => loadProfile(name) as DeviceProfile;

async function readAll(link: ModbusLink, profile: DeviceProfile): Promise<unknown> {
  const { readings } = await new ModbusDevice({ device: "d", link, profile }).poll(() => instantMs(1));
  return Object.fromEntries(readings.map(({ point, value }) => [point, value.kind === "value" ? value.value : value]));
}

test("a Janitza's block of floats", async () => {
  const { port, holding } = await jsmodbus(20_000);
  const values: readonly [number, number][] = [
    [19_000, 231.5],
    [19_012, 2.25],
    [19_020, -512.5],
    [19_026, -1_500.25],
    [19_050, 50.01],
    [19_068, 123_456],
    [19_076, 7],
  ];
  for (const [address, value] of values) holding.writeFloatBE(value, 2 * address);
  expect(await readAll(linkTo(port), profileOf("janitza-umg"))).toMatchObject({
    ...{ power_w: -1_500, imported_wh: 123_456, exported_wh: 7, frequency_mhz: 50_010 },
    ...{ voltage_mv: 231_500, current_l1_ma: 2_250, power_l1_w: -512, power_l2_w: 0 },
  });
});

test("a go-e charger: read with both functions, written, and given back", async () => {
  const { port, holding, input } = await jsmodbus(400);
  input.writeUInt16BE(2, 2 * 100);
  input.writeUInt32BE(360, 2 * 120);
  input.writeUInt32BE(12_345, 2 * 128);
  holding.writeUInt16BE(16, 2 * 299);
  const profile = profileOf("go-e-charger");
  const link = linkTo(port, { writableUnits: [1] });
  expect(await readAll(link, profile)).toMatchObject({
    ...{ power_w: 3_600, imported_wh: 1_234_500, vehicle_state: 2, offered_current_ma: 16_000 },
  });
  const [current] = modbusControls({ link, profile });
  const before = await current?.read();
  expect(await current?.write(8_000, { revertAfterMs: null, fallback: null })).toEqual({ ok: true, value: null });
  expect(holding.readUInt16BE(2 * 299)).toBe(8);
  if (before?.ok === true) await current?.restore(before.value.snapshot);
  expect(holding.readUInt16BE(2 * 299)).toBe(16);
});

test("a limit of two frames by function 6; an answer that lacks the registers behind the last one is none", async () => {
  const { port, holding } = await jsmodbus(48_000);
  const profile = profileOf("huawei-sun2000");
  const link = linkTo(port, { writableUnits: [1] });
  const [limit] = modbusControls({ link, profile: { ...profile, connectDelayMs: 0, gapMs: 0 } });
  expect(await limit?.write(700_000, { revertAfterMs: null, fallback: null })).toEqual({ ok: true, value: null });
  expect([holding.readUInt16BE(2 * 47_418), holding.readUInt16BE(2 * 47_415)]).toEqual([700, 7]);
  const outside = await link.read({ unit: 1, function: 3, address: 60_000, count: 1 });
  expect(outside).toMatchObject({ ok: false, error: { code: "REPLY_INVALID", fault: "length" } });
});
