/**
 * The devices of the fault matrix, served by pysunspec2 and pymodbus. Each poll finds other values, which follow from a
 * number, the tag: an answer that belongs to another poll, or to another register, shows.
 */
import type { Capability } from "@micromarket/control";
import type { DeviceReadings, PointName } from "@micromarket/assets";
import type { Control } from "@micromarket/device-profiles";
import type { InstantMs } from "@micromarket/kernel";
import {
  loadProfile,
  loadSunspecProfile,
  ModbusDevice,
  modbusControls,
  SunspecDevice,
  sunspecControl,
  type DeviceProfile,
  type ModbusLink,
  type SunspecProfile,
} from "../src/index.ts";
import { pymodbusDevice, type PeerPoint } from "./pymodbus.ts";
import { sunspecPeer } from "./sunspec/sunspec-peer.ts";

/** What a device says in one poll; a point that is not there is never told. */
export type Values = Partial<Record<PointName, number>>;

/** What stands in registers, not on the wire. */
export const STATE_FAULTS = ["SF missing", "sentinel"] as const;
export type StateFault = (typeof STATE_FAULTS)[number];

/** How the link sees it. */
export interface MatrixReader {
  readonly failure: unknown;
  poll(now: () => InstantMs): Promise<DeviceReadings>;
}

/** A server, with what the test does to it by its own door. */
export interface MatrixServer {
  readonly port: number;
  /** From now on the values of this tag. */
  show(tag: number): Promise<void>;
  /** Does the fault, or takes it back; the points of `struck` are then missing. */
  strike(fault: StateFault, isOn: boolean): Promise<void>;
  /** Lets the device's own time go by. */
  tick(seconds: number): Promise<void>;
  /** What clients wrote since the last look: words, by register. */
  writes(): Promise<readonly (readonly number[])[]>;
}

export interface MatrixControl {
  readonly capability: Capability;
  /** Held, and the only value that may be written but for what was found. */
  readonly value: number;
  readonly unit: number;
  /** Words of a frame that says `value`, or that puts back what was found. */
  readonly allowed: (words: readonly number[]) => boolean;
  /** Whether the device obeys the value now, by its own door. */
  readonly isHeld: () => Promise<boolean>;
}

export interface MatrixDevice {
  readonly name: string;
  readonly start: () => Promise<MatrixServer & { readonly controls: readonly MatrixControl[] }>;
  readonly reader: (link: ModbusLink) => MatrixReader;
  readonly control: (link: ModbusLink, capability: Capability) => Control | null;
  readonly values: (tag: number) => Values;
  /** Points that one answer of zeros alone may show as 0: nothing in it, nor the profile, says that they are not. */
  readonly alone: readonly PointName[];
  /** What a state fault takes away; `null` or none: it cannot happen here. */
  readonly struck: Readonly<Record<StateFault, readonly PointName[] | string>>;
}

/** The link's patience is the clock's leap; the rest costs only time here. */
const PATIENCE = { timeoutMs: 20_000, gapMs: 0, connectDelayMs: 0 };

function sunspec(profileName: string): Pick<MatrixDevice, "reader" | "control"> {
  const shipped = loadSunspecProfile(profileName) as SunspecProfile;
  const profile = { ...shipped, manners: { ...shipped.manners, ...PATIENCE } };
  const at = (link: ModbusLink): SunspecDevice => new SunspecDevice({ device: "d", link, profile, unit: 1 });
  return { reader: at, control: (link, capability) => sunspecControl(at(link), capability, link) };
}

function registers(profileName: string): Pick<MatrixDevice, "reader" | "control"> {
  const profile = { ...(loadProfile(profileName) as DeviceProfile), ...PATIENCE };
  return {
    reader: (link) => new ModbusDevice({ device: "d", link, profile }),
    control: (link, capability) =>
      modbusControls({ link, profile }).find(({ rules }) => rules.capability === capability) ?? null,
  };
}

const words = (log: readonly (readonly unknown[])[]): (readonly number[])[] =>
  log.map((entry) => entry.at(-1) as readonly number[]);

type Raw = Readonly<Record<string, number>>;

/** A device by pysunspec2: `raws` are raw values of points `model:point`, by tag. */
async function sunspecServer(kind: string, raws: (tag: number) => Raw, faults: Record<StateFault, readonly string[]>) {
  const peer = await sunspecPeer(`${kind}@1`);
  const set = async (values: Readonly<Record<string, unknown>>): Promise<void> => {
    for (const [name, value] of Object.entries(values)) {
      const [model, point] = name.split(":");
      await peer.tell({ set: [1, Number(model), point, value] });
    }
  };
  const get = async (name: string): Promise<unknown> => {
    const [model, point] = name.split(":");
    return peer.tell({ get: [1, Number(model), point] });
  };
  const server: MatrixServer = {
    port: peer.port,
    show: async (tag) => {
      for (const [name, value] of [
        ["sun_w", 1_000 + tag],
        ["want_w", 100 + tag],
        ["given_wh", 70_000 + tag],
        ["soc", 50],
      ]) {
        await peer.tell({ env: [1, name, value] });
      }
      await set(raws(tag));
    },
    strike: async (fault, isOn) => {
      for (const name of faults[fault]) {
        const [model, point] = name.split(":");
        await peer.tell({ mask: [1, Number(model), point, isOn] });
      }
    },
    tick: async (seconds) => void (await peer.tell({ tick: seconds })),
    writes: async () => words(await peer.tell({ writes: true })),
  };
  return { peer, get, server };
}

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((word, index) => word === b[index]);

const DER_FAULTS = {
  "SF missing": ["701:W_SF", "704:WMaxLimPct_SF"],
  sentinel: ["701:Hz", "701:VL1", "704:WMaxLimPct"],
};

const SUNSPEC_1547: MatrixDevice = {
  name: "SunSpec 1547",
  alone: [],
  ...sunspec("sunspec-inverter"),
  start: async () => {
    const { server, get } = await sunspecServer(
      "der",
      (tag) => ({ "701:Hz": 49_000 + tag, "701:VL1": 2_000 + tag, "701:WL3": 10 * tag }),
      DER_FAULTS,
    );
    const limit: MatrixControl = {
      ...{ capability: "limit_generation_ppm", value: 500_000, unit: 1 },
      allowed: (told) => same(told, [1, 500, 1_000, 0, 0, 90]) || same(told, [0, 1_000, 1_000, 0, 0, 0]),
      isHeld: async () => (await get("704:WMaxLimPctEna")) === 1 && (await get("704:WMaxLimPct")) === 500,
    };
    return { ...server, controls: [limit] };
  },
  values: (tag) => ({
    ...{ power_w: -(1_000 + tag), power_l1_w: -1_300, power_l2_w: -1_350, power_l3_w: -10 * tag },
    ...{ exported_wh: 71_000 + tag, imported_wh: 0, voltage_mv: (2_000 + tag) * 100, voltage_l2_mv: 229_900 },
    ...{ voltage_l3_mv: 230_000, current_ma: 17_400, frequency_mhz: 49_000 + tag, temperature_mc: 41_500 },
    ...{ rating_w: 10_000, operating_state: 2 },
  }),
  struck: {
    "SF missing": ["power_w", "power_l1_w", "power_l2_w", "power_l3_w"],
    sentinel: ["frequency_mhz", "voltage_mv"],
  },
};

const CLASSIC: MatrixDevice = {
  name: "SunSpec 103+120-124",
  alone: [],
  ...sunspec("sunspec-inverter"),
  control: (link, capability) =>
    sunspec(capability === "setpoint_power_w" ? "sunspec-storage" : "sunspec-inverter").control(link, capability),
  start: async () => {
    const { server, get } = await sunspecServer(
      "classic",
      (tag) => ({ "103:Hz": 4_900 + tag, "103:PhVphA": 2_000 + tag, "103:A": tag }),
      {
        "SF missing": ["103:V_SF", "123:WMaxLimPct_SF", "124:InOutWRte_SF"],
        sentinel: ["103:Hz", "123:WMaxLimPct", "124:WChaMax"],
      },
    );
    const limit: MatrixControl = {
      ...{ capability: "limit_generation_ppm", value: 500_000, unit: 1 },
      allowed: (told) => same(told, [5_000, 0, 90, 0, 1]) || same(told, [10_000, 0, 0, 0, 0]),
      isHeld: async () => (await get("123:WMaxLim_Ena")) === 1 && (await get("123:WMaxLimPct")) === 5_000,
    };
    const setPoint: MatrixControl = {
      ...{ capability: "setpoint_power_w", value: 2_000, unit: 1 },
      allowed: (told) =>
        same(told, [0x1_0000 - 4_000, 4_000, 0, 90, 0, 1]) ||
        same(told, [10_000, 10_000, 0, 0, 0, 0]) ||
        (told.length === 1 && (told[0] === 3 || told[0] === 0)),
      isHeld: async () => (await get("124:StorCtl_Mod")) === 3 && (await get("124:InWRte")) === 4_000,
    };
    return { ...server, controls: [limit, setPoint] };
  },
  values: (tag) => ({
    ...{
      power_w: 100 + tag, // it is a store as well
      exported_wh: 71_000 + tag,
      voltage_mv: (2_000 + tag) * 100,
      voltage_l2_mv: 229_900,
    },
    ...{ voltage_l3_mv: 230_000, current_ma: 10 * tag, current_l1_ma: 5_800, current_l2_ma: 5_800 },
    ...{ current_l3_ma: 5_790, frequency_mhz: (4_900 + tag) * 10, temperature_mc: 41_500, rating_w: 10_000 },
    ...{ available_w: 1_000 + tag, operating_state: 2 },
  }),
  struck: { "SF missing": ["voltage_mv", "voltage_l2_mv", "voltage_l3_mv"], sentinel: ["frequency_mhz"] },
};

type Row = readonly [address: number, type: PeerPoint["type"], value: number];

interface Table {
  readonly unit: number;
  readonly area: PeerPoint["area"];
  readonly order: PeerPoint["order"];
  readonly rows: (tag: number) => readonly Row[];
  readonly sentinel: readonly Row[];
  /** Registers of no interest that are there, first and last. */
  readonly between?: readonly [number, number];
}

/** A device by pymodbus's own payload builder. */
async function tableServer({ unit, area, order, rows, sentinel, between = [0, -1] }: Table, extra: object = {}) {
  const pointsOf = (some: readonly Row[]): PeerPoint[] =>
    some.map(([address, type, value]) => ({ area, address, type, value, order }));
  let tag = 0;
  const [from, to] = between;
  const zeros = new Map(Array.from({ length: to - from + 1 }, (_, index) => [from + index, 0]));
  const peer = await pymodbusDevice("tcp", { unit, points: pointsOf(rows(tag)), [area]: zeros, ...extra });
  const show = async (next: number): Promise<void> => {
    tag = next;
    await peer.tell({ points: pointsOf(rows(tag)) });
  };
  const server: MatrixServer = {
    port: peer.port,
    show,
    strike: async (_fault, isOn) => void (await peer.tell({ points: pointsOf(isOn ? sentinel : rows(tag)) })),
    tick: async (seconds) => void (await peer.tell({ tick: seconds })),
    writes: async () => words(await peer.tell({ writes: true })),
  };
  return { peer, server };
}

const METER_ONLY = async (table: Table) => ({ ...(await tableServer(table)).server, controls: [] });
const NO_SCALE = "the map has no scale factors";

const SDM630_ROWS = (tag: number): readonly Row[] => [
  ...[230 + tag, 231 - tag, 232, tag + 1, tag + 2, tag + 3, tag * 10, tag * 11, -tag * 12].map((value, index): Row => [
    2 * index,
    "float32",
    value,
  ]),
  ...([
    [0x34, "float32", -1_000 - tag],
    [0x46, "float32", 50],
    [0x48, "float32", 12_345 + tag],
    [0x4a, "float32", 77 + tag],
  ] as const),
];

const SDM630: MatrixDevice = {
  name: "Eastron SDM630",
  alone: [],
  ...registers("eastron-sdm630"),
  start: async () =>
    METER_ONLY({
      ...{ unit: 1, area: "input", order: "big", rows: SDM630_ROWS, between: [0x34, 0x4b] },
      sentinel: [0x34, 0x48, 0x00].map((address) => [address, "uint32", 0x7fc0_0000]),
    }),
  values: (tag) => ({
    ...{ power_w: -1_000 - tag, imported_wh: 12_345_000 + 1_000 * tag, exported_wh: 77_000 + 1_000 * tag },
    ...{ frequency_mhz: 50_000, voltage_mv: 230_000 + 1_000 * tag, voltage_l2_mv: 231_000 - 1_000 * tag },
    ...{ voltage_l3_mv: 232_000, current_l1_ma: 1_000 * (tag + 1), current_l2_ma: 1_000 * (tag + 2) },
    ...{ current_l3_ma: 1_000 * (tag + 3), power_l1_w: tag * 10, power_l2_w: tag * 11, power_l3_w: -tag * 12 },
  }),
  struck: { "SF missing": NO_SCALE, sentinel: ["power_w", "imported_wh", "voltage_mv"] },
};

/** All but the voltages and the frequency: its answers are short, and without load the rest may be 0 together. */
const EM24_ALONE: readonly PointName[] = [
  ...(["power_w", "imported_wh", "exported_wh", "current_l1_ma", "current_l2_ma", "current_l3_ma"] as const),
  ...(["power_l1_w", "power_l2_w", "power_l3_w"] as const),
];

const EM24: MatrixDevice = {
  name: "Carlo Gavazzi EM24",
  alone: EM24_ALONE,
  ...registers("carlo-gavazzi-em24"),
  start: async () =>
    METER_ONLY({
      ...{ unit: 1, area: "input", order: "little" },
      rows: (tag) => [
        ...[2_300 + tag, 2_310 + tag, 2_320 + tag].map((value, index): Row => [2 * index, "int32", value]),
        ...[tag, tag + 1, tag + 2, 10 * tag + 5, 20 * tag + 5, -30 * tag].map((value, index): Row => [
          0x0c + 2 * index,
          "int32",
          value,
        ]),
        ...([
          [0x28, "int32", -10 * (1_000 + tag)],
          [0x37, "uint16", 500],
          [0x3e, "int32", 123_456 + tag],
          [0x5c, "int32", 7 + tag],
        ] as const),
      ],
      sentinel: [0x28, 0x3e].map((address) => [address, "int32", 0x7fff_0000]), // overflow
    }),
  values: (tag) => ({
    ...{ power_w: -1_000 - tag, imported_wh: 12_345_600 + 100 * tag, exported_wh: 700 + 100 * tag },
    ...{ frequency_mhz: 50_000, voltage_mv: 100 * (2_300 + tag), voltage_l2_mv: 100 * (2_310 + tag) },
    ...{ voltage_l3_mv: 100 * (2_320 + tag), current_l1_ma: tag, current_l2_ma: tag + 1, current_l3_ma: tag + 2 },
    ...{ power_l1_w: tag + 1, power_l2_w: 2 * tag + 1, power_l3_w: -3 * tag },
  }),
  struck: { "SF missing": NO_SCALE, sentinel: ["power_w", "imported_wh"] },
};

const VICTRON_GRID: MatrixDevice = {
  name: "Victron grid meter",
  alone: [],
  ...registers("victron-gx-grid"),
  start: async () =>
    METER_ONLY({
      ...{ unit: 30, area: "holding", order: "big", sentinel: [], between: [2_616, 2_644] },
      rows: (tag) => [
        ...[2_300 + tag, tag, 2_310 + tag, tag + 1, 2_320 + tag, -tag].map((value, index): Row => [
          2_616 + index,
          index % 2 === 0 ? "uint16" : "int16",
          value,
        ]),
        ...([
          [2_634, "uint32", 65_536 + tag],
          [2_636, "uint32", 777 + tag],
          [2_638, "int32", 500 + tag],
          [2_640, "int32", -1_250],
          [2_642, "int32", 7],
          [2_644, "uint16", 4_997],
        ] as const),
      ],
    }),
  values: (tag) => ({
    ...{ power_w: -743 + tag, power_l1_w: 500 + tag, power_l2_w: -1_250, power_l3_w: 7, frequency_mhz: 49_970 },
    ...{ imported_wh: 655_360 + 10 * tag, exported_wh: 7_770 + 10 * tag },
    ...{ voltage_mv: 230_000 + 100 * tag, voltage_l2_mv: 231_000 + 100 * tag, voltage_l3_mv: 232_000 + 100 * tag },
    ...{ current_l1_ma: 100 * tag, current_l2_ma: 100 * (tag + 1), current_l3_ma: -100 * tag },
  }),
  struck: { "SF missing": NO_SCALE, sentinel: "a value that is not there reads as 0, among others that are" },
};

const VICTRON_ESS: MatrixDevice = {
  name: "Victron ESS",
  alone: ["reserve_ppm"],
  ...registers("victron-gx-system"),
  start: async () => {
    const { peer, server } = await tableServer(
      {
        ...{ unit: 100, area: "holding", order: "big", sentinel: [] },
        rows: (tag) => [
          [840, "uint16", 500 + tag],
          [841, "int16", -tag],
          [842, "int16", -600 - tag],
          [843, "uint16", 10 + (tag % 90)],
          [844, "uint16", 2],
          [2_901, "uint16", 100 + tag],
        ],
      },
      {
        holding: new Map([2_716, 2_717, 2_902].map((address) => [address, address === 2_902 ? 1 : 0])),
        timer: { address: 2_716, seconds: 60, words: [0, 0] },
      },
    );
    const setPoint: MatrixControl = {
      ...{ capability: "setpoint_power_w", value: -1_234, unit: 100 },
      allowed: (told) => same(told, [0xffff, 0x1_0000 - 1_234]) || same(told, [0, 0]),
      isHeld: async () => same(await peer.tell<number[]>({ get: [2_716, 2] }), [0xffff, 0x1_0000 - 1_234]),
    };
    return { ...server, controls: [setPoint] };
  },
  values: (tag) => ({
    ...{ power_w: -600 - tag, state_of_charge_ppm: 10_000 * (10 + (tag % 90)), voltage_mv: 100 * (500 + tag) },
    ...{ current_ma: -100 * tag, operating_state: 2, reserve_ppm: 1_000 * (100 + tag) },
  }),
  struck: { "SF missing": NO_SCALE, sentinel: "a value that is not there reads as 0, among others that are" },
};

export const DEVICES: readonly MatrixDevice[] = [...[SUNSPEC_1547, CLASSIC, SDM630, EM24, VICTRON_GRID, VICTRON_ESS]];
