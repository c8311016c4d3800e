/** The profiles that come along, with payloads as the makers document them, and with those that trap a reader. */
import { describe, expect, test } from "@jest/globals";
import { durationMs, measured, missing, type Measurement } from "@micromarket/kernel";
import { MqttDevice, type ProfileParameters } from "@micromarket/link-mqtt";
import { createVirtualClock } from "@micromarket/testkit";
import { message, NOON, profileNamed } from "./message.ts";

function deviceOf(name: string, id: string, params: ProfileParameters = {}) {
  const clock = createVirtualClock(NOON);
  const device = new MqttDevice(profileNamed(name, params), id, clock.now);
  return {
    device,
    wait: (seconds: number) => {
      clock.advance(durationMs(seconds * 1_000));
    },
    hear: (topic: string, payload: unknown, retained = false) => {
      expect(device.accept(message(topic, payload, retained))).toBe(true);
    },
    values: () => Object.fromEntries(device.readings().readings.map(({ point, value }) => [point, value])),
  };
}

const none: Measurement<number> = missing("not-reported");
const silent: Measurement<number> = missing("device-silent");
const stale: Measurement<number> = missing("stale");

describe("Victron GX", () => {
  test("grid: power in W, counters in kWh, null is none, an empty message is a device that is gone", () => {
    const { device, hear, values } = deviceOf("victron-gx-grid", "c0619ab12345", { instance: "31" });
    const grid = (path: string): string => `N/c0619ab12345/grid/31/Ac/${path}`;
    expect(device.topics()).toContain(grid("Power"));
    hear(grid("Power"), { value: -1523.4 });
    hear(grid("L1/Power"), { value: 0 });
    hear(grid("L2/Power"), { value: null });
    hear(grid("L3/Power"), '{"value":[]}');
    hear(grid("L1/Voltage"), { value: 230.20001220703125 });
    hear(grid("Energy/Forward"), '{"value": 12345.67}');
    hear(grid("Energy/Reverse"), { value: 0 });
    expect(values()).toEqual({
      power_w: measured(-1523),
      power_l1_w: measured(0),
      power_l2_w: none,
      power_l3_w: missing("not-a-number"),
      voltage_mv: measured(230_200),
      imported_wh: measured(12_345_670),
      exported_wh: measured(0),
    });
    hear(grid("Power"), "");
    hear(grid("Energy/Forward"), {});
    expect(values()).toMatchObject({ power_w: none, imported_wh: none });
    expect(device.accept(message("N/c0619ab12345/grid/30/Ac/Power", { value: 1 }))).toBe(false);
  });

  test("grid: a counter that stands still counts as long as the power comes", () => {
    const { hear, wait, values } = deviceOf("victron-gx-grid", "c0", {});
    hear("N/c0/grid/30/Ac/Energy/Reverse", { value: 7 });
    for (let round = 0; round < 20; round++) {
      wait(30);
      hear("N/c0/grid/30/Ac/Power", { value: round });
    }
    expect(values()).toMatchObject({ exported_wh: measured(7_000), power_w: measured(19) });
    wait(31);
    expect(values()).toMatchObject({ exported_wh: measured(7_000), power_w: stale });
    wait(30);
    expect(values()["exported_wh"]).toEqual(stale);
  });

  test("is woken by an empty message, and then without another round of everything", () => {
    expect(deviceOf("victron-gx-grid", "c0").device.wake()).toEqual({
      topic: "R/c0/keepalive",
      payload: "",
      again: '{"keepalive-options":["suppress-republish"]}',
      everyMs: 30_000,
    });
  });

  test("battery: charging is positive, SoC in percent, the set-point is told by the Multi", () => {
    const { device, hear, values } = deviceOf("victron-gx-battery", "c0", { vebus: "257" });
    hear("N/c0/system/0/Dc/Battery/Power", { value: -200 });
    hear("N/c0/system/0/Dc/Battery/Voltage", { value: 51.95 });
    hear("N/c0/system/0/Dc/Battery/Soc", { value: 53.5 });
    hear("N/c0/system/0/Dc/Battery/State", { value: 2 });
    hear("N/c0/vebus/257/Hub4/L1/AcPowerSetpoint", { value: -200 });
    expect(values()).toEqual({
      power_w: measured(-200),
      voltage_mv: measured(51_950),
      state_of_charge_ppm: measured(535_000),
      operating_state: measured(2),
    });
    expect(device.stateOf("setpoint_power_w")).toEqual(measured(-200));
    hear("N/c0/system/0/Dc/Battery/Soc", { value: 101 });
    hear("N/c0/system/0/Dc/Battery/State", { value: 9 });
    expect(values()).toMatchObject({
      state_of_charge_ppm: missing("out-of-range"),
      operating_state: missing("out-of-range"),
    });
  });
});

describe("Tasmota plug", () => {
  const sensor = (energy: object): object => ({ Time: "2026-07-01T14:00:00", ENERGY: energy });

  test("one channel, as the documentation shows it", () => {
    const { hear, values } = deviceOf("tasmota-plug", "washer");
    const energy = { TotalStartTime: "2025-01-01T00:00:00", Total: 3.185, Yesterday: 3.058, Today: 0.127 };
    hear("tele/washer/SENSOR", sensor({ ...energy, Power: 49, Factor: 0.99, Voltage: 235, Current: 0.212 }));
    hear("tele/washer/STATE", { Uptime: "0T00:15:15", POWER: "ON", Wifi: { RSSI: 50 } });
    expect(values()).toEqual({
      power_w: measured(49),
      imported_wh: measured(3_185),
      voltage_mv: measured(235_000),
      current_ma: measured(212),
      switch_state: measured(1),
    });
  });

  test("several channels: lists, and one total", () => {
    const { hear, values } = deviceOf("tasmota-plug", "strip", { channel: "1", relay: "POWER2" });
    hear("tele/strip/SENSOR", sensor({ Total: 7.5, Power: [0, 12], Voltage: 230, Current: [0.0, 0.052] }));
    hear("tele/strip/STATE", { POWER1: "ON", POWER2: "OFF" });
    expect(values()).toMatchObject({ power_w: measured(12), imported_wh: measured(7_500), switch_state: measured(0) });
  });

  test("all zeros are a plug that draws nothing; a missing group is none; offline is silent; stored is stale", () => {
    const { hear, values } = deviceOf("tasmota-plug", "p");
    hear("tele/p/SENSOR", sensor({ Total: 0, Power: 0, Voltage: 0, Current: 0 }), true);
    expect(values()["power_w"]).toEqual(stale);
    hear("tele/p/SENSOR", sensor({ Total: 0, Power: 0, Voltage: 0, Current: 0 }));
    expect(values()).toMatchObject({ power_w: measured(0), imported_wh: measured(0) });
    hear("tele/p/SENSOR", { Time: "2026-07-01T14:00:10", BME280: { Temperature: 21 } });
    expect(values()["power_w"]).toEqual(none);
    hear("tele/p/LWT", "Offline", true);
    expect(values()["switch_state"]).toEqual(silent);
  });

  test("a counter that was set back is read as it stands", () => {
    const { hear, values } = deviceOf("tasmota-plug", "p");
    hear("tele/p/SENSOR", sensor({ Total: 12.5 }));
    hear("tele/p/SENSOR", sensor({ Total: 0 }));
    expect(values()["imported_wh"]).toEqual(measured(0));
    const points = profileNamed("tasmota-plug").topics.flatMap(({ points: some }) => some);
    expect(points.find(({ point }) => point === "imported_wh")?.counter?.resets).toBe("possible");
  });
});

describe("go-e", () => {
  const NRG = [231, 232, 230, 1, 15.9, 15.8, 0, 3_672.9, 3_665.6, 0, 0, 7_338.5, 99, 99, 0, 0];

  test("what the broker has stored counts once the charger is heard", () => {
    const { hear, values } = deviceOf("go-e", "000001");
    for (const [key, value] of Object.entries({ nrg: NRG, eto: 1_234_567, wh: 4_200, car: 2, amp: 16, mcc: true })) {
      hear(`go-eCharger/000001/${key}`, value, true);
    }
    expect(values()["power_w"]).toEqual(stale);
    hear("go-eCharger/000001/rbt", "498429772");
    expect(values()).toEqual({
      power_w: measured(7_339),
      voltage_mv: measured(231_000),
      voltage_l2_mv: measured(232_000),
      voltage_l3_mv: measured(230_000),
      current_l1_ma: measured(15_900),
      current_l2_ma: measured(15_800),
      current_l3_ma: measured(0),
      imported_wh: measured(1_234_567),
      session_wh: measured(4_200),
      vehicle_state: measured(2),
      offered_current_ma: measured(16_000),
    });
  });

  test("is silent when its will says so", () => {
    const { device, hear, values } = deviceOf("go-e", "1");
    hear("go-eCharger/1/car", "1");
    expect(values()["vehicle_state"]).toEqual(measured(0));
    hear("go-eCharger/1/mcc", "false");
    expect(values()["vehicle_state"]).toEqual(silent);
    expect(device.stateOf("evse_enable")).toEqual(silent);
  });

  test.each([["car", "vehicle_state", [measured(0), measured(2), measured(1), measured(3), measured(4)]]])(
    "%s from 1 to 5",
    (key, point, expected) => {
      const { hear, values } = deviceOf("go-e", "1");
      const read = [1, 2, 3, 4, 5].map((state) => {
        hear(`go-eCharger/1/${key}`, String(state));
        return values()[point];
      });
      expect(read).toEqual(expected);
      hear(`go-eCharger/1/${key}`, "0");
      expect(values()[point]).toEqual(missing("out-of-range"));
      hear(`go-eCharger/1/${key}`, "null");
      expect(values()[point]).toEqual(none);
    },
  );

  test("frc and psm in the words of the controls; automatic phases are none", () => {
    const { device, hear } = deviceOf("go-e", "1");
    const states = (key: string, capability: "evse_enable" | "evse_phases") =>
      [0, 1, 2].map((value) => {
        hear(`go-eCharger/1/${key}`, String(value));
        return device.stateOf(capability);
      });
    expect(states("frc", "evse_enable")).toEqual([measured(1), measured(0), measured(1)]);
    expect(states("psm", "evse_phases")).toEqual([missing("out-of-range"), measured(1), measured(3)]);
  });
});

test("Zigbee2MQTT plug: JSON of what it knows, availability as JSON", () => {
  const { hear, wait, values } = deviceOf("zigbee2mqtt-plug", "kitchen/kettle");
  hear("zigbee2mqtt/kitchen/kettle", { state: "ON", power: 1_987, energy: 12.34, voltage: 229, current: 8.66 });
  hear("zigbee2mqtt/kitchen/kettle", { power: 5, linkquality: 99 });
  expect(values()).toEqual({
    power_w: measured(5),
    imported_wh: measured(12_340),
    voltage_mv: measured(229_000),
    current_ma: measured(8_660),
    switch_state: measured(1),
  });
  wait(301);
  expect(values()).toMatchObject({ power_w: stale, imported_wh: measured(12_340) });
  hear("zigbee2mqtt/kitchen/kettle/availability", { state: "offline" }, true);
  expect(values()["imported_wh"]).toEqual(silent);
});

test("openWB charge point: a topic a value, lists for the phases, words for the plug", () => {
  const { hear, values } = deviceOf("openwb-chargepoint", "2");
  const get = (key: string): string => `openWB/chargepoint/2/get/${key}`;
  hear(get("imported"), "12345.6", true);
  expect(values()["imported_wh"]).toEqual(stale);
  const heard = {
    power: 6_900.4,
    powers: [2_300, 2_300.4, null],
    currents: [10.02, 9.98],
    imported: 12_345.6,
    exported: 0,
  };
  for (const [key, value] of Object.entries({ ...heard, plug_state: true })) hear(get(key), value);
  expect(values()).toEqual({
    power_w: measured(6_900),
    power_l1_w: measured(2_300),
    power_l2_w: measured(2_300),
    power_l3_w: none,
    current_l1_ma: measured(10_020),
    current_l2_ma: measured(9_980),
    current_l3_ma: none,
    imported_wh: measured(12_346),
    exported_wh: measured(0),
    vehicle_state: measured(1),
  });
});

test("Zigbee2MQTT meter: names as the device exposes them, absent ones keep their reading", () => {
  const params = { power_sign: "invert", exported: "/produced_energy", step_wh: "100" };
  const { device, hear, values } = deviceOf("zigbee2mqtt-meter", "mains", params);
  hear("zigbee2mqtt/mains/availability", { state: "online" }, true);
  hear("zigbee2mqtt/mains", { energy: 120.4, produced_energy: 3.2, power: 812, voltage: 231.5, ac_frequency: 50.01 });
  hear("zigbee2mqtt/mains", { power: -95.4, current: 0.41, linkquality: 80 });
  expect(values()).toEqual({
    power_w: measured(95),
    imported_wh: measured(120_400),
    exported_wh: measured(3_200),
    voltage_mv: measured(231_500),
    current_ma: measured(410),
    frequency_mhz: measured(50_010),
  });
  const counters = device.profile.topics.flatMap(({ points }) => points.flatMap(({ counter }) => counter ?? []));
  expect(counters.map(({ resolutionWh }) => resolutionWh)).toEqual([100, 100]);
  hear("zigbee2mqtt/mains/availability", { state: "offline" });
  expect(Object.values(values()).every((value) => value.kind === "missing")).toBe(true);
  expect(
    deviceOf("zigbee2mqtt-meter", "mains")
      .device.readings()
      .readings.map(({ point }) => point),
  ).not.toContain("exported_wh");
});

describe("generic switches", () => {
  test("a bare word, numbers in topics of their own", () => {
    const params = { command: "plug/set", power: "plug/power", energy: "plug/energy", max_age_s: "30" };
    const { device, hear, values } = deviceOf("generic-switch", "plug/state", params);
    const words = [["ON", 1] as const, ["off", 0] as const, ["true", 1] as const, ["0", 0] as const];
    for (const [word, value] of words) {
      hear("plug/state", word);
      expect(device.stateOf("switch")).toEqual(measured(value));
    }
    hear("plug/state", "unknown");
    expect(device.stateOf("switch")).toEqual(missing("out-of-range"));
    hear("plug/power", "41.6");
    hear("plug/energy", "7.25");
    expect(values()).toMatchObject({ power_w: measured(42), imported_wh: measured(7_250) });
    expect(deviceOf("generic-switch", "plug/state", { max_age_s: "30" }).device.profile.controls.size).toBe(0);
  });

  test("JSON: Zigbee2MQTT's own topic is one of them", () => {
    const params = { command: "zigbee2mqtt/tv/set", power: "/power", max_age_s: "300" };
    const { hear, values } = deviceOf("generic-json-switch", "zigbee2mqtt/tv", params);
    hear("zigbee2mqtt/tv", { state: "ON", power: 61 });
    expect(values()).toEqual({ switch_state: measured(1), power_w: measured(61) });
    hear("zigbee2mqtt/tv", { state: false, power: 0 });
    expect(values()).toEqual({ switch_state: measured(0), power_w: measured(0) });
  });
});

describe("generic readers", () => {
  test("JSON: the whole topic is the device, pointers say where the values stand", () => {
    const params = { power: "/meter/now/0", power_sign: "invert", power_unit: "kW", imported: "/meter/in" };
    const more = { max_age_s: "20", availability: "house/meter/up", online: "yes", offline: "no" };
    const { hear, wait, values } = deviceOf("generic-json-meter", "house/meter/json", { ...params, ...more });
    hear("house/meter/json", { meter: { now: [1.5, 2], in: 20.25 } });
    expect(values()).toEqual({ power_w: measured(-1_500), imported_wh: measured(20_250) });
    hear("house/meter/json", { meter: { now: null } });
    expect(values()).toEqual({ power_w: none, imported_wh: none });
    hear("house/meter/json", { meter: { now: [1], in: "20" } });
    wait(20.001);
    expect(values()).toEqual({ power_w: stale, imported_wh: stale });
    hear("house/meter/up", "no");
    expect(values()).toEqual({ power_w: silent, imported_wh: silent });
  });

  test("numbers: a topic each", () => {
    const params = { power: "ha/sensor/power/state", exported: "ha/sensor/out/state", max_age_s: "60" };
    const { device, hear, values } = deviceOf("generic-number", "any", { ...params, energy_unit: "Wh" });
    expect(device.topics()).toEqual(["ha/sensor/power/state", "ha/sensor/out/state"]);
    hear("ha/sensor/power/state", "-12.5");
    hear("ha/sensor/out/state", "unavailable");
    expect(values()).toEqual({ power_w: measured(-12), exported_wh: missing("not-a-number") });
  });

  test("a counter that turns back goes below 0, with the sign that the publisher gives it", () => {
    const json = { net: "/sum", net_sign: "invert", energy_unit: "kWh", max_age_s: "60" };
    const meter = deviceOf("generic-json-meter", "house/meter", json);
    meter.hear("house/meter", { sum: 1.234 });
    expect(meter.values()).toEqual({ net_wh: measured(-1_234) });
    const numbers = deviceOf("generic-number", "any", {
      net: "ha/sensor/net/state",
      energy_unit: "Wh",
      max_age_s: "60",
    });
    numbers.hear("ha/sensor/net/state", "-56");
    expect(numbers.values()).toEqual({ net_wh: measured(-56) });
  });

  test("an age must be given", () => {
    expect(() => profileNamed("generic-number", { power: "a" })).toThrow("PARAMETER_MISSING");
    expect(() => profileNamed("generic-number", { max_age_s: "5" })).toThrow("PROFILE_EMPTY");
  });
});
