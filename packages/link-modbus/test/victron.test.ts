/** Multis behind a GX device, served by pymodbus: the GX device's own settings stand at another unit of the same address. */
import { describe, expect, test } from "@jest/globals";
import type { Control } from "@micromarket/device-profiles";
import { instantMs, measured } from "@micromarket/kernel";
import { loadProfile, ModbusDevice, modbusControls, type DeviceProfile } from "../src/index.ts";
import { linkTo } from "./open-ends.ts";
import { isPymodbusWanted, NEEDS, pymodbusDevice, type PymodbusDevice } from "./pymodbus.ts";

const FOR_GOOD = { revertAfterMs: null, fallback: null };
const SETTINGS = 100;
const MODE = 2902;
const whenPymodbusIsThere = isPymodbusWanted ? describe : describe.skip;

/** Registers 3 to 41 of a Multi on one phase: 231 V, 4.5 A, 50.02 Hz, 1 030 W, 85 %, and nothing switched off. */
const ONE_PHASE: Readonly<Record<number, number>> = {
  ...Object.fromEntries(Array.from({ length: 39 }, (_, index) => [index + 3, 0])),
  ...{ 3: 2310, 6: 45, 9: 5002, 12: 103, 28: 1, 30: 850, 31: 3, 33: 3, 37: 0 },
};
const THREE_PHASES = { ...ONE_PHASE, 4: 2320, 5: 2330, 7: 0x1_0000 - 20, 8: 10, 13: 0x1_0000 - 46, 14: 23, 28: 3 };

interface Multi {
  readonly peer: PymodbusDevice;
  readonly control: Control;
  readonly device: ModbusDevice;
}

async function multi(name: string, words: Readonly<Record<number, number>>, mode = 3): Promise<Multi> {
  const profile = loadProfile(name) as DeviceProfile;
  const { unit } = profile;
  const holding = new Map(Object.entries(words).map(([address, word]) => [Number(address), word]));
  const units = [{ unit: SETTINGS, holding: new Map([[MODE, mode]]) }];
  const peer = await pymodbusDevice("tcp", { unit, holding, units });
  const link = linkTo(peer.port, { writableUnits: [unit] });
  const [control] = modbusControls({ link, profile });
  if (control === undefined) throw new Error(`${name} controls nothing`);
  return { peer, control, device: new ModbusDevice({ device: "multi", link, profile }) };
}

async function stateOf(control: Control): Promise<unknown> {
  const read = await control.read();
  return read.ok ? { value: read.value.value, objections: read.value.objections } : read.error;
}

whenPymodbusIsThere(`Victron's vebus service (${NEEDS})`, () => {
  test("one phase: what it says, and a set-point that is put back", async () => {
    const { peer, control, device } = await multi("victron-gx-vebus", { ...ONE_PHASE, 37: 0x1_0000 - 150 });
    const { readings } = await device.poll(() => instantMs(0));
    expect(Object.fromEntries(readings.map(({ point, value }) => [point, value]))).toEqual({
      power_w: measured(1_030),
      voltage_mv: measured(231_000),
      current_l1_ma: measured(4_500),
      frequency_mhz: measured(50_020),
      state_of_charge_ppm: measured(850_000),
    });
    const found = await control.read();
    expect(found).toMatchObject({ ok: true, value: { value: -150, objections: [] } });
    expect(await control.write(-2_500, FOR_GOOD)).toEqual({ ok: true, value: null });
    expect(await stateOf(control)).toEqual({ value: -2_500, objections: [] });
    expect(await control.restore(found.ok ? found.value.snapshot : "")).toEqual({ ok: true, value: null });
    expect(await peer.tell({ writes: true })).toEqual([
      [16, 37, [0x1_0000 - 2_500]],
      [16, 37, [0x1_0000 - 150]],
    ]);
  });

  test("three phases: a third on each, in one sum; what three cannot share is refused", async () => {
    const { peer, control, device } = await multi("victron-gx-vebus-3p", THREE_PHASES);
    const { readings } = await device.poll(() => instantMs(0));
    expect(Object.fromEntries(readings.map(({ point, value }) => [point, value]))).toMatchObject({
      power_w: measured(800), // 1030 - 460 + 230
      voltage_l3_mv: measured(233_000),
      current_l2_ma: measured(-2_000),
    });
    const found = await control.read();
    expect(await control.write(3_000, FOR_GOOD)).toEqual({ ok: true, value: null });
    expect(await stateOf(control)).toEqual({ value: 3_000, objections: [] });
    expect(await control.write(-900, FOR_GOOD)).toEqual({ ok: true, value: null });
    expect(await control.write(1_000, FOR_GOOD)).toMatchObject({ error: { code: "VALUE_REFUSED" } });
    expect(await control.restore(found.ok ? found.value.snapshot : "")).toEqual({ ok: true, value: null });
    const third = 0x1_0000 - 300;
    expect(await peer.tell({ writes: true })).toEqual([
      [16, 37, [1_000]],
      [16, 40, [1_000, 1_000]],
      [16, 37, [third]],
      [16, 40, [third, third]],
      [16, 37, [0]],
      [16, 40, [0, 0]],
    ]);
  });

  test.each([
    ["ESS mode is External control: register 2902 holds 1, not 3", ONE_PHASE, 1],
    ["the Multi has one phase: register 28 holds 3, not 1", { ...ONE_PHASE, 28: 3 }, 3],
    ["charging is not switched off: register 38 holds 1, not 0", { ...ONE_PHASE, 38: 1 }, 3],
    ["feeding in is not switched off: register 39 holds 1, not 0", { ...ONE_PHASE, 39: 1 }, 3],
  ])("%s", async (objection, words, mode) => {
    const { control } = await multi("victron-gx-vebus", words, mode);
    expect(await stateOf(control)).toEqual({ value: 0, objections: [objection] });
  });
});
