/** The SDM630's profile against servers that others wrote: the library's own, and pymodbus in both framings. */
import { describe, expect, test } from "@jest/globals";
import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { instantMs } from "@micromarket/kernel";
import { ServerTCP } from "modbus-serial";
import { loadProfile, ModbusDevice, type DeviceProfile, type Framing, type ModbusLink } from "../src/index.ts";
import { keep, linkTo } from "./open-ends.ts";
import { isPymodbusWanted, NEEDS, pymodbusServer } from "./pymodbus.ts";

/** Address → value, as the meter's display would show it. */
const METER: ReadonlyMap<number, number> = new Map([
  ...[230.1, 229.9, 231.4, 4.5, 0.25, 0.75, 1034.25, -57.5, -2211.25].map(
    (value, index) => [2 * index, value] as const,
  ),
  [0x34, -1234.5],
  [0x46, 49.98],
  [0x48, 12_345.678],
  [0x4a, 0.25],
]);
const READINGS = {
  power_w: -1_234, // −1234.5 rounds half up
  imported_wh: 12_345_678,
  exported_wh: 250,
  voltage_mv: 230_100,
  voltage_l2_mv: 229_900,
  voltage_l3_mv: 231_400,
  current_l1_ma: 4_500,
  current_l2_ma: 250,
  current_l3_ma: 750,
  power_l1_w: 1_034,
  power_l2_w: -57,
  power_l3_w: -2_211,
  frequency_mhz: 49_980,
};

function registers(): Map<number, number> {
  const bytes = Buffer.alloc(4);
  return new Map(
    [...METER].flatMap(([address, value]): [number, number][] => {
      bytes.writeFloatBE(value);
      return [
        [address, bytes.readUInt16BE(0)],
        [address + 1, bytes.readUInt16BE(2)],
      ];
    }),
  );
}

async function readSdm630(link: ModbusLink): Promise<unknown> {
  const profile = loadProfile("eastron-sdm630") as DeviceProfile;
  const device = new ModbusDevice({ device: "grid", link, profile });
  const polls = [await device.poll(() => instantMs(5)), await device.poll(() => instantMs(6))];
  return polls.map(({ readings }) =>
    Object.fromEntries(
      readings.map(({ point, value }) => [point, value.kind === "value" ? value.value : value.reason]),
    ),
  );
}

test("modbus-serial's server: values in canonical units", async () => {
  const words = registers();
  const vector = { getInputRegister: (address: number) => words.get(address) ?? 0 };
  // The number 0 would be taken for the default, 502; the text is passed on and lets the system choose.
  const server = new ServerTCP(vector, { host: "127.0.0.1", port: "0" as unknown as number, unitID: 1 });
  keep({ close: () => new Promise((resolve) => void server.close(() => resolve())) });
  await once(server, "initialized");
  const { port } = (server as unknown as { readonly _server: Server })._server.address() as AddressInfo;
  expect(await readSdm630(linkTo(port))).toEqual([READINGS, READINGS]);
});

describe("pymodbus", () => {
  (isPymodbusWanted ? test : test.skip).each<Framing>(["tcp", "rtu-over-tcp"])(
    `%s: values in canonical units, though the gaps of the map are refused (${NEEDS})`,
    async (framing) => {
      const port = await pymodbusServer(framing, { input: registers() });
      const link = linkTo(port, { framing });
      expect(await readSdm630(link)).toEqual([READINGS, READINGS]);
      expect(link.metrics).toMatchObject({ exceptions: { 2: 2 }, reconnects: 0, connects: 1 });
    },
  );
});
