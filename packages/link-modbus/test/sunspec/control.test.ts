/** Set-points as pysunspec2's client sees them: written, held, put back, and ended by the device's own timer. */
import { describe, expect, test } from "@jest/globals";
import type { Capability } from "@micromarket/control";
import type { Control, WriteTerms } from "@micromarket/device-profiles";
import { loadSunspecProfile, SunspecDevice, sunspecControl, type SunspecProfile } from "../../src/index.ts";
import { linkTo } from "../open-ends.ts";
import { isPeerWanted, NEEDS, sunspecClient, sunspecPeer, type SunspecPeer } from "./sunspec-peer.ts";

const testWithPeer = isPeerWanted ? test : test.skip;

const FOREVER: WriteTerms = { revertAfterMs: null, fallback: null };
const MINUTE: WriteTerms = { revertAfterMs: 60_000, fallback: null };

interface Bench {
  readonly peer: SunspecPeer;
  readonly device: SunspecDevice;
  readonly control: (capability: Capability, isLocked?: boolean) => Control;
  readonly close: () => Promise<void>;
}

async function bench(kind: string, profileName: string, change: Partial<SunspecProfile> = {}): Promise<Bench> {
  const peer = await sunspecPeer(kind);
  const link = linkTo(peer.port, { writableUnits: [1, 126] });
  const profile = { ...(loadSunspecProfile(profileName) as SunspecProfile), ...change };
  const device = new SunspecDevice({ device: "x", link, profile });
  const control = (capability: Capability, isLocked = false): Control =>
    sunspecControl(device, capability, isLocked ? null : link) as Control;
  return { peer, device, control, close: async () => link.close() };
}

async function stateOf(control: Control): Promise<unknown> {
  const read = await control.read();
  if (!read.ok) return read.error;
  const { value, isActive, revertsInMs, objections } = read.value;
  return { value, isActive, revertsInMs, objections };
}

async function snapshotOf(control: Control): Promise<string> {
  const read = await control.read();
  return read.ok ? read.value.snapshot : "";
}

describe(`limits of generation (${NEEDS})`, () => {
  testWithPeer("123: five registers in one frame; the device reverts when nobody writes again", async () => {
    const { peer, control } = await bench("inverter@1:sun_w=9000", "sunspec-inverter");
    const limit = control("limit_generation_ppm");
    expect(await stateOf(limit)).toEqual({ value: 1_000_000, isActive: false, revertsInMs: null, objections: [] });
    expect(await limit.write(300_050, MINUTE)).toEqual({ ok: true, value: null });
    const [[, code, , words]] = await peer.tell<[[number, number, number, number[]]]>({ writes: true });
    expect([code, words]).toEqual([16, [3_000, 0, 60, 0, 1]]);
    expect(await stateOf(limit)).toMatchObject({ value: 300_000, isActive: true });
    const client = await sunspecClient(peer.port, 1);
    expect(await client([123, "WMaxLimPct"], [123, "WMaxLim_Ena"], [103, "W"], [103, "St"])).toEqual([30, 1, 3_000, 5]);
    await peer.tell({ tick: 59 });
    expect(await client([123, "WMaxLim_Ena"], [103, "W"])).toEqual([1, 3_000]);
    expect(await limit.write(300_000, MINUTE)).toMatchObject({ ok: true });
    await peer.tell({ tick: 59 });
    expect(await client([103, "W"])).toEqual([3_000]);
    await peer.tell({ tick: 1 });
    expect(await client([123, "WMaxLim_Ena"], [103, "W"])).toEqual([0, 9_000]);
  });

  testWithPeer("704: six registers, a timer of 32 bits that runs, and the value that it falls back to", async () => {
    const { peer, control } = await bench("der@1:sun_w=9000", "sunspec-inverter");
    const limit = control("limit_generation_ppm");
    expect(await limit.write(500_000, { revertAfterMs: 120_000, fallback: 100_000 })).toMatchObject({ ok: true });
    const [[, code, , words]] = await peer.tell<[[number, number, number, number[]]]>({ writes: true });
    expect([code, words]).toEqual([16, [1, 500, 100, 1, 0, 120]]);
    expect(await stateOf(limit)).toEqual({ value: 500_000, isActive: true, revertsInMs: 120_000, objections: [] });
    const client = await sunspecClient(peer.port, 1);
    expect(await client([704, "WMaxLimPct"], [704, "WMaxLimPctRvrtRem"], [701, "W"])).toEqual([50, 120, 5_000]);
    await peer.tell({ tick: 120 });
    expect(await client([704, "WMaxLimPct"], [704, "WMaxLimPctEna"], [701, "W"])).toEqual([10, 1, 1_000]);
    expect(await limit.write(500_000, FOREVER)).toMatchObject({ ok: true });
    expect(await stateOf(limit)).toMatchObject({ value: 500_000, revertsInMs: null });
  });

  testWithPeer.each(["inverter@1:sun_w=9000", "der@1:sun_w=9000"])("%s: watts by what 100 %% are", async (kind) => {
    const { peer, device, control } = await bench(kind, "sunspec-inverter");
    const limit = control("limit_generation_w");
    expect(await limit.write(2_345, MINUTE)).toMatchObject({ ok: true });
    const isOld = device.unit.modelOf(123) !== null;
    expect(await stateOf(limit)).toMatchObject({ value: isOld ? 2_345 : 2_340, isActive: true });
    expect(await limit.write(10_001, MINUTE)).toMatchObject({ ok: false, error: { code: "VALUE_REFUSED" } });
    await peer.tell({ set: [1, isOld ? 121 : 702, "WMax", null] });
    expect(await stateOf(limit)).toMatchObject({ isActive: true }); // the rating stands in
  });

  testWithPeer("restore puts back every register that was found, a limit of somebody else included", async () => {
    const { peer, control } = await bench("inverter@1:sun_w=9000", "sunspec-inverter");
    const client = await sunspecClient(peer.port, 1);
    const limit = control("limit_generation_ppm");
    await peer.tell({ set: [1, 123, "WMaxLimPct", 7_000] });
    await peer.tell({ set: [1, 123, "WMaxLim_Ena", 1] });
    await peer.tell({ set: [1, 123, "WMaxLimPct_RmpTms", 9] });
    const snapshot = await snapshotOf(limit);
    await limit.write(200_000, MINUTE);
    expect(await client([103, "W"])).toEqual([2_000]);
    expect(await limit.restore(snapshot)).toEqual({ ok: true, value: null });
    expect(await client([123, "WMaxLimPct"], [123, "WMaxLim_Ena"], [123, "WMaxLimPct_RmpTms"], [103, "W"])).toEqual([
      70, 1, 9, 7_000,
    ]);
    for (const bad of ["", "{}", snapshot.replace("123", "704"), snapshot.replace("7000", "70000")]) {
      expect(await limit.restore(bad)).toMatchObject({ ok: false, error: { code: "VALUE_REFUSED" } });
    }
    await peer.tell({ become: "inverter@1:serial=2" });
    expect(await limit.restore(snapshot)).toMatchObject({ ok: true }); // nobody noticed: same map, no silence
    expect(await limit.restore(snapshot.replace("Inverter 1", "Inverter 3"))).toMatchObject({
      error: { code: "NOT_DONE" },
    });
  });

  testWithPeer(
    "what is not written: no integer, out of range, forbidden, less than a step, locked, without timer",
    async () => {
      const { peer, control } = await bench("inverter@1", "sunspec-inverter");
      const limit = control("limit_generation_ppm");
      for (const value of [Number.NaN, 0.5, -1, 1_000_001, 0, 99]) {
        expect([value, await limit.write(value, MINUTE)]).toMatchObject([value, { error: { code: "VALUE_REFUSED" } }]);
      }
      expect(await limit.write(500_000, { revertAfterMs: 86_400_000, fallback: null })).toMatchObject({
        error: { code: "VALUE_REFUSED" },
      });
      expect(await limit.write(500_000, { revertAfterMs: 9_000, fallback: 1_000 })).toMatchObject({
        error: { code: "UNSUPPORTED" },
      });
      const locked = control("limit_generation_ppm", true);
      expect(await locked.write(500_000, MINUTE)).toMatchObject({ error: { code: "LOCKED" } });
      expect(await locked.restore(await snapshotOf(locked))).toMatchObject({ error: { code: "LOCKED" } });
      await peer.tell({ set: [1, 123, "WMaxLimPct_RvrtTms", null] });
      expect(await limit.write(500_000, MINUTE)).toMatchObject({ error: { code: "UNSUPPORTED" } });
      await peer.tell({ set: [1, 123, "WMaxLimPct_SF", null] });
      expect(await limit.write(500_000, FOREVER)).toMatchObject({ error: { code: "UNSUPPORTED" } });
      expect(await stateOf(limit)).toMatchObject({ value: null });
      expect(await peer.tell({ writes: true })).toEqual([]);
    },
  );

  testWithPeer("a link that may not write the unit, and a device without the model", async () => {
    const peer = await sunspecPeer("inverter@1");
    const [locked, profile] = [linkTo(peer.port), loadSunspecProfile("sunspec-inverter") as SunspecProfile];
    const limit = sunspecControl(
      new SunspecDevice({ device: "x", link: locked, profile }),
      "limit_generation_ppm",
      locked,
    ) as Control;
    expect(await limit.write(500_000, MINUTE)).toMatchObject({ error: { code: "LOCKED" } });
    const floats = await bench("float-inverter@1", "sunspec-inverter");
    expect(await stateOf(floats.control("limit_generation_ppm"))).toMatchObject({ code: "UNSUPPORTED" });
  });

  testWithPeer("SMA: one register by function 6, where an installer has enabled the limit", async () => {
    const { peer, control } = await bench("sma@126:sun_w=9000", "sunspec-inverter-sma");
    const limit = control("limit_generation_ppm");
    expect(await stateOf(limit)).toEqual({ value: 1_000_000, isActive: true, revertsInMs: null, objections: [] });
    expect(await limit.write(400_000, MINUTE)).toMatchObject({ error: { code: "UNSUPPORTED" } });
    expect(await limit.write(400_000, FOREVER)).toEqual({ ok: true, value: null });
    expect(await peer.tell({ writes: true })).toEqual([[126, 6, expect.any(Number), [4_000]]]);
    expect(await peer.tell({ get: [126, 103, "W"] })).toBe(4_000);
    await peer.tell({ set: [126, 123, "WMaxLim_Ena", 0] });
    expect(await stateOf(limit)).toMatchObject({ isActive: false, objections: [expect.stringContaining("installer")] });
  });

  testWithPeer("SolarEdge: its own registers, low word first, settings before the limit, and its timeout", async () => {
    const { peer, control } = await bench("solaredge@1:sun_w=9000", "sunspec-inverter-solaredge");
    const limit = control("limit_generation_ppm");
    const snapshot = await snapshotOf(limit);
    expect(await limit.write(250_000, FOREVER)).toMatchObject({ error: { code: "UNSUPPORTED" } });
    expect(await limit.write(255_000, { revertAfterMs: 120_000, fallback: 500_000 })).toEqual({
      ok: true,
      value: null,
    });
    expect(await peer.tell({ writes: true })).toEqual([
      [1, 16, 0xf310, [120, 0, 0, 0x4248]],
      [1, 16, 0xf322, [0, 0x41cc]],
      [1, 16, 0xf300, [1]],
    ]);
    expect(await stateOf(limit)).toMatchObject({ value: 255_000, isActive: true });
    expect(await peer.tell({ get: [1, 103, "W"] })).toBe(2_550);
    await peer.tell({ tick: 121 });
    expect(await peer.tell({ get: [1, 103, "W"] })).toBe(5_000);
    expect(await limit.restore(snapshot)).toMatchObject({ ok: true });
    expect(await peer.tell({ get: [1, 103, "W"] })).toBe(9_000);
  });
});

describe(`stores (${NEEDS})`, () => {
  testWithPeer("124: charge, discharge and hold, as a window of one value; the timer ends it", async () => {
    const { peer, control } = await bench("storage@1:soc=50,want_w=-800", "sunspec-storage");
    const client = await sunspecClient(peer.port, 1);
    const power = control("setpoint_power_w");
    expect(await stateOf(power)).toEqual({ value: 0, isActive: false, revertsInMs: null, objections: [] });
    for (const watts of [2_000, -1_500, 0]) {
      expect(await power.write(watts, MINUTE)).toEqual({ ok: true, value: null });
      expect(await stateOf(power)).toMatchObject({ value: watts, isActive: true });
      expect(await client([103, "W"], [802, "W"], [124, "StorCtl_Mod"])).toEqual([-watts + 0, watts, 3]);
    }
    await power.write(2_000, MINUTE);
    expect(await client([124, "OutWRte"], [124, "InWRte"], [124, "ChaGriSet"])).toEqual([-40, 40, 1]);
    await peer.tell({ tick: 59 });
    expect(await client([802, "SoC"])).toEqual([50.3]);
    await peer.tell({ tick: 1 });
    expect(await client([124, "StorCtl_Mod"], [802, "W"])).toEqual([0, -800]);
    expect(await power.write(5_001, MINUTE)).toMatchObject({ error: { code: "VALUE_REFUSED" } });
  });

  testWithPeer("124: limits of charge and discharge keep each other, and are put back", async () => {
    const { peer, control } = await bench("storage@1:want_w=-3000", "sunspec-storage");
    const client = await sunspecClient(peer.port, 1);
    const [charge, discharge] = [control("storage_max_charge_w"), control("storage_max_discharge_w")];
    const found = await snapshotOf(discharge);
    await discharge.write(0, MINUTE);
    expect(await client([124, "StorCtl_Mod"], [124, "OutWRte"], [802, "W"])).toEqual([2, 0, 0]);
    await charge.write(1_000, MINUTE);
    expect(await client([124, "StorCtl_Mod"], [124, "OutWRte"], [124, "InWRte"])).toEqual([3, 0, 20]);
    expect(await stateOf(charge)).toMatchObject({ value: 1_000, isActive: true });
    expect(await stateOf(discharge)).toMatchObject({ value: 0, isActive: true });
    expect(await discharge.restore(found)).toEqual({ ok: true, value: null });
    expect(await client([124, "StorCtl_Mod"], [802, "W"])).toEqual([0, -3_000]);
    await peer.tell({ set: [1, 124, "WChaMax", null] });
    expect(await charge.write(1_000, MINUTE)).toMatchObject({ error: { code: "UNSUPPORTED" } });
  });

  testWithPeer("704: a set-point in watts, generation turned round; the device reverts to nothing", async () => {
    const { peer, control } = await bench("der-storage@1", "sunspec-storage");
    const client = await sunspecClient(peer.port, 1);
    const power = control("setpoint_power_w");
    const found = await snapshotOf(power);
    expect(await power.write(-3_000, MINUTE)).toEqual({ ok: true, value: null });
    expect(await client([704, "WSet"], [704, "WSetMod"], [701, "W"], [802, "W"])).toEqual([3_000, 1, 3_000, -3_000]);
    expect(await stateOf(power)).toMatchObject({ value: -3_000, isActive: true, revertsInMs: 60_000 });
    await power.write(2_000, { revertAfterMs: 30_000, fallback: -70_000 });
    expect(await client([704, "WSet"], [704, "WSetRvrt"], [704, "WSetEnaRvrt"])).toEqual([-2_000, 70_000, 1]);
    await peer.tell({ tick: 30 });
    expect(await client([704, "WSet"], [704, "WSetRvrtRem"])).toEqual([70_000, 0]);
    expect(await power.restore(found)).toEqual({ ok: true, value: null });
    expect(await client([704, "WSetEna"], [701, "W"])).toEqual([0, 0]);
  });

  testWithPeer("the reserve is one register, and what stands in the way is told", async () => {
    const { peer, control } = await bench("der-storage@1", "sunspec-storage");
    const reserve = control("storage_reserve_ppm");
    expect(await stateOf(reserve)).toEqual({ value: 100_000, isActive: true, revertsInMs: null, objections: [] });
    expect(await reserve.write(250_000, FOREVER)).toEqual({ ok: true, value: null });
    expect(await peer.tell({ get: [1, 802, "SoCRsvMin"] })).toBe(250);
    await peer.tell({ set: [1, 715, "LocRemCtl", 1] });
    await peer.tell({ set: [1, 802, "SetOp", 2] });
    expect(await stateOf(reserve)).toMatchObject({
      objections: [expect.stringContaining("715:LocRemCtl"), expect.stringContaining("802:SetOp")],
    });
  });

  testWithPeer("where a heartbeat keeps the set-point up, every write beats", async () => {
    const { controls } = loadSunspecProfile("sunspec-storage") as SunspecProfile;
    const rules = [...controls].map(([name, one]) => [
      name,
      { ...one, reversion: { kind: "heartbeat", afterMs: 3_000, refreshMs: 1_000 } },
    ]);
    const { peer, control } = await bench("der-storage@1", "sunspec-storage", { controls: new Map(rules as never) });
    await peer.tell({ set: [1, 802, "CtrlHb", 0xfffe] });
    for (const beat of [1, 2]) {
      expect(await control("setpoint_power_w").write(1_000, MINUTE)).toMatchObject({ ok: true });
      expect(await peer.tell({ get: [1, 715, "ControllerHb"] })).toBe(beat);
      expect(await peer.tell({ get: [1, 802, "CtrlHb"] })).toBe(beat - 1);
    }
  });

  testWithPeer(
    "what a device refuses is not done, unless a frame before it was; a link that is closed is unreadable",
    async () => {
      const { peer, device, control, close } = await bench("storage@1", "sunspec-storage");
      const power = control("setpoint_power_w");
      await power.read();
      const address = device.unit.modelOf(124)?.address ?? 0;
      await peer.tell({ protect: [1, address + 5] });
      expect(await power.write(1_000, MINUTE)).toMatchObject({ error: { code: "UNKNOWN" } });
      await peer.tell({ protect: [1, address + 12] });
      expect(await power.write(1_000, MINUTE)).toMatchObject({ error: { code: "NOT_DONE" } });
      await close();
      expect([await power.read(), await power.write(1_000, MINUTE)]).toMatchObject([
        { error: { code: "UNREADABLE" } },
        { error: { code: "UNREADABLE" } },
      ]);
    },
  );
});
