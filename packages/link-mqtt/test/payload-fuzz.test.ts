/**
 * Real payloads with bytes changed, taken away and put in: a value is read only where the text, by the JSON reader of the
 * language, says that very number at that very place; and nothing throws. The seed is printed where it fails.
 */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { MqttDevice, type DeviceProfile, type PointProfile, type TopicProfile } from "@micromarket/link-mqtt";
import { NOON, profileNamed } from "./message.ts";

interface Sample {
  readonly profile: DeviceProfile;
  /** The end of the topic. */
  readonly topic: string;
  readonly payload: string;
}

const SAMPLES: readonly Sample[] = [
  {
    profile: profileNamed("shelly-pro-3em"),
    topic: "x/status/em:0",
    payload:
      '{"id":0,"a_current":4.029,"a_voltage":236.1,"a_act_power":951.2,"a_aprt_power":951.9,"a_pf":1.00,"a_freq":50.0,' +
      '"b_voltage":236.2,"b_act_power":-951.1,"c_voltage":235.9,"c_act_power":950.9,"n_current":null,"total_act_power":1235.991}',
  },
  {
    profile: profileNamed("shelly-pro-3em"),
    topic: "x/status/emdata:0",
    payload: '{"id":0,"a_total_act_energy":0.00,"total_act":2413825.53,"total_act_ret":180.20}',
  },
  {
    profile: profileNamed("tasmota-plug"),
    topic: "tele/x/SENSOR",
    payload:
      '{"Time":"2026-07-01T14:00:00","ENERGY":{"TotalStartTime":"2026-01-01T00:00:00","Total":1234.567,"Today":1.5,' +
      '"Power":152,"Factor":0.95,"Voltage":231,"Current":0.692}}',
  },
  { profile: profileNamed("tasmota-plug"), topic: "tele/x/STATE", payload: '{"POWER":"ON","Uptime":"1T02:03:04"}' },
  {
    profile: profileNamed("tasmota-sml"),
    topic: "tele/x/SENSOR",
    payload: '{"Time":"2026-07-01T14:00:00","SML":{"Total_in":20123.4567,"Total_out":11.0004,"Power_curr":-1523}}',
  },
  { profile: profileNamed("victron-gx-grid"), topic: "N/x/grid/30/Ac/Power", payload: '{"value": -1523.4}' },
  { profile: profileNamed("victron-gx-grid"), topic: "N/x/grid/30/Ac/Energy/Forward", payload: '{"value": 12345.67}' },
];

/** A change of one byte at `at` of 1, 000 000: another one, none, one more, the rest of the text gone, or a part doubled. */
type Change = readonly [kind: "set" | "flip" | "drop" | "add" | "cut" | "double", at: number, byte: number];

const change = fc.tuple(
  fc.constantFrom("set" as const, "flip" as const, "drop" as const, "add" as const, "cut" as const, "double" as const),
  fc.nat(999_999),
  fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('0123456789.-+eE",:{}[]\\ntu '))),
);

function changed(payload: Buffer, [kind, place, byte]: Change): Buffer {
  const at = Math.floor((place * payload.length) / 1_000_000);
  const [head, tail] = [payload.subarray(0, at), payload.subarray(at + 1)];
  switch (kind) {
    case "set":
      return Buffer.concat([head, Buffer.from([byte]), tail]);
    case "flip":
      return Buffer.concat([head, Buffer.from([(payload[at] ?? 0) ^ (1 << (byte & 7))]), tail]);
    case "drop":
      return Buffer.concat([head, tail]);
    case "add":
      return Buffer.concat([head, Buffer.from([byte]), payload.subarray(at)]);
    case "cut":
      return head;
    case "double":
      return Buffer.concat([head, payload.subarray(Math.max(0, at - (byte & 31)))]);
  }
}

/** What stands at a point's place, by `JSON.parse`. */
function saidAt(text: string, { path, element, map }: PointProfile): unknown {
  let found: unknown = JSON.parse(text);
  for (const key of path) found = (found as Record<string, unknown>)[key];
  if (Array.isArray(found) && element !== null) found = found[element] as unknown;
  return map === null ? found : Number(map.get(String(found)));
}

function expectSaid(text: string, profile: PointProfile, value: number): void {
  const said = saidAt(text, profile);
  expect(typeof said).toBe("number");
  const exact = Number(said) * 10 ** profile.pow10 * (profile.sign === "invert" ? -1 : 1);
  // half up, and what a double loses on the way
  expect(Math.abs(exact - value)).toBeLessThanOrEqual(0.5 + Math.abs(exact) * 1e-12);
  const [low, high] = profile.range;
  expect(value >= low && value <= high && Number.isSafeInteger(value)).toBe(true);
}

const topicOf = ({ profile, topic }: Sample): TopicProfile =>
  profile.topics.find((one) => one.topic.replace("{id}", "x") === topic) as TopicProfile;

test.each(SAMPLES)("$topic of $profile.name", (sample) => {
  const { profile, topic, payload } = sample;
  const { points } = topicOf(sample);
  const whole = new MqttDevice(profile, "x", () => NOON);
  whole.accept({ topic, payload: Buffer.from(payload), retained: false });
  const valuesOf = (device: MqttDevice) =>
    device
      .readings()
      .readings.flatMap(({ point, value }) => (value.kind === "value" ? [[point, value.value] as const] : []));
  expect(valuesOf(whole).length).toBeGreaterThan(0);
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.boolean(), (changes, retained) => {
      const bytes = changes.reduce<Buffer>((before, next) => changed(before, next), Buffer.from(payload));
      const device = new MqttDevice(profile, "x", () => NOON);
      expect(device.accept({ topic, payload: bytes, retained })).toBe(true);
      for (const [point, value] of valuesOf(device)) {
        const own = points.find((one) => one.point === point);
        if (own === undefined) throw new Error(`${point} is not of this topic`);
        expectSaid(bytes.toString("utf8"), own, value);
      }
    }),
    { numRuns: 2_000 },
  );
});
