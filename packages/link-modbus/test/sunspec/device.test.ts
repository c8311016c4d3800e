/** Readings of whole devices, how they are found, and what makes do in their own way. */
import { describe, expect, test } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import { formatProblem, instantMs } from "@micromarket/kernel";
import {
  loadSunspecProfile,
  readSunspecOverlay,
  readSunspecProfile,
  shippedSunspecProfiles,
  SunspecDevice,
  type SunspecMap,
  type SunspecProfile,
  type SunspecSite,
} from "../../src/index.ts";
import { sunspecSchemaTexts } from "../../src/sunspec/sunspec-schema.ts";
import { linkTo } from "../open-ends.ts";
import { isPeerWanted, NEEDS, sunspecPeer, type SunspecPeer } from "./sunspec-peer.ts";

const testWithPeer = isPeerWanted ? test : test.skip;

function profileOf(name: string): SunspecProfile {
  return loadSunspecProfile(name) as SunspecProfile;
}

function deviceAt({ port }: SunspecPeer, name: string, more: Partial<SunspecSite> = {}): SunspecDevice {
  return new SunspecDevice({ device: "x", link: linkTo(port), profile: profileOf(name), ...more });
}

async function poll(device: SunspecDevice): Promise<Record<string, unknown>> {
  const { readings } = await device.poll(() => instantMs(7));
  return Object.fromEntries(
    readings.map(({ point, value }) => [point, value.kind === "value" ? value.value : value.reason]),
  );
}

describe(`readings (${NEEDS})`, () => {
  testWithPeer("an inverter in integers: load convention, counters, state", async () => {
    const peer = await sunspecPeer("inverter@3:sun_w=4000");
    const device = deviceAt(peer, "sunspec-inverter");
    await poll(device);
    await peer.tell({ tick: 3_600 });
    expect(await poll(device)).toMatchObject({
      ...{ power_w: -4_000, exported_wh: 5_000, imported_wh: "not-provided", rating_w: 10_000, available_w: 4_000 },
      ...{
        voltage_mv: 230_100,
        voltage_l2_mv: 229_900,
        current_ma: 17_390,
        current_l1_ma: 5_800,
        frequency_mhz: 50_010,
      },
      ...{ temperature_mc: 41_500, operating_state: 2, power_l1_w: "not-provided" },
    });
    expect(device.identity).toEqual({ manufacturer: "Peer", model: "Inverter", version: "1.0.0", serial: "1" });
    expect(device.counters.get("exported_wh")).toEqual({
      ...{ resolutionWh: 1, widthBits: 32, wrapsAtWh: 2 ** 32, resets: "unknown", balance: "unknown" },
    });
    await peer.tell({ set: [3, 103, "WH_SF", 1] });
    await poll(device);
    expect(device.counters.get("exported_wh")).toMatchObject({ resolutionWh: 10, wrapsAtWh: 10 * 2 ** 32 });
    // a poll hands on how its own counters are kept, and nothing of an earlier one
    await peer.tell({ set: [3, 103, "WH_SF", -1] });
    const { counters } = await device.poll(() => instantMs(7));
    expect(counters.get("exported_wh")).toMatchObject({ resolutionWh: 1, wrapsAtWh: 429_496_730 });
    await peer.tell({ set: [3, 103, "WH_SF", 11] });
    expect((await device.poll(() => instantMs(7))).counters.size).toBe(0);
  });

  testWithPeer(
    "701 of 155 registers comes in blocks, whole even so; a scale factor that changes meanwhile leaves no value",
    async () => {
      const peer = await sunspecPeer("der@1:sun_w=4000");
      const device = deviceAt(peer, "sunspec-inverter");
      const good = {
        power_w: -4_000,
        power_l1_w: -1_300,
        power_l3_w: -1_350,
        frequency_mhz: 50_010,
        exported_wh: 1_000,
        voltage_mv: 230_100,
      };
      expect(await poll(device)).toMatchObject(good);
      const address = device.unit.modelOf(701)?.address ?? 0;
      const scaleAt = address + 116; // W_SF, behind W and WL1 to WL3
      await peer.tell({ after_read: [1, address + 10, scaleAt, [1]] });
      expect(await poll(device)).toMatchObject({
        power_w: "not-a-number",
        power_l1_w: "not-a-number",
        frequency_mhz: 50_010,
      });
      await peer.tell({ poke: [1, scaleAt, [0]] });
      expect(await poll(device)).toMatchObject(good);
    },
  );

  testWithPeer("a store, a meter of integers and one of floats", async () => {
    const peer = await sunspecPeer(
      "storage@1:want_w=1000,soc=40.0",
      "meter@2:load_w=250,behind=1",
      "float-meter@4:load_w=-77",
    );
    expect(await poll(deviceAt(peer, "sunspec-storage"))).toMatchObject({
      ...{
        power_w: 1_000,
        state_of_charge_ppm: 400_000,
        state_of_health_ppm: 980_000,
        capacity_wh: 10_000,
        reserve_ppm: 100_000,
      },
      ...{ max_charge_w: 5_000, max_discharge_w: 5_000, operating_state: 2 },
    });
    expect(await poll(deviceAt(peer, "sunspec-meter"))).toMatchObject({
      ...{
        power_w: 1_250,
        power_l1_w: 200,
        imported_wh: 5_000,
        exported_wh: 7_000,
        current_ma: 2_500,
        frequency_mhz: 50_010,
      },
    });
    const floats = deviceAt(peer, "sunspec-meter", { unit: 4 });
    expect(await poll(floats)).toMatchObject({ power_w: -77, imported_wh: 5_000, power_l1_w: "not-reported" });
    expect(floats.counters.get("imported_wh")).toMatchObject({ resolutionWh: 1, widthBits: null, wrapsAtWh: null });
  });

  testWithPeer("what is not implemented, or has no scale factor or a wrong one, is missing", async () => {
    const peer = await sunspecPeer("still@1");
    const changes = { W: 0x7fff, Hz_SF: null, V_SF: 11, Tmp_SF: -11, A_SF: -10, WH: 0, St: 99 };
    for (const [name, raw] of Object.entries(changes)) await peer.tell({ set: [1, 103, name, raw] });
    const device = deviceAt(peer, "sunspec-inverter");
    const first = await poll(device);
    expect(first).toMatchObject({ power_w: -0x7fff, frequency_mhz: "not-reported", voltage_mv: "out-of-range" });
    expect(first).toMatchObject({
      temperature_mc: "out-of-range",
      current_ma: 0,
      exported_wh: "not-reported",
      operating_state: "out-of-range",
    });
    await peer.tell({ set: [1, 103, "W", null] });
    await peer.tell({ set: [1, 103, "WH", 1] });
    expect(await poll(device)).toMatchObject({ power_w: "not-reported", exported_wh: 1 });
  });

  testWithPeer(
    "a counter at 0 may be none: it has no value, and is named with how it is kept until it counts",
    async () => {
      const peer = await sunspecPeer("meter@1:load_w=-1000.0,exported_from=0");
      const device = deviceAt(peer, "sunspec-meter");
      const polled = async () => {
        const { readings, counters, zeros } = await device.poll(() => instantMs(7));
        return [readings.find(({ point }) => point === "exported_wh")?.value, [...counters.keys()], [...zeros]];
      };
      await peer.tell({ set: [1, 203, "TotWh_SF", 1] });
      const facts = {
        ...{ resolutionWh: 10, widthBits: 32, wrapsAtWh: 10 * 2 ** 32 },
        resets: "unknown",
        balance: "unknown",
      };
      const reported = { kind: "missing", reason: "not-reported" };
      expect(await polled()).toEqual([reported, ["imported_wh"], [["exported_wh", expect.objectContaining(facts)]]]);
      await peer.tell({ tick: 36 });
      expect(await polled()).toEqual([{ kind: "value", value: 100 }, ["imported_wh", "exported_wh"], []]);
      // what has counted and stands at 0 is named again; without a scale factor nothing is known of it
      await peer.tell({ mask: [1, 203, "TotWhExp", true] });
      expect(await polled()).toMatchObject([reported, ["imported_wh"], [["exported_wh", facts]]]);
      await peer.tell({ set: [1, 203, "TotWh_SF", null] });
      expect((await polled())[2]).toEqual([]);
      // a float says NaN where there is none, and a 0 of it was counted
      const floats = await sunspecPeer("float-meter@1:exported_from=0");
      const { readings, zeros } = await deviceAt(floats, "sunspec-meter").poll(() => instantMs(7));
      expect(readings).toContainEqual({ point: "exported_wh", value: { kind: "value", value: 0 }, at: 7 });
      expect(zeros.size).toBe(0);
    },
  );

  testWithPeer("what no model of the device has room for is not provided, and nothing else is", async () => {
    const peer = await sunspecPeer("inverter@1:sun_w=4000", "storage@2:want_w=1000");
    const absentIn = async (device: SunspecDevice): Promise<readonly string[]> =>
      Object.entries(await poll(device)).flatMap(([point, value]) => (value === "not-provided" ? [point] : []));
    const inverter = deviceAt(peer, "sunspec-inverter");
    const store = deviceAt(peer, "sunspec-storage", { unit: 2 });
    expect(await absentIn(inverter)).toEqual(["power_l1_w", "power_l2_w", "power_l3_w", "imported_wh"]);
    expect(await absentIn(store)).toEqual(["exported_wh", "imported_wh"]);
    await peer.tell({ set: [1, 103, "TmpCab", null] });
    await peer.tell({ set: [2, 802, "SoCRsvMin", null] });
    await peer.tell({ set: [2, 124, "MinRsvPct", null] });
    expect(await poll(inverter)).toMatchObject({ temperature_mc: "not-reported" });
    expect(await poll(store)).toMatchObject({ reserve_ppm: "not-reported" });
  });

  testWithPeer("an unknown length: the device's own wins, and a chain without end is refused", async () => {
    const peer = await sunspecPeer("meter@1");
    const device = deviceAt(peer, "sunspec-meter");
    await poll(device);
    const address = device.unit.modelOf(203)?.address ?? 0;
    await peer.tell({ poke: [1, address + 1, [34]] }); // ends before the energy counters
    await peer.tell({ poke: [1, address + 36, [0xffff, 0]] });
    const fresh = deviceAt(peer, "sunspec-meter");
    expect(await poll(fresh)).toMatchObject({ power_w: 500, imported_wh: "not-provided" });
    expect(await poll(device)).toMatchObject({ power_w: "stale", imported_wh: "stale" });
    expect(device.failure).toMatchObject({ code: "MAP_CHANGED" });
    expect(await poll(device)).toMatchObject({ power_w: 500, imported_wh: "not-provided" });
    await peer.tell({ poke: [1, address + 1, [65_535]] });
    const broken = deviceAt(peer, "sunspec-meter");
    expect(await poll(broken)).toMatchObject({ power_w: "not-reported" });
    expect(broken.failure).toMatchObject({ code: "MAP_INVALID" });
  });

  testWithPeer("a device that nobody reaches has no readings", async () => {
    const peer = await sunspecPeer("inverter@1");
    const link = linkTo(peer.port);
    const device = deviceAt(peer, "sunspec-inverter", { link });
    await poll(device);
    await link.close();
    expect(new Set(Object.values(await poll(device)))).toEqual(new Set(["device-silent", "not-provided"]));
    expect(device.failure).toEqual({ code: "LINK_CLOSED" });
    expect(new Set(Object.values(await poll(device)))).toEqual(new Set(["device-silent"]));
  });

  testWithPeer("other bases; no SunSpec; none of the models", async () => {
    const peer = await sunspecPeer("meter@1:base=50000", "meter@2:base=0", "meter@3:base=1234");
    expect(await poll(deviceAt(peer, "sunspec-meter"))).toMatchObject({ power_w: 500 });
    expect(await poll(deviceAt(peer, "sunspec-meter", { unit: 2 }))).toMatchObject({ power_w: 500 });
    const none = deviceAt(peer, "sunspec-meter", { unit: 3 });
    expect([await poll(none), none.failure]).toMatchObject([{ power_w: "not-reported" }, { code: "NOT_SUNSPEC" }]);
    const wrong = deviceAt(peer, "sunspec-inverter", { unit: 1 });
    expect([await poll(wrong), wrong.failure]).toMatchObject([{ power_w: "not-reported" }, { code: "MODEL_MISSING" }]);
  });
});

describe(`maps that are remembered (${NEEDS})`, () => {
  testWithPeer("a second device of the process does not walk; another version does", async () => {
    const peer = await sunspecPeer("inverter@1");
    const memory = new Map<string, SunspecMap>();
    const requestsOf = async (): Promise<number> => {
      const link = linkTo(peer.port);
      await new SunspecDevice({ device: "x", link, profile: profileOf("sunspec-inverter"), memory }).unit.find();
      return link.metrics.requests;
    };
    const first = await requestsOf();
    expect(await requestsOf()).toBe(2);
    await peer.tell({ become: "inverter@1:version=2.0.0" });
    expect(await requestsOf()).toBe(first + 1);
    expect(memory.size).toBe(2);
  });

  testWithPeer("a device that comes back with another map is noticed, and read by it", async () => {
    const peer = await sunspecPeer("inverter@1:sun_w=4000");
    const device = deviceAt(peer, "sunspec-inverter");
    expect(await poll(device)).toMatchObject({ power_w: -4_000 });
    await peer.tell({ become: "der@1:sun_w=3000" });
    expect(await poll(device)).toMatchObject({ power_w: "stale", exported_wh: "stale", rating_w: "stale" });
    expect(await poll(device)).toMatchObject({ power_w: -3_000, power_l1_w: -1_300 });
  });
});

describe(`quirks (${NEEDS})`, () => {
  testWithPeer("end_by_exception: SMA; without it the chain is broken", async () => {
    const peer = await sunspecPeer("sma@126:sun_w=4000");
    expect(await poll(deviceAt(peer, "sunspec-inverter-sma"))).toMatchObject({ power_w: -4_000 });
    const strict = deviceAt(peer, "sunspec-inverter", {
      unit: 126,
      profile: { ...profileOf("sunspec-inverter"), quirks: new Set() },
    });
    expect([await poll(strict), strict.failure]).toMatchObject([{ power_w: "not-reported" }, { code: "MAP_INVALID" }]);
  });

  testWithPeer("second_common_is_device, meter_sign_inverted: a SolarEdge meter behind its inverter", async () => {
    const peer = await sunspecPeer("solaredge@1:sun_w=4000");
    expect(await poll(deviceAt(peer, "sunspec-inverter-solaredge"))).toMatchObject({ power_w: -4_000 });
    const meter = deviceAt(peer, "sunspec-meter-solaredge");
    expect(await poll(meter)).toMatchObject({ power_w: 321, power_l1_w: -200, imported_wh: 1 });
    expect(meter.identity).toMatchObject({ model: "SE meter" });
    const second = deviceAt(peer, "sunspec-meter-solaredge", { subdevice: 1 });
    expect([await poll(second), second.failure]).toMatchObject([
      { power_w: "not-reported" },
      { code: "MODEL_MISSING" },
    ]);
    const without = deviceAt(peer, "sunspec-meter", { profile: { ...profileOf("sunspec-meter"), quirks: new Set() } });
    expect([await poll(without), without.failure]).toMatchObject([{}, { code: "MODEL_MISSING" }]);
  });

  testWithPeer("hybrid_modules_3_4_battery and zero_frame_filter: Fronius", async () => {
    const peer = await sunspecPeer("hybrid@1:sun_w=0");
    const storage = deviceAt(peer, "sunspec-storage-fronius", {
      profile: { ...profileOf("sunspec-storage-fronius"), needsAny: [160] },
    });
    expect(await poll(storage)).toMatchObject({ power_w: 700 });
    await peer.tell({ set: [1, 160, "module[4].DCW", null] });
    expect(await poll(storage)).toMatchObject({ power_w: "not-reported" });
    const inverter = deviceAt(peer, "sunspec-inverter-fronius");
    expect(await poll(inverter)).toMatchObject({ power_w: 0, frequency_mhz: 50_010 }); // night: a grid, and no power
    await peer.tell({ set: [1, 103, "PhVphA", 0] });
    await peer.tell({ set: [1, 103, "Hz", 0] });
    expect(await poll(inverter)).toMatchObject({
      power_w: "out-of-range",
      exported_wh: "out-of-range",
      rating_w: 10_000,
    });
  });
});

describe("profiles", () => {
  const schema = (name: string): URL => new URL(`../../profiles/sunspec/schema/${name}`, import.meta.url);

  test("the published schemas are those in use; UPDATE_SCHEMA=1 writes them anew", () => {
    for (const [name, text] of sunspecSchemaTexts()) {
      if (process.env["UPDATE_SCHEMA"] === "1") writeFileSync(schema(name), text);
      expect(JSON.parse(readFileSync(schema(name), "utf8"))).toEqual(JSON.parse(text));
    }
  });

  test("every shipped one can be loaded by its name", () => {
    expect(shippedSunspecProfiles()).toEqual(
      expect.arrayContaining([
        "sunspec-inverter",
        "sunspec-meter-fronius",
        "sunspec-inverter-sma",
        "sunspec-meter-solaredge",
      ]),
    );
    for (const name of shippedSunspecProfiles()) expect(loadSunspecProfile(name)?.head.name).toBe(name);
    expect([loadSunspecProfile("sunspec"), loadSunspecProfile("fronius"), loadSunspecProfile("../x")]).toEqual([
      null,
      null,
      null,
    ]);
    const sma = profileOf("sunspec-inverter-sma");
    expect([sma.manners.unitProbe, sma.manners.singleWrite, [...sma.controls.keys()]]).toEqual([
      [126],
      6,
      ["limit_generation_ppm"],
    ]);
    expect(profileOf("sunspec-inverter-solaredge").manners).toMatchObject({ port: 1_502, clientsMax: 1 });
  });

  const text = readFileSync(new URL("../../profiles/sunspec/sunspec-inverter.yaml", import.meta.url), "utf8");
  test.each([
    ['"120:WRtg"', '"120:WRating"', "POINT_UNKNOWN"],
    ['"120:WRtg"', '"120:VARtg"', "POINT_UNIT"],
    ['"701:InvSt"', '"701:W"', "POINT_UNIT"],
    ["max_registers: 100", "max_registers: 126", "VALUE_OUT_OF_RANGE"],
    ["quirks: [end_by_exception]", "quirks: [end_by_magic]", "VALUE_UNKNOWN"],
    ["available_w: { sunspec: ", "available_w: { valid: { min: 2, max: 1 }, sunspec: ", "RANGE_REVERSED"],
    [
      'imported_wh: { sunspec: ["701:TotWhAbs"], max_age_s: 900, counter: { resets: unknown, balance: unknown } }',
      'imported_wh: { sunspec: ["701:TotWhAbs"] }',
      "COUNTER_MISSING",
    ],
    [
      "available_w: { sunspec: ",
      "available_w: { counter: { resets: never, balance: vector }, sunspec: ",
      "COUNTER_UNEXPECTED",
    ],
    ["refresh_s: 30", "refresh_s: 60", "REFRESH_TOO_SLOW"],
  ])("%s instead: %s is refused", (good, bad, code) => {
    expect(text).toContain(good);
    const read = readSunspecProfile(text.replace(good, bad), "mine.yaml");
    expect(read.ok ? [] : read.error.map(formatProblem)).toEqual([expect.stringContaining(`(${code})`)]);
  });

  test("an overlay that says nothing of the profile is refused", () => {
    const overlay = readFileSync(new URL("../../profiles/sunspec/solaredge.yaml", import.meta.url), "utf8");
    const read = readSunspecOverlay(overlay, "solaredge.yaml", profileOf("sunspec-storage"));
    expect(read.ok ? [] : read.error.map(formatProblem)).toEqual([expect.stringContaining("(OVERLAY_FOREIGN)")]);
  });
});
