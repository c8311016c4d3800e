import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { durationMs, HOUR, instantMs, times } from "@micromarket/kernel";
import { ANCHOR, listener, modbusClient, readSdm630, setTime, start } from "./started.ts";

const OFTEN = durationMs(20);
const SHORT_MS = 150;
const POWER = "shellypro3em-home-2/status/em:0";
const ENERGY = "shellypro3em-home-2/status/emdata:0";
const SENSOR = "tele/tasmota-home-2-pv/SENSOR";
const OTHER_POWER = "shellypro3em-home-4/status/em:0";

describe("a fault seen by a Modbus client", () => {
  test("silent: nothing comes from the home, everything from the others", async () => {
    const simulator = await start();
    const client = await modbusClient(simulator, SHORT_MS);
    simulator.inject({ fault: "silent", home: "home-1" });
    await expect(readSdm630(client, 1)).rejects.toMatchObject({ name: "TransactionTimedOutError" });
    await expect(readSdm630(client, 2)).rejects.toMatchObject({ name: "TransactionTimedOutError" });
    await expect(readSdm630(client, 3)).resolves.toMatchObject({ voltage: 230 });
    simulator.inject({ fault: "clear", home: "home-1" });
    await expect(readSdm630(client, 1)).resolves.toMatchObject({ voltage: 230 });
  });

  test("late: the answer comes after a client's patience, and before a longer one's", async () => {
    const simulator = await start();
    const [hasty, patient] = [await modbusClient(simulator, SHORT_MS), await modbusClient(simulator, 5_000)];
    simulator.inject({ fault: "late", home: "home-3", ms: 2 * SHORT_MS });
    hasty.setID(3);
    patient.setID(3);
    const [first, second] = await Promise.allSettled([
      hasty.readInputRegisters(0, 2),
      patient.readInputRegisters(0, 2),
    ]);
    expect(first).toMatchObject({ status: "rejected", reason: { name: "TransactionTimedOutError" } });
    expect(second).toMatchObject({ status: "fulfilled", value: { data: [0x4366, 0] } });
    await expect(readSdm630(hasty, 1)).resolves.toMatchObject({ voltage: 230 });
  });

  test("reset: only connections that asked the home are cut, with RST", async () => {
    const simulator = await start();
    const { host, port } = simulator.description.modbus;
    const ask = async (unit: number) => {
      const socket = connect({ host, port });
      socket.write(Buffer.from([0, 1, 0, 0, 0, 6, unit, 4, 0, 0, 0, 2]));
      await once(socket, "data");
      return socket;
    };
    const [struck, spared] = [await ask(1), await ask(3)];
    const broken = once(struck, "error");
    simulator.inject({ fault: "reset", home: "home-1" });
    await expect(broken).resolves.toEqual([expect.objectContaining({ code: "ECONNRESET" })]);
    spared.write(Buffer.from([0, 2, 0, 0, 0, 6, 3, 4, 0, 0, 0, 2]));
    await expect(once(spared, "data")).resolves.toHaveLength(1);
    spared.destroy();
    await expect(readSdm630(await modbusClient(simulator), 1)).resolves.toMatchObject({ voltage: 230 });
  });

  test("wrong values: no number, nothing but zeros, a gigawatt", async () => {
    const time = setTime();
    const simulator = await start({ realNow: time.realNow });
    time.advance(HOUR);
    const client = await modbusClient(simulator);
    const right = await readSdm630(client, 1);
    simulator.inject({ fault: "wrong-value", home: "home-1" });
    const nothing = { voltage: NaN, power: NaN, frequency: NaN, importedWh: NaN, exportedWh: NaN };
    expect(await readSdm630(client, 1)).toEqual(nothing);
    simulator.inject({ fault: "wrong-value", home: "home-1", kind: "all-zero" });
    const zeros = { voltage: 0, power: 0, frequency: 0, importedWh: 0, exportedWh: 0 };
    expect(await readSdm630(client, 1)).toEqual(zeros);
    simulator.inject({ fault: "wrong-value", home: "home-1", kind: "implausible" });
    expect(await readSdm630(client, 1)).toMatchObject({ power: 1e9, importedWh: right.importedWh * 1_000 });
    expect(right.importedWh + right.exportedWh).toBeGreaterThan(0);
    simulator.inject({ fault: "clear" });
    expect(await readSdm630(client, 1)).toEqual(right);
  });

  test("a clock that jumps back takes the counters with it", async () => {
    const time = setTime();
    const simulator = await start({ realNow: time.realNow });
    const client = await modbusClient(simulator);
    time.advance(times(HOUR, 2));
    const before = await readSdm630(client, 1);
    time.advance(times(HOUR, 6));
    const after = await readSdm630(client, 1);
    simulator.inject({ fault: "clock-jump", home: "home-1", ms: -times(HOUR, 4) });
    simulator.inject({ fault: "clock-jump", home: "home-1", ms: -times(HOUR, 2) });
    expect(await readSdm630(client, 1)).toEqual(before);
    simulator.inject({ fault: "clear" });
    expect(await readSdm630(client, 1)).toEqual(after);
    expect(after).not.toEqual(before);
  });

  test("of a home that is not there is refused", async () => {
    const simulator = await start();
    expect(simulator.inject({ fault: "silent", home: "home-9" })).toEqual({
      ok: false,
      error: { code: "HOME_UNKNOWN", home: "home-9" },
    });
  });
});

describe("a fault seen by an MQTT client", () => {
  test("silent: the home's devices are there and say nothing", async () => {
    const simulator = await start({ publishEvery: OFTEN });
    const heard = await listener(simulator.description.mqtt.url);
    await heard.next(ENERGY);
    simulator.inject({ fault: "silent", home: "home-2" });
    await heard.next(OTHER_POWER); // what was under way has come
    await heard.next(OTHER_POWER);
    const before = heard.count(POWER);
    for (let round = 0; round < 5; round++) await heard.next(OTHER_POWER);
    expect(heard.count(POWER)).toBe(before);
    simulator.inject({ fault: "clear" });
    await expect(heard.next(POWER)).resolves.toContain("total_act_power");
  });

  test("late: messages hold what was true when they should have come", async () => {
    const time = setTime();
    const simulator = await start({ realNow: time.realNow, publishEvery: OFTEN });
    const heard = await listener(simulator.description.mqtt.url);
    simulator.inject({ fault: "late", home: "home-2", ms: 300 });
    await heard.next(OTHER_POWER);
    await heard.next(OTHER_POWER);
    time.advance(times(HOUR, 3));
    const now = simulator.street.read("home-2", "grid", simulator.virtualNow());
    const old = await heard.next(ENERGY);
    expect(JSON.parse(old)).toMatchObject({ total_act: 0 });
    await heard.next(ENERGY, (payload) => payload.includes(`"total_act":${now.imported},`));
  });

  test("reset: the device is gone, and comes back", async () => {
    const simulator = await start({ publishEvery: OFTEN });
    const heard = await listener(simulator.description.mqtt.url);
    await heard.next(POWER);
    const gone = heard.next("shellypro3em-home-2/online", (payload) => payload === "false");
    const back = gone.then(() => heard.next("shellypro3em-home-2/online", (payload) => payload === "true"));
    simulator.inject({ fault: "reset", home: "home-2" });
    await gone;
    await back;
    await expect(heard.next(POWER)).resolves.toContain("total_act_power");
  });

  test("flaky: messages are lost, connections reset, and each is told", async () => {
    const flaws: string[] = [];
    const onFlaw = (device: string, kind: string): void => void flaws.push(`${device} ${kind}`);
    const simulator = await start({ publishEvery: OFTEN, onFlaw });
    const heard = await listener(simulator.description.mqtt.url);
    await heard.next(POWER);
    simulator.inject({ fault: "flaky", device: "home-2-grid", percent: 100, kinds: ["lost"] });
    await heard.next(OTHER_POWER); // what was under way has come
    await heard.next(OTHER_POWER);
    const before = heard.count(POWER);
    for (let round = 0; round < 5; round++) await heard.next(OTHER_POWER);
    expect(heard.count(POWER)).toBe(before);
    expect(new Set(flaws)).toEqual(new Set(["home-2-grid lost"]));
    expect(flaws.length).toBeGreaterThan(5);
    const gone = heard.next("shellypro3em-home-2/online", (payload) => payload === "false");
    simulator.inject({ fault: "flaky", device: "home-2-grid", percent: 100, kinds: ["reset"] });
    await gone;
    expect(flaws).toContain("home-2-grid reset");
    simulator.inject({ fault: "clear" });
    await expect(heard.next(POWER)).resolves.toContain("total_act_power");
  });

  test("flaky: what comes behind a late message waits for it", async () => {
    let late = 0;
    const realNow = (): number => ANCHOR + performance.now() * 3_600; // an hour in a second: counters grow from look to look
    const simulator = await start({ realNow, publishEvery: OFTEN, onFlaw: () => (late += 1) });
    const heard = await listener(simulator.description.mqtt.url);
    simulator.inject({ fault: "flaky", home: "home-2", percent: 30, kinds: ["late"], ms: 150 });
    const counts: number[] = [];
    await heard.next(ENERGY, (payload) => {
      counts.push((JSON.parse(payload) as { total_act: number }).total_act);
      return late > 20 && new Set(counts).size > 20;
    });
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
  });

  test("wrong value: what is no number is null", async () => {
    const simulator = await start({ publishEvery: OFTEN });
    const heard = await listener(simulator.description.mqtt.url);
    simulator.inject({ fault: "wrong-value", home: "home-2" });
    const payload = await heard.next(ENERGY, (text) => text.includes('"total_act":null'));
    expect(JSON.parse(payload)).toMatchObject({ total_act: null, total_act_ret: null, a_total_act_energy: null });
  });

  test.each([
    ["all-zero", { power: 0, imported: 0 }],
    ["implausible", { power: 1e9, imported: "thousandfold" }],
  ] as const)("wrong value: %s, at the grid and at the PV", async (kind, expected) => {
    const time = setTime();
    const simulator = await start({ realNow: time.realNow, publishEvery: OFTEN });
    time.advance(times(HOUR, 9));
    const grid = simulator.street.read("home-2", "grid", simulator.virtualNow());
    const heard = await listener(simulator.description.mqtt.url);
    simulator.inject({ fault: "wrong-value", home: "home-2", kind });
    const power = await heard.next(POWER, (text) => text.includes(`"total_act_power":${expected.power},`));
    expect(JSON.parse(power)).toMatchObject({ total_act_power: expected.power });
    const importedWh: number = grid.imported;
    const imported = expected.imported === 0 ? 0 : importedWh * 1_000;
    await heard.next(ENERGY, (text) => text.includes(`"total_act":${imported},`));
    await heard.next(SENSOR, (text) => text.includes(`"Power_curr":${expected.power}`));
    simulator.inject({ fault: "clear" });
    await heard.next(ENERGY, (text) => text.includes(`"total_act":${grid.imported},`));
  });

  test("a clock that jumps takes counters and the telegram's time with it, at one home only", async () => {
    const time = setTime();
    const simulator = await start({ realNow: time.realNow, publishEvery: OFTEN });
    time.advance(times(HOUR, 6));
    const heard = await listener(simulator.description.mqtt.url);
    simulator.inject({ fault: "clock-jump", home: "home-2", ms: -times(HOUR, 4) });
    const then = simulator.street.read("home-2", "grid", instantMs(simulator.virtualNow() - times(HOUR, 4)));
    await heard.next(ENERGY, (text) => text.includes(`"total_act":${then.imported},`));
    await heard.next(SENSOR, (text) => text.includes('"Time":"2026-06-01T06:00:00"'));
    const other = simulator.street.read("home-4", "grid", simulator.virtualNow());
    expect(await heard.next(OTHER_POWER)).toContain(`"total_act_power":${other.power},`);
  });
});
