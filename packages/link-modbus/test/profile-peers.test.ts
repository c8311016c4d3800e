/**
 * Shipped profiles against servers that pymodbus encodes and serves: what a device's display would show, by the addresses and
 * types of the maker's table, comes out in canonical units. Registers that no row names are absent and refused.
 */
import { describe, expect, test } from "@jest/globals";
import { instantMs } from "@micromarket/kernel";
import { loadProfile, ModbusDevice, type DeviceProfile, type EndFirst, type ModbusLink } from "../src/index.ts";
import { linkTo } from "./open-ends.ts";
import { isPymodbusWanted, NEEDS, pymodbusServer, type PeerPoint } from "./pymodbus.ts";

type Row = readonly [address: number, type: PeerPoint["type"], value: number | string];

interface Peer {
  readonly profile: string;
  readonly area: PeerPoint["area"];
  readonly order: EndFirst;
  readonly rows: readonly Row[];
  readonly readings: Readonly<Record<string, number | string>>;
}

const CG_PHASES: readonly Row[] = [
  ...[2301, 2299, 2315, 0, 0, 0].map((value, index): Row => [2 * index, "int32", value]),
  ...[4567, 250, -75, 10_342, -575, -22_118].map((value, index): Row => [0x0c + 2 * index, "int32", value]),
];
const CG_READINGS = {
  ...{ voltage_mv: 230_100, voltage_l2_mv: 229_900, voltage_l3_mv: 231_500 },
  ...{ current_l1_ma: 4_567, current_l2_ma: 250, current_l3_ma: -75 },
  ...{ power_l1_w: 1_034, power_l2_w: -57, power_l3_w: -2_212 },
};

const PEERS: readonly Peer[] = [
  {
    profile: "eastron-sdm630",
    area: "input",
    order: "big",
    rows: [
      ...[230.1, 229.9, 231.4, 4.5, 0.25, 0.75, 1034.25, -57.5, -2211.25].map((value, index): Row => [
        2 * index,
        "float32",
        value,
      ]),
      ...([
        [0x34, "float32", -1234.5],
        [0x46, "float32", 49.98],
        [0x48, "float32", 12_345.678],
        [0x4a, "float32", 0.25],
      ] as const),
    ],
    readings: {
      ...{ power_w: -1_234, imported_wh: 12_345_678, exported_wh: 250, frequency_mhz: 49_980 },
      ...{ voltage_mv: 230_100, voltage_l2_mv: 229_900, voltage_l3_mv: 231_400 },
      ...{ current_l1_ma: 4_500, current_l2_ma: 250, current_l3_ma: 750 },
      ...{ power_l1_w: 1_034, power_l2_w: -57, power_l3_w: -2_211 },
    },
  },
  ...["eastron-sdm120", "eastron-sdm230"].map((profile): Peer => ({
    profile,
    area: "input",
    order: "big",
    rows: [
      [0x00, "float32", 229.5],
      [0x06, "float32", 1.5],
      [0x0c, "float32", -345],
      [0x46, "float32", 50.02],
      [0x48, "float32", 12.5],
      [0x4a, "float32", 99.25],
    ],
    readings: {
      ...{ power_w: -345, voltage_mv: 229_500, current_ma: 1_500, frequency_mhz: 50_020 },
      ...{ imported_wh: 12_500, exported_wh: 99_250 },
    },
  })),
  {
    profile: "carlo-gavazzi-em24",
    area: "input",
    order: "little",
    rows: [...CG_PHASES, [0x28, "int32", -12_351], [0x37, "uint16", 499], [0x3e, "int32", 123_456]],
    // 0x5C, the total export, is absent in some applications
    readings: {
      ...CG_READINGS,
      power_w: -1_235,
      frequency_mhz: 49_900,
      imported_wh: 12_345_600,
      exported_wh: "not-reported",
    },
  },
  {
    profile: "carlo-gavazzi-em24-e1",
    area: "input",
    order: "little",
    rows: [
      ...CG_PHASES.filter(([address]) => address !== 0x0a), // there stands the model, at 0x0B
      [0x0b, "uint16", 1650],
      [0xa000, "uint16", 7],
      [0x28, "int32", 0x7fff_0000], // overflow
      [0x33, "uint16", 500],
      [0x34, "int32", 987_654],
      [0x4e, "int32", 3],
    ],
    readings: {
      ...CG_READINGS,
      power_w: "out-of-range",
      frequency_mhz: 50_000,
      imported_wh: 98_765_400,
      exported_wh: 300,
    },
  },
  {
    profile: "victron-gx-grid",
    area: "holding",
    order: "big",
    rows: [
      ...([2305, 12, 2311, -34, 2298, 0] as const).map((value, index): Row => [
        2616 + index,
        index % 2 === 0 ? "uint16" : "int16",
        value,
      ]),
      [2634, "uint32", 65_536],
      [2636, "uint32", 4_294_967_295],
      [2638, "int32", 500],
      [2640, "int32", -1_250],
      [2642, "int32", 7],
      [2644, "uint16", 4_997],
    ],
    readings: {
      ...{ power_w: -743, power_l1_w: 500, power_l2_w: -1_250, power_l3_w: 7, frequency_mhz: 49_970 },
      ...{ imported_wh: 655_360, exported_wh: 42_949_672_950 },
      ...{ voltage_mv: 230_500, voltage_l2_mv: 231_100, voltage_l3_mv: 229_800 },
      ...{ current_l1_ma: 1_200, current_l2_ma: -3_400, current_l3_ma: 0 },
    },
  },
  {
    profile: "victron-gx-system",
    area: "holding",
    order: "big",
    rows: [
      [840, "uint16", 521],
      [841, "int16", -123],
      [842, "int16", -640],
      [843, "uint16", 77],
      [844, "uint16", 2],
      [2901, "uint16", 150],
    ],
    readings: {
      ...{ power_w: -640, state_of_charge_ppm: 770_000, voltage_mv: 52_100, current_ma: -12_300 },
      ...{ operating_state: 2, reserve_ppm: 150_000 },
    },
  },
  {
    profile: "sma-modbus",
    area: "holding",
    order: "big",
    rows: [
      [30_775, "uint32", 0x8000_0000], // at night
      [30_513, "uint64", 12_345_678],
    ],
    readings: { power_w: "not-reported", exported_wh: 12_345_678 },
  },
  {
    profile: "sma-modbus-battery",
    area: "holding",
    order: "big",
    rows: [
      [31_393, "uint32", 0],
      [31_395, "uint32", 1_500],
      [30_845, "uint32", 55],
    ],
    readings: { power_w: -1_500, state_of_charge_ppm: 550_000 },
  },
  {
    profile: "huawei-sun2000",
    area: "holding",
    order: "big",
    rows: [
      [30_000, "text", "SUN2000-8KTL-M1"],
      [30_075, "uint32", 8_800],
      [32_080, "int32", 4_321],
      [32_106, "uint32", 1_234_567],
    ],
    readings: { power_w: -4_321, exported_wh: 12_345_670, rating_w: 8_800 },
  },
];

async function readAll(profile: DeviceProfile, link: ModbusLink): Promise<unknown> {
  const { readings } = await new ModbusDevice({ device: "d", link, profile }).poll(() => instantMs(5));
  const said = readings.map(({ point, value }) => [point, value.kind === "value" ? value.value : value.reason]);
  return Object.fromEntries(said);
}

async function serve({ area, order, rows }: Peer, unit: number): Promise<ModbusLink> {
  const points = rows.map(([address, type, value]): PeerPoint => ({ area, address, type, value, order }));
  return linkTo(await pymodbusServer("tcp", { unit, points }));
}

const profileOf = (name: string): DeviceProfile => loadProfile(name) as DeviceProfile;

describe("pymodbus encodes and serves", () => {
  (isPymodbusWanted ? test : test.skip).each(PEERS)(`$profile (${NEEDS})`, async (peer) => {
    const profile = profileOf(peer.profile);
    expect(await readAll(profile, await serve(peer, profile.unit))).toEqual(peer.readings);
  });
});

describe("another device than the profile's", () => {
  const [e1] = PEERS.filter(({ profile }) => profile === "carlo-gavazzi-em24-e1") as [Peer];
  (isPymodbusWanted ? test : test.skip).each<[string, readonly Row[], string]>([
    ["another model", [[0x0b, "uint16", 71]], "register 11 holds 71, not one of 1648, 1649, "],
    [
      "another application",
      [
        [0x0b, "uint16", 1650],
        [0xa000, "uint16", 4],
      ],
      "the application is H: register 40960 holds 4, not 7",
    ],
    [
      "no such register",
      [[0x28, "int32", 1]],
      "the meter is of the EM24-E1 family: register 11 is not there (exception 2)",
    ],
  ])(`%s: no point is read, and the trouble says what was found (${NEEDS})`, async (_name, rows, detail) => {
    const profile = profileOf(e1.profile);
    const device = new ModbusDevice({ device: "d", link: await serve({ ...e1, rows }, 1), profile });
    const { readings } = await device.poll(() => instantMs(5));
    expect(new Set(readings.map(({ value }) => value.kind === "missing" && value.reason))).toEqual(
      new Set(["not-reported"]),
    );
    expect(readings).toHaveLength(profile.points.length);
    expect(device.failure).toMatchObject({ code: "ANOTHER_DEVICE", detail: expect.stringContaining(detail) });
  });
});
