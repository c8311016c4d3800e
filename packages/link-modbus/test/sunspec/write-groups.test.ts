/** Every group that is written, as pysunspec2's own tables and devices have it: its registers are for writing, and are read back. */
import { expect, test } from "@jest/globals";
import type { Capability } from "@micromarket/control";
import type { Control, WriteTerms } from "@micromarket/device-profiles";
import { loadSunspecProfile, SunspecDevice, sunspecControl, type SunspecProfile } from "../../src/index.ts";
import { linkTo } from "../open-ends.ts";
import { isPeerWanted, NEEDS, sunspecClient, sunspecPeer, type SunspecPeer } from "./sunspec-peer.ts";

const testWithPeer = isPeerWanted ? test : test.skip;
const MINUTE: WriteTerms = { revertAfterMs: 60_000, fallback: null };
const FOREVER: WriteTerms = { revertAfterMs: null, fallback: null };

/** Name, type, size, scale factor, unit, access. */
type Row = readonly [name: string, type: string, size: number, sf: unknown, units: unknown, access: string];

interface Bench {
  readonly peer: SunspecPeer;
  readonly device: SunspecDevice;
  readonly control: Control;
}

async function bench(kind: string, profileName: string, capability: Capability): Promise<Bench> {
  const peer = await sunspecPeer(kind);
  const link = linkTo(peer.port, { writableUnits: [1] });
  const profile = loadSunspecProfile(profileName) as SunspecProfile;
  const device = new SunspecDevice({ device: "x", link, profile });
  return { peer, device, control: sunspecControl(device, capability, link) as Control };
}

/** Offsets of a model's registers that pysunspec2 says are for writing. */
async function writableOf(peer: SunspecPeer, model: number): Promise<ReadonlySet<number>> {
  const rows = await peer.tell<readonly Row[]>({ model });
  const writable = new Set<number>();
  let offset = 0;
  for (const [name, , size, , , access] of rows) {
    if (name.includes(".")) break; // behind the fixed part
    if (access === "RW") for (let index = 0; index < size; index += 1) writable.add(offset + index);
    offset += size;
  }
  return writable;
}

testWithPeer.each<readonly [string, string, Capability, number, number, WriteTerms, number]>([
  ["123", "inverter@1", "limit_generation_ppm", 300_000, 123, MINUTE, 1],
  ["123 in watts", "inverter@1", "limit_generation_w", 3_000, 123, MINUTE, 1],
  ["124: a set-point", "storage@1", "setpoint_power_w", -1_500, 124, MINUTE, 2],
  ["124: most charge", "storage@1", "storage_max_charge_w", 1_000, 124, MINUTE, 2],
  ["124: most discharge", "storage@1", "storage_max_discharge_w", 1_000, 124, MINUTE, 2],
  ["124: the reserve, where 802 is not", "classic@1", "storage_reserve_ppm", 200_000, 124, FOREVER, 1],
  ["704", "der@1", "limit_generation_ppm", 300_000, 704, MINUTE, 1],
  ["704: a set-point of a store with 713", "der-storage@1", "setpoint_power_w", 2_000, 704, MINUTE, 1],
  ["802: the reserve", "der-storage@1", "storage_reserve_ppm", 250_000, 802, FOREVER, 1],
  ["802: SetOp", "der-storage@1", "storage_connect", 0, 802, FOREVER, 1],
])(`%s is written where pysunspec2 says RW, read back, and put back (${NEEDS})`, async (...row) => {
  const [, kind, capability, value, model, terms, frames] = row;
  const profile = kind.startsWith("inverter") || kind === "der@1" ? "sunspec-inverter" : "sunspec-storage";
  const { peer, device, control } = await bench(kind, profile, capability);
  const before = await control.read();
  const snapshot = before.ok ? before.value.snapshot : "";
  const { address = 0, length = 0 } = (await device.unit.find()).ok ? (device.unit.modelOf(model) ?? {}) : {};
  const held = await peer.tell({ dump: 1 });
  await peer.tell({ writes: true });
  expect(await control.write(value, terms)).toEqual({ ok: true, value: null });
  const after = await control.read();
  expect(after).toMatchObject({ ok: true, value: { value } });
  const writes = await peer.tell<readonly [number, number, number, readonly number[]][]>({ writes: true });
  expect(writes).toHaveLength(frames);
  const writable = await writableOf(peer, model);
  const written = writes.flatMap(([, , from, words]) => words.map((_, index) => from + index - address));
  expect(written.every((offset) => offset >= 2 && offset < length + 2)).toBe(true);
  expect(written.filter((offset) => !writable.has(offset))).toEqual([]);
  expect(await control.restore(snapshot)).toEqual({ ok: true, value: null });
  expect(await peer.tell({ dump: 1 })).toEqual(held);
});

testWithPeer(`713 has nothing that could be written (${NEEDS})`, async () => {
  const { peer } = await bench("der-storage@1", "sunspec-storage", "setpoint_power_w");
  expect(await writableOf(peer, 713)).toEqual(new Set());
  expect([...(await writableOf(peer, 802))]).toEqual([9, 10, 19, 20, 50, 51]);
});

testWithPeer(`802:SetOp as pysunspec2's client sees it, and what stands in its way (${NEEDS})`, async () => {
  const { peer, control } = await bench("der-storage@1", "sunspec-storage", "storage_connect");
  const client = await sunspecClient(peer.port, 1);
  expect(await control.read()).toMatchObject({ value: { value: 1, isActive: null, objections: [] } });
  await control.write(0, FOREVER);
  expect(await client([802, "SetOp"])).toEqual([2]);
  expect(await control.read()).toMatchObject({ value: { value: 0, objections: [] } }); // it may be connected again by us
  await control.write(1, FOREVER);
  expect(await client([802, "SetOp"])).toEqual([1]);
  for (const [value, terms, code] of [
    [2, FOREVER, "VALUE_REFUSED"],
    [0, MINUTE, "UNSUPPORTED"],
  ] as const) {
    expect(await control.write(value, terms)).toMatchObject({ error: { code } });
  }
  await peer.tell({ set: [1, 802, "State", 99] });
  expect(await control.read()).toMatchObject({ value: { objections: [expect.stringContaining("fault")] } });
  await peer.tell({ set: [1, 802, "SetOp", null] });
  expect(await control.read()).toMatchObject({ value: { value: null } });
  expect(await control.write(0, FOREVER)).toMatchObject({ error: { code: "UNSUPPORTED" } });
});
