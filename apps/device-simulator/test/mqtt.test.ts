import { describe, expect, test } from "@jest/globals";
import { HOUR, MINUTE, durationMs, times } from "@micromarket/kernel";
import { connectAsync } from "mqtt";
import { listener, setTime, start } from "./started.ts";

const OFTEN = durationMs(20);
const SENSOR = "tele/tasmota-home-2-pv/SENSOR";
const POWER = "shellypro3em-home-2/status/em:0";
const ENERGY = "shellypro3em-home-2/status/emdata:0";

const numbers = (payload: string): Readonly<Record<string, number>> => JSON.parse(payload) as Record<string, number>;

describe("a street's MQTT meters", () => {
  test("publish on the topics of the device list what the street's meters count", async () => {
    const time = setTime();
    const simulator = await start({ realNow: time.realNow, publishEvery: OFTEN });
    time.advance(times(MINUTE, 7 * 60 + 5));
    const { description, street } = simulator;
    const topics = description.devices.flatMap((device) => (device.link === "mqtt" ? device.topics : []));
    expect(topics).toEqual(expect.arrayContaining([POWER, ENERGY, SENSOR, "shellypro3em-home-4/status/em:0"]));
    expect(description.devices.find(({ id }) => id === "home-2-pv")).toMatchObject({ topicId: "tasmota-home-2-pv" });
    const heard = await listener(description.mqtt.url);
    const round = (): Promise<string[]> => Promise.all([POWER, ENERGY, SENSOR].map((topic) => heard.next(topic)));
    await round(); // may have been under way when the time was set
    const [power, energy, sensor] = await round();

    const grid = street.read("home-2", "grid", simulator.virtualNow());
    const em = numbers(power ?? "");
    expect(em).toMatchObject({ id: 0, total_act_power: grid.power, a_voltage: 230, a_freq: 50 });
    expect((em["a_act_power"] ?? 0) + (em["b_act_power"] ?? 0) + (em["c_act_power"] ?? 0)).toBe(grid.power);
    const emData = numbers(energy ?? "");
    expect(emData).toMatchObject({ id: 0, total_act: grid.imported, total_act_ret: grid.exported });
    const phases = ["a", "b", "c"].map((phase) => emData[`${phase}_total_act_ret_energy`] ?? NaN);
    expect(phases.reduce((sum, value) => sum + value, 0)).toBe(grid.exported);

    const pv = street.read("home-2", "pv", simulator.virtualNow());
    expect(pv.power).toBeLessThan(-100);
    const exportedWh: number = pv.exported;
    expect(JSON.parse(sensor ?? "")).toEqual({
      Time: "2026-06-01T11:05:00",
      SML: { Total_in: 0, Total_out: exportedWh / 1_000, Power_curr: pv.power },
    });
  });

  test("say that they are there, and the broker says when they are gone", async () => {
    const first = await start({ publishEvery: OFTEN });
    const { url } = first.description.mqtt;
    const late = await listener(url);
    await late.next("shellypro3em-home-2/status/em:0");
    expect(late.count("shellypro3em-home-2/online")).toBe(1);
    expect(late.count("tele/tasmota-home-2-pv/LWT")).toBe(1);

    const second = await start({ broker: url.replace("//", "//user:secret@"), publishEvery: OFTEN });
    expect(second.description.mqtt).toEqual({ url, embedded: false });
    const gone = late.next("shellypro3em-home-4/online", (payload) => payload === "false");
    await second.stop();
    await expect(gone).resolves.toBe("false");
  });
});

test("the embedded broker loses no retained message to the measurement right behind it", async () => {
  const { description } = await start();
  const heard = await listener(description.mqtt.url);
  const device = await connectAsync(description.mqtt.url, { protocolVersion: 4, reconnectPeriod: 0 }, false);
  const rounds = [1, 2, 3, 4, 5].map(String);
  const presences = Promise.all(rounds.map((round) => heard.next("meter/online", (payload) => payload === round)));
  const all = heard.next("meter/end");
  for (const round of rounds) {
    for (const qos of [0, 1] as const) {
      device.publish("meter/online", round, { qos, retain: true });
      device.publish("meter/power", round, { qos });
    }
  }
  await device.publishAsync("meter/end", "", { qos: 1 });
  await all;
  expect(heard.count("meter/online")).toBe(10);
  expect(heard.count("meter/power")).toBe(10);
  await presences;
  await device.endAsync();
});

test("a slot of an hour is a mean over an hour", async () => {
  const time = setTime();
  const simulator = await start({ realNow: time.realNow, slotLength: times(MINUTE, 60) });
  const before = simulator.street.read("home-1", "pv", simulator.virtualNow());
  time.advance(HOUR);
  expect(simulator.street.read("home-1", "pv", simulator.virtualNow()).exported).toBe(-before.power);
});
