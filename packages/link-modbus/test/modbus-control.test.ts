/**
 * Controls as profiles describe them, against a server by pymodbus that keeps what it is told: what is refused before a frame
 * exists, what reaches the registers, and what is put back.
 */
import { describe, expect, test } from "@jest/globals";
import type { Capability } from "@micromarket/control";
import type { Control } from "@micromarket/device-profiles";
import { formatProblem } from "@micromarket/kernel";
import { loadProfile, modbusControls, readProfile, type DeviceProfile, type ModbusLink } from "../src/index.ts";
import { IMPATIENT, linkTo, rawServer } from "./open-ends.ts";
import { HEAD } from "./profile-text.ts";
import { isPymodbusWanted, NEEDS, pymodbusServer } from "./pymodbus.ts";
import { confirmation, exceptionFrame, frame } from "./raw-server.ts";

const FOR_GOOD = { revertAfterMs: null, fallback: null };
const done = { ok: true, value: null };
const refused = (detail: string): object => ({
  ok: false,
  error: { code: "VALUE_REFUSED", detail: expect.stringContaining(detail) },
});
const whenPymodbusIsThere = isPymodbusWanted ? describe : describe.skip;

interface Held {
  readonly link: ModbusLink;
  readonly control: Control;
  /** What stands in a register now. */
  readonly word: (address: number) => Promise<number | undefined>;
}

async function held(profile: DeviceProfile, capability: Capability, words: Record<number, number>): Promise<Held> {
  const registers = new Map(Object.entries(words).map(([address, word]) => [Number(address), word]));
  const { unit } = profile;
  const port = await pymodbusServer("tcp", { unit, holding: registers, input: registers });
  const link = linkTo(port, { writableUnits: [unit] });
  const control = modbusControls({ link, profile }).find(({ rules }) => rules.capability === capability);
  if (control === undefined) throw new Error(`no ${capability}`);
  const word = async (address: number): Promise<number | undefined> => {
    const read = await link.read({ unit, function: 3, address, count: 1 });
    return read.ok ? read.value[0] : undefined;
  };
  return { link, control, word };
}

const shipped = (name: string): DeviceProfile => loadProfile(name) as DeviceProfile;

const RULES = `    min_interval_s: 1
    persistence: volatile
    verify: { tolerance: 0, within_s: 1 }
    release: { mode: restore }
    on_gateway_loss: hold
`;

/** One control of a made-up device. */
function profileOf(capability: Capability, control: string): DeviceProfile {
  const link = "link: { framing: [tcp], unit: 1, word_order: little, max_registers: 20 }";
  const points = "points:\n  power_w: { function: 3, address: 0, type: int16 }";
  const read = readProfile(
    `${HEAD}${link}\nmax_age_s: 9\n${points}\ncontrols:\n  ${capability}:\n${RULES}${control}`,
    "x",
  );
  if (!read.ok) throw new Error(read.error.map(formatProblem).join("\n"));
  return read.value;
}

whenPymodbusIsThere(`shipped controls against pymodbus (${NEEDS})`, () => {
  test("go-e: current in whole amperes, by function 16, read back and put back", async () => {
    const { control, word } = await held(shipped("go-e-charger"), "evse_current_ma", { 299: 16 });
    const before = await control.read();
    expect(before).toMatchObject({ ok: true, value: { value: 16_000, isActive: null, objections: [] } });
    expect(await control.write(10_000, FOR_GOOD)).toEqual(done);
    expect(await word(299)).toBe(10);
    expect(await control.read()).toMatchObject({ value: { value: 10_000 } });
    if (before.ok) expect(await control.restore(before.value.snapshot)).toEqual(done);
    expect(await word(299)).toBe(16);
  });

  test("go-e: on and off are 2 and 1; neutral is neither, and is what is put back", async () => {
    const { control, word } = await held(shipped("go-e-charger"), "evse_enable", { 337: 0 });
    const before = await control.read();
    expect(before).toMatchObject({ ok: true, value: { value: null } });
    expect(await control.write(0, FOR_GOOD)).toEqual(done);
    expect(await word(337)).toBe(1);
    expect(await control.write(1, FOR_GOOD)).toEqual(done);
    expect(await word(337)).toBe(2);
    if (before.ok) await control.restore(before.value.snapshot);
    expect(await word(337)).toBe(0);
  });

  test("Huawei: a legal limit that was found is put back, in the order of the profile", async () => {
    const { control, word } = await held(shipped("huawei-sun2000"), "limit_generation_ppm", { 47415: 7, 47418: 600 });
    const before = await control.read();
    expect(before).toMatchObject({ ok: true, value: { value: 600_000, isActive: true, objections: [] } });
    expect(await control.write(300_000, FOR_GOOD)).toEqual(done);
    expect([await word(47418), await word(47415)]).toEqual([300, 7]);
    if (before.ok) expect(await control.restore(before.value.snapshot)).toEqual(done);
    expect([await word(47418), await word(47415)]).toEqual([600, 7]);
  });

  test.each([
    [0, false, []],
    [7, true, []],
    [5, false, ["no limit of another kind is set (mode 0 or 7): register 47415 holds 5, not one of 0, 7"]],
  ])("Huawei: mode %d", async (mode, isActive, objections) => {
    const { control } = await held(shipped("huawei-sun2000"), "limit_generation_ppm", { 47415: mode, 47418: 1_000 });
    expect(await control.read()).toMatchObject({ value: { value: 1_000_000, isActive, objections } });
  });

  test("Victron: the override in watts, both signs", async () => {
    const words = { 2716: 0, 2717: 0, 2902: 1 };
    const { control, word } = await held(shipped("victron-gx-system"), "setpoint_power_w", words);
    expect(await control.write(-1_234, FOR_GOOD)).toEqual(done);
    expect([await word(2716), await word(2717)]).toEqual([0xffff, 0x1_0000 - 1_234]);
    expect(await control.read()).toMatchObject({ value: { value: -1_234, objections: [] } });
    expect(control.rules.reversion).toEqual({ kind: "timer", afterMs: 60_000, refreshMs: 20_000, fallsBackTo: null });
  });

  test("openWB: the set register is never read; a pause may be written, half an ampere may not", async () => {
    const words = { 10116: 1_600, 10171: 0 };
    const { control, word, link } = await held(shipped("openwb-2"), "evse_current_ma", words);
    expect(await control.read()).toMatchObject({ value: { value: 16_000, snapshot: "[]" } });
    expect(await control.write(10_000, FOR_GOOD)).toEqual(done);
    expect(await word(10_171)).toBe(1_000);
    const sent = link.metrics.requests;
    expect(await control.write(3_000, FOR_GOOD)).toEqual(refused("3000 must not be written to this device"));
    expect(link.metrics.requests).toBe(sent);
    expect(await control.write(0, FOR_GOOD)).toEqual(done);
    expect(await word(10_171)).toBe(0);
  });
});

whenPymodbusIsThere(`frames of every kind (${NEEDS})`, () => {
  const timed = profileOf(
    "limit_generation_w",
    `    range: { min: 0, max: 100000, step: 1 }
    reversion: { kind: timer, after_s: 90 }
    readback: { function: 3, address: 11, type: uint16, pow10: 1 }
    write:
      - { function: 16, address: 10, values: [1, $value, $fallback, { u32: $reversion_s }, { i16: -2 }, { f32: 1 }] }
`,
  );

  test("value, fallback and time in one frame, in the profile's order of words", async () => {
    const words = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [10 + index, 0]));
    const { control, word, link } = await held(timed, "limit_generation_w", words);
    expect(await control.write(50_000, { revertAfterMs: 90_500, fallback: 20 })).toEqual(done);
    const written = await Promise.all([10, 11, 12, 13, 14, 15, 16, 17].map(word));
    expect(written).toEqual([1, 5_000, 2, 91, 0, 0xfffe, 0, 0x3f80]);
    const { requests } = link.metrics;
    const terms = { revertAfterMs: 90_000, fallback: 0 };
    expect(await control.write(55, terms)).toEqual(refused("counts in steps of 1 × 10^1: 55 lies between two"));
    expect(await control.write(50, FOR_GOOD)).toEqual(refused("falls back to a value that must be named"));
    expect(await control.write(50, { ...terms, revertAfterMs: null })).toEqual(refused("say after how long"));
    expect(await control.write(50, { ...terms, revertAfterMs: 0.5 })).toEqual(refused("whole number of milliseconds"));
    expect(await control.write(50, { ...terms, fallback: Number.NaN })).toEqual(
      refused("what it falls back to must be"),
    );
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1.5, -1, 100_001]) {
      expect(await control.write(value, terms)).toEqual(refused("the value must be a whole number from 0 to 100000"));
    }
    expect(link.metrics.requests).toBe(requests);
  });

  test("one bit of a register: the others stay as they are, and as they have become", async () => {
    const bit = profileOf(
      "switch",
      `    range: { min: 0, max: 1, step: 1 }
    reversion: { kind: none }
    readback: { function: 3, address: 20, type: uint16, map: { 0xF0: 0, 0xF8: 1 } }
    write: [{ function: 6, address: 20, bit: 3, values: [{ u16: $value }] }]
`,
    );
    const { control, word, link } = await held(bit, "switch", { 20: 0xf0 });
    const before = await control.read();
    expect(await control.write(1, FOR_GOOD)).toEqual(done);
    expect(await word(20)).toBe(0xf8);
    await link.write({
      unit: 1,
      function: 6,
      address: 20,
      type: "uint16",
      values: [0x0f],
      limits: { min: 0, max: 99 },
    });
    if (before.ok) expect(await control.restore(before.value.snapshot)).toEqual(done);
    expect(await word(20)).toBe(0x07);
  });

  test("what is no snapshot of this control is not written", async () => {
    const { control, link } = await held(shipped("huawei-sun2000"), "limit_generation_ppm", { 47415: 7, 47418: 600 });
    const wrong = ["", "{}", "[]", '[{"address":1,"words":[1]}]', "null", "[null,null]"];
    const words = (word: unknown): string =>
      JSON.stringify([47418, 47415].map((address) => ({ address, words: [word] })));
    for (const snapshot of [...wrong, words(-1), words(70_000), words("1"), words(null)]) {
      expect(await control.restore(snapshot)).toEqual(refused("this is no snapshot of this control"));
    }
    expect(link.metrics.requests).toBe(0);
  });
});

describe("the lock and the failures", () => {
  const huawei = shipped("huawei-sun2000");

  test("a unit that is not writable: LOCKED, before the value is looked at, and nothing is sent", async () => {
    const server = await rawServer({ onAsked: () => undefined });
    const [control] = modbusControls({ link: linkTo(server.port, { writableUnits: [2] }), profile: huawei });
    for (const value of [0, Number.NaN]) {
      expect(await control?.write(value, FOR_GOOD)).toMatchObject({ ok: false, error: { code: "LOCKED" } });
    }
    expect(await control?.restore("")).toMatchObject({ ok: false, error: { code: "LOCKED" } });
    expect(server.asked).toEqual([]);
  });

  /** What the device does with the frame of that number, from 0; the others it takes. */
  async function failing(at: number, fault: "silence" | number): Promise<Control> {
    let writes = 0;
    const server = await rawServer({
      onAsked: (asked) => {
        if (asked.function === 3) return asked.socket.write(frame("tcp", asked, Array<number>(asked.count).fill(0)));
        if (writes++ !== at) return asked.socket.write(confirmation("tcp", asked));
        return fault === "silence" || asked.socket.write(exceptionFrame("tcp", asked, fault));
      },
    });
    const profile = { ...huawei, ...IMPATIENT, connectDelayMs: 0 };
    const [control] = modbusControls({ link: linkTo(server.port, { writableUnits: [1] }), profile });
    if (control === undefined) throw new Error("no control");
    return control;
  }

  test.each<[number, "silence" | number, string, string]>([
    [0, 2, "UNSUPPORTED", "frame 1 of 2, register 47418: the device refuses with exception 2"],
    [0, 6, "NOT_DONE", "frame 1 of 2, register 47418: the device refuses with exception 6"],
    [0, 4, "UNKNOWN", "frame 1 of 2, register 47418: the device refuses with exception 4"],
    [0, "silence", "UNKNOWN", "frame 1 of 2, register 47418: TIMEOUT"],
    [1, 6, "UNKNOWN", "frame 2 of 2, register 47415: the device refuses with exception 6"],
  ])("frame %d answered with %s is %s", async (at, fault, code, detail) => {
    const control = await failing(at, fault);
    expect(await control.write(500_000, FOR_GOOD)).toEqual({ ok: false, error: { code, detail } });
  });

  test("a device that does not answer is UNREADABLE", async () => {
    const server = await rawServer({ onAsked: () => undefined });
    const profile = { ...huawei, ...IMPATIENT, connectDelayMs: 0 };
    const [control] = modbusControls({ link: linkTo(server.port), profile });
    expect(await control?.read()).toEqual({ ok: false, error: { code: "UNREADABLE", detail: "TIMEOUT" } });
  });
});
