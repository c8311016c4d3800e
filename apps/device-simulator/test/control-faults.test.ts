/** Devices under control that refuse, forget, obey somebody else or fall back, seen by a Modbus client; real time is set. */
import { describe, expect, test } from "@jest/globals";
import { HOUR, MINUTE, SECOND, times } from "@micromarket/kernel";
import type { Fault, Simulator, SimulatorOptions } from "@micromarket/device-simulator";
import { openFaultBoard } from "../src/fault-board.ts";
import { modbusClient, setTime, start } from "./started.ts";

type Client = Awaited<ReturnType<typeof modbusClient>>;

/** Registers of a battery of the 120-series: where its models start. */
const INVERTER = 40_070;
const LIMIT = INVERTER + 52 + 28 + 32;
const STORAGE = LIMIT + 26;
const BATTERY = STORAGE + 26 + 90;
const POWER = INVERTER + 14;
const MODE = STORAGE + 5;
const RATES = STORAGE + 12;
const LOCAL = BATTERY + 17;
const SOC = BATTERY + 11;

interface Street {
  readonly simulator: Simulator;
  readonly client: Client;
  readonly advance: (ms: number) => void;
  readonly read: (register: number) => Promise<number>;
  readonly powerW: () => number;
}

async function street(options: Partial<SimulatorOptions> = {}): Promise<Street> {
  const time = setTime();
  const { realNow } = time;
  const simulator = await start({ homes: 1, batteries: 1, realNow, timerNow: realNow, ...options });
  const device = simulator.description.controlled?.find(({ id }) => id === "home-1-battery");
  if (device?.link !== "modbus") throw new Error("no battery");
  const modbus = { host: device.host, port: device.port };
  const client = await modbusClient({ description: { ...simulator.description, modbus } });
  client.setID(device.unit);
  const read = async (register: number): Promise<number> =>
    (await client.readHoldingRegisters(register, 1)).buffer.readInt16BE(0);
  const powerW = (): number => simulator.balance("home-1")?.parts.get("battery")?.powerW ?? NaN;
  return {
    simulator,
    client,
    advance: (ms) => {
      time.advance(ms);
    },
    read,
    powerW,
  };
}

/** Charges with 2 kW, for `seconds` unless it is said again. */
async function charge(client: Client, seconds = 0): Promise<void> {
  await client.writeRegisters(RATES, [0x1_0000 - 4_000, 4_000, 0, seconds]);
  await client.writeRegister(MODE, 3);
}

const reasons = (code: number) => expect.objectContaining({ modbusCode: code });

describe("a battery", () => {
  test("follows by a ramp of seconds, counts, and reverts when nobody refreshes", async () => {
    const { client, advance, read, powerW, simulator } = await street();
    await charge(client, 60);
    expect(powerW()).toBe(1_667);
    advance(times(SECOND, 1));
    expect(powerW()).toBe(2_000);
    expect(await read(POWER)).toBe(-2_000);
    advance(times(SECOND, 50));
    await client.writeRegister(MODE, 3); // the refresh
    advance(times(SECOND, 59));
    expect(await read(MODE)).toBe(3);
    const charged = simulator.balance("home-1")?.parts.get("battery")?.inWms;
    expect(charged).toBe(1_667 * 1_000 + 2_000 * 109_000);
    advance(times(SECOND, 10));
    expect([await read(MODE), powerW()]).toEqual([0, 0]);
    expect(await read(SOC)).toBeGreaterThan(5_000);
  });

  test("stops at full and at empty, and at its reserve", async () => {
    const { client, advance, read, powerW } = await street();
    await charge(client);
    advance(times(HOUR, 10));
    expect([powerW(), await read(SOC)]).toEqual([0, 10_000]);
    await client.writeRegisters(RATES, [10_000, 0x1_0000 - 5_000]);
    await client.writeRegister(STORAGE + 7, 20);
    advance(times(HOUR, 10));
    expect([powerW(), Math.round((await read(SOC)) / 100)]).toEqual([0, 20]);
    await client.writeRegister(STORAGE + 7, 0);
    advance(times(HOUR, 10));
    expect([powerW(), await read(SOC)]).toEqual([0, 0]);
  });

  test("charges from PV alone where the grid is forbidden", async () => {
    const { client, advance, simulator, powerW } = await street({ seed: 2 });
    await charge(client);
    await client.writeRegister(STORAGE + 17, 0);
    advance(times(MINUTE, 30));
    const pvW = simulator.balance("home-1")?.parts.get("pv")?.powerW ?? NaN;
    expect(powerW()).toBe(Math.min(2_000, -pvW));
    expect(powerW()).toBeLessThan(2_000);
  });

  test("takes the home's surplus and gives what it lacks, if that is its rule", async () => {
    const { advance, simulator } = await street({ batteryRule: "self-consumption" });
    for (let quarter = 0; quarter < 40; quarter++) {
      advance(times(MINUTE, 15) - 1);
      const { gridW, parts } = simulator.balance("home-1") ?? {};
      const power = parts?.get("battery")?.powerW ?? NaN;
      if (power !== 0 && Math.abs(power) < 5_000) expect(gridW).toBe(0);
      advance(1);
    }
    expect(simulator.balance("home-1")?.parts.get("battery")?.inWms).toBeGreaterThan(0);
  });

  test.each([
    ["a measured value", INVERTER + 14, [0], 2],
    ["a setting", LIMIT - 32 + 2, [5_000], 2],
    ["registers of which one cannot be written", STORAGE + 5, [3, 0, 0], 2],
    ["a register behind the end", 41_000, [0], 2],
    ["a mode that is not there", MODE, [4], 3],
    ["a rate beyond the rating", RATES, [10_001], 3],
  ])("refuses %s, and changes nothing", async (_, register, words, code) => {
    const { client, read, powerW } = await street();
    await expect(client.writeRegisters(register, words)).rejects.toEqual(reasons(code));
    expect([await read(MODE), powerW()]).toEqual([0, 0]);
  });

  test("answers no function but 3, 6 and 16, and no unit but its own", async () => {
    const { client } = await street();
    await expect(client.readInputRegisters(POWER, 1)).rejects.toEqual(reasons(1));
    await expect(client.writeCoil(1, true)).rejects.toEqual(reasons(1));
    await expect(client.readHoldingRegisters(39_999, 2)).rejects.toEqual(reasons(2));
    client.setID(9);
    await expect(client.readHoldingRegisters(POWER, 1)).rejects.toEqual(reasons(11));
    await expect(client.writeRegister(MODE, 3)).rejects.toEqual(reasons(11));
  });
});

describe("a fault of a device under control", () => {
  const device = "home-1-battery";

  test("refuses-writes: an exception, and nothing changes", async () => {
    const { simulator, client, powerW } = await street();
    simulator.inject({ fault: "refuses-writes", device });
    await expect(charge(client)).rejects.toEqual(reasons(4));
    simulator.inject({ fault: "refuses-writes", device, code: 1 });
    await expect(charge(client)).rejects.toEqual(reasons(1));
    expect(powerW()).toBe(0);
    simulator.inject({ fault: "clear", device });
    await charge(client);
    expect(powerW()).toBeGreaterThan(0);
  });

  test("ignores-writes: confirmed and not done", async () => {
    const { simulator, client, read, powerW } = await street();
    simulator.inject({ fault: "ignores-writes", home: "home-1" });
    await charge(client);
    expect([await read(MODE), powerW()]).toEqual([0, 0]);
  });

  test("foreign-limit: somebody else's rates, until they are withdrawn", async () => {
    const { simulator, client, advance, read, powerW } = await street();
    simulator.inject({ fault: "foreign-limit", device, percent: 30 });
    expect([await read(MODE), await read(RATES), await read(RATES + 1)]).toEqual([3, 3_000, 3_000]);
    simulator.inject({ fault: "clear", device });
    expect(await read(MODE)).toBe(0);
    await charge(client);
    advance(times(SECOND, 5));
    simulator.inject({ fault: "clear", device });
    expect([await read(MODE), powerW()]).toEqual([3, 2_000]);
  });

  test("local-control: it says so, follows itself and refuses", async () => {
    const { simulator, client, advance, read, powerW } = await street();
    await charge(client);
    simulator.inject({ fault: "local-control", device });
    advance(times(SECOND, 5));
    expect([await read(LOCAL), powerW()]).toEqual([1, 0]);
    await expect(client.writeRegister(MODE, 0)).rejects.toEqual(reasons(4));
    simulator.inject({ fault: "clear", device });
    advance(times(SECOND, 5));
    expect([await read(LOCAL), powerW()]).toEqual([0, 2_000]);
  });

  test("reverts-early: gone long before its time", async () => {
    const { simulator, client, advance, read } = await street();
    simulator.inject({ fault: "reverts-early", device, ms: 2_000 });
    await charge(client, 600);
    advance(1_999);
    expect(await read(MODE)).toBe(3);
    advance(2);
    expect(await read(MODE)).toBe(0);
  });

  test("wrong-value: not there, nothing but zeros, far too much", async () => {
    const { simulator, read } = await street();
    simulator.inject({ fault: "wrong-value", device });
    expect([await read(POWER), await read(SOC)]).toEqual([-0x8000, -1]);
    simulator.inject({ fault: "wrong-value", device, kind: "all-zero" });
    expect([await read(POWER), await read(INVERTER + 16), await read(SOC)]).toEqual([0, 0, 0]);
    simulator.inject({ fault: "wrong-value", device, kind: "implausible" });
    expect(await read(POWER)).toBe(32_767);
  });

  test("silent and of a device: the meters go on", async () => {
    const { simulator, client, read } = await street();
    client.setTimeout(150);
    simulator.inject({ fault: "silent", device });
    await expect(read(POWER)).rejects.toMatchObject({ name: "TransactionTimedOutError" });
    const meters = await modbusClient(simulator);
    meters.setID(1);
    await expect(meters.readInputRegisters(0, 2)).resolves.toMatchObject({ data: [0x4366, 0] });
  });

  test("of a device that is not there is refused", async () => {
    const { simulator } = await street();
    const error = { code: "DEVICE_UNKNOWN", device: "home-1-roof" };
    expect(simulator.inject({ fault: "silent", device: "home-1-roof" })).toEqual({ ok: false, error });
  });
});

describe("a flaky line", () => {
  const flaky: Fault = { fault: "flaky", percent: 10 };

  test("harms the share that was asked for, in a sequence of the seed and the device", () => {
    const harms = (seed: number, device: string): readonly string[] => {
      const board = openFaultBoard(seed);
      board.note(flaky, [device]);
      return Array.from({ length: 5_000 }, () => {
        const { silent, lateMs, resets } = board.treat(device);
        return silent ? "lost" : resets ? "reset" : lateMs > 0 ? "late" : "";
      });
    };
    const all = harms(1, "home-1-battery");
    for (const kind of ["late", "lost", "reset"]) {
      const share = all.filter((harm) => harm === kind).length / all.length;
      expect(share).toBeGreaterThan(0.02);
      expect(share).toBeLessThan(0.05);
    }
    expect(harms(1, "home-1-battery")).toEqual(all);
    expect(harms(2, "home-1-battery")).not.toEqual(all);
    expect(harms(1, "home-2-battery")).not.toEqual(all);
  });

  test("loses and resets what a client asks", async () => {
    const { simulator, client, read } = await street();
    client.setTimeout(150);
    simulator.inject({ ...flaky, percent: 100, kinds: ["lost"] });
    await expect(read(POWER)).rejects.toMatchObject({ name: "TransactionTimedOutError" });
    simulator.inject({ ...flaky, percent: 0 });
    expect(await read(POWER)).toBe(0);
    simulator.inject({ ...flaky, percent: 100, kinds: ["reset"] });
    await expect(read(POWER)).rejects.toMatchObject({ name: "TransactionTimedOutError" });
    expect(client.isOpen).toBe(false);
  });
});
