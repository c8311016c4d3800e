import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { measured, missing, type Measurement } from "@micromarket/kernel";
import type { PointName } from "@micromarket/assets";
import { readMessage, type DeviceProfile, type MqttMessage } from "@micromarket/link-mqtt";
import { message, NOON, profileNamed, secondsAfterNoon } from "./message.ts";
import { JSON_POWER, NUMBER_POWER, profileOf } from "./profile-of.ts";

const shelly = profileNamed("shelly-pro-3em");
const tasmota = profileNamed("tasmota-sml");
const power = profileOf(JSON_POWER);
const numberPower = profileOf(NUMBER_POWER);

type Values = Partial<Record<PointName, Measurement<number>>>;

/** What the device reads that the message's topic belongs to. */
function values(profile: DeviceProfile, from: MqttMessage, now = NOON): Values | null {
  const ids = ["a", "home/roof", "cellar"];
  const readings = ids.map((id) => readMessage(profile, id, from, now)).find((some) => some !== null) ?? null;
  if (readings === null) return null;
  return Object.fromEntries(readings.readings.map(({ point, value }) => [point, value]));
}

describe("devices", () => {
  test("Shelly: power in W, import positive", () => {
    const em = { id: 0, a_act_power: 300.1, b_act_power: -5.5, c_act_power: -1523.4, total_act_power: -1228.803 };
    const id = "shellypro3em-ec62608840a4";
    const readings = readMessage(shelly, id, message(`${id}/status/em:0`, em), NOON);
    expect(readings?.device).toBe("shellypro3em-ec62608840a4");
    expect(readings?.readings.slice(0, 5)).toEqual([
      { point: "power_w", value: measured(-1229), at: NOON },
      { point: "power_l1_w", value: measured(300), at: NOON },
      { point: "power_l2_w", value: measured(-5), at: NOON },
      { point: "power_l3_w", value: measured(-1523), at: NOON },
      { point: "voltage_mv", value: missing("not-reported"), at: NOON },
    ]);
  });

  test("Shelly: counters in Wh, with decimals, past what a float holds", () => {
    const payload = '{"id":0,"total_act":2413825.5,"total_act_ret":90071992547.40993}';
    expect(values(shelly, message("home/roof/status/emdata:0", payload))).toEqual({
      imported_wh: measured(2_413_826),
      exported_wh: measured(90_071_992_547),
    });
  });

  test("Tasmota: counters in kWh, named as the script names them", () => {
    const payload = {
      Time: "2026-07-01T14:00:00",
      SML: { Total_in: 20_123.4567, Total_out: 11.0004, Power_curr: -1523 },
    };
    const expected = { power_w: measured(-1523), imported_wh: measured(20_123_457), exported_wh: measured(11_000) };
    expect(values(tasmota, message("tele/cellar/SENSOR", payload))).toEqual(expected);
    const named = profileNamed("tasmota-sml", { meter: "eBZ", import: "1_8_0", export: "2_8_0", power: "16_7_0" });
    const obis = { eBZ: { "1_8_0": 20_123.4567, "2_8_0": 11.0004, "16_7_0": -1523 } };
    expect(values(named, message("tele/cellar/SENSOR", obis))).toEqual(expected);
  });

  test("Tasmota: a value that comes alone leaves the others alone", () => {
    expect(values(tasmota, message("tele/cellar/SENSOR", { SML: { Power_curr: 0 } }))).toEqual({
      power_w: measured(0),
    });
    expect(values(tasmota, message("tele/cellar/SENSOR", { BME280: { Temperature: 20 } }))).toEqual({});
  });

  test("Tasmota: what it says before it has heard the meter is no reading", () => {
    const zeros = { SML: { Total_in: 0, Total_out: 0, Power_curr: 0 } };
    const none = missing("out-of-range");
    expect(values(tasmota, message("tele/cellar/SENSOR", zeros))).toEqual({
      power_w: none,
      imported_wh: none,
      exported_wh: none,
    });
  });

  test.each(["status/em:0", "/status/em:0", "x/status/em:1", "x/status/em:0/y", "x/events/rpc"])(
    "%s is no topic of a Shelly",
    (topic) => {
      expect(readMessage(shelly, "x", message(topic, {}), NOON)).toBeNull();
    },
  );
});

describe("what is missing is missing", () => {
  test.each([
    ['{"p":5}', measured(5)],
    ['{"p":0}', measured(0)],
    ['{"p":-0.0}', measured(0)],
    ['{"p":null}', missing("not-reported")],
    ["{}", missing("not-reported")],
    ["[]", missing("not-reported")],
    ["null", missing("not-reported")],
    ["5", missing("not-reported")],
    ['{"p":"5"}', missing("not-a-number")],
    ['{"p":true}', missing("not-a-number")],
    ['{"p":[5,6]}', missing("not-a-number")],
    ['{"p":{"p":5}}', missing("not-a-number")],
    ['{"p":NaN}', missing("not-a-number")],
    ['{"p":nan}', missing("not-a-number")],
    ['{"p":}', missing("not-a-number")],
    ["", missing("not-reported")],
    ['{"p":5', missing("not-a-number")],
    ['{"p":5} x', missing("not-a-number")],
    ['{"p":05}', missing("not-a-number")],
    ['{"p":5,"p":6}', missing("not-a-number")],
    ['{"p":1000001}', missing("out-of-range")],
    ['{"p":1e400}', missing("out-of-range")],
    ['{"p":1e9999}', missing("out-of-range")],
    ['{"p":-1e308}', missing("out-of-range")],
    ['{"p":1e-300}', missing("out-of-range")],
    ['{"__proto__":{"p":5}}', missing("not-reported")],
  ])("%s", (payload, expected) => {
    expect(values(power, message("a/p", payload))).toEqual({ power_w: expected });
  });

  test.each([
    ["1.2345", measured(-1_234)],
    [" -2 \n", measured(2_000)],
    ["", missing("not-reported")],
    ["null", missing("not-reported")],
    ["Offline", missing("not-a-number")],
    ["nan", missing("not-a-number")],
    ["5.001", missing("out-of-range")],
  ])("a number alone: %j", (payload, expected) => {
    expect(values(numberPower, message("a/p", payload))).toEqual({ power_w: expected });
  });

  test("a key of the path that is not the message's own is not found", () => {
    const inherited = profileOf(JSON_POWER.replace("path: [p]", "path: [constructor]"));
    expect(values(inherited, message("a/p", "{}"))).toEqual({ power_w: missing("not-reported") });
    const element = profileOf(JSON_POWER.replace("path: [p]", "path: [p, 1]"));
    expect(values(element, message("a/p", { p: [1, 2] }))).toEqual({ power_w: measured(2) });
    expect(values(element, message("a/p", { p: { 1: 2 } }))).toEqual({ power_w: missing("not-reported") });
  });
});

describe("hostile payloads", () => {
  const tenMegabytes = Buffer.alloc(10_000_000, "9");
  test.each([
    ["10 MB", tenMegabytes],
    ["10 MB of JSON", Buffer.concat([Buffer.from('{"p":'), tenMegabytes, Buffer.from("}")])],
    ["deep lists", Buffer.from("[".repeat(60_000))],
    ["deep objects", Buffer.from('{"p":'.repeat(12_000))],
    ["deep in a value", Buffer.from(`{"x":${"[".repeat(40)}${"]".repeat(40)},"p":5}`)],
    ["invalid UTF-8", Buffer.from([0x7b, 0x22, 0x70, 0xff, 0x22, 0x3a, 0x35, 0x7d])],
    ["a cut character", Buffer.from([0x22, 0xe2, 0x82])],
  ])("%s", (_name, payload) => {
    expect(values(power, message("a/p", payload))).toEqual({ power_w: missing("not-a-number") });
  });

  test("brackets in texts are no depth", () => {
    const payload = { x: `\\"${"[".repeat(100)}`, p: 5 };
    expect(values(power, message("a/p", payload))).toEqual({ power_w: measured(5) });
  });

  test("any bytes give one reading of each point, an integer in range or missing, and no exception", () => {
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
      fc.double().map((p) => Buffer.from(`{"p":${p}}`)),
    );
    fc.assert(
      fc.property(payload, fc.boolean(), (bytes, retained) => {
        const value = values(power, { topic: "a/p", payload: bytes, retained })?.power_w;
        const isReading = value?.kind === "value" && Number.isSafeInteger(value.value) && Math.abs(value.value) <= 1e6;
        expect(isReading || value?.kind === "missing").toBe(true);
      }),
    );
  });

  test("what a device prints is read as printed", () => {
    const printed = fc.tuple(fc.integer({ min: -999_999, max: 999_999 }), fc.integer({ min: 0, max: 99 }));
    fc.assert(
      fc.property(printed, ([whole, hundredths]) => {
        const text = `${whole}.${String(hundredths).padStart(2, "0")}`;
        const isUp = whole < 0 ? hundredths > 50 : hundredths >= 50;
        const away = isUp ? (whole < 0 ? -1 : 1) : 0;
        expect(values(power, message("a/p", `{"p":${text}}`))).toEqual({ power_w: measured(whole + away) });
      }),
    );
  });
});

describe("age", () => {
  const at = (ts: number) => ({ p: 5, ts });
  const noonS = Number(NOON) / 1_000;

  test.each([
    ["live, undated", message("a/p", { p: 5 }), measured(5), 0],
    ["live, dated", message("a/p", at(noonS - 20.5)), measured(5), -20.5],
    ["live, a device whose clock is ahead", message("a/p", at(noonS + 9_999)), measured(5), 0],
    ["live, held up on the way for too long", message("a/p", at(noonS - 61)), missing("stale"), -61],
    ["live, with a time that is none", message("a/p", { p: 5, ts: "yesterday" }), measured(5), 0],
    ["stored, undated", message("a/p", { p: 5 }, true), missing("stale"), 0],
    ["stored, dated", message("a/p", at(noonS - 20), true), measured(5), -20],
    ["stored, old", message("a/p", at(noonS - 61), true), missing("stale"), -61],
    ["stored, clocks that differ a little", message("a/p", at(noonS + 4), true), measured(5), 0],
    ["stored, from the future", message("a/p", at(noonS + 6), true), missing("stale"), 0],
    ["stored, dated 1970", message("a/p", at(0), true), missing("stale"), 0],
  ])("%s", (_name, from, value, seconds) => {
    const readings = readMessage(power, "a", from, NOON);
    expect(readings?.readings).toEqual([{ point: "power_w", value, at: secondsAfterNoon(seconds) }]);
  });

  test("a time without a zone dates nothing", () => {
    const iso = profileOf(JSON_POWER.replace("unix-s", "iso-8601"));
    const dated = (ts: string) => values(iso, message("a/p", { p: 5, ts }, true));
    expect(dated("2026-07-01T12:00:00")).toEqual({ power_w: missing("stale") });
    expect(dated("2026-07-01T13:59:50+02:00")).toEqual({ power_w: measured(5) });
  });
});
