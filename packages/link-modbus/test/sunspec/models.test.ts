/** Our tables and our decoding against pysunspec2, point by point. */
import { expect, test } from "@jest/globals";
import { loadSunspecProfile, SunspecDevice, type SunspecProfile } from "../../src/index.ts";
import { tableOf, knownModels } from "../../src/sunspec/sunspec-models.ts";
import { placeIn, type ModelTable, type PointPlace } from "../../src/sunspec/model-table.ts";
import { linkTo } from "../open-ends.ts";
import { isPeerWanted, NEEDS, sunspecPeer } from "./sunspec-peer.ts";

const testWithPeer = isPeerWanted ? test : test.skip;

type Row = readonly [name: string, type: string, size: number, scale: string | number | null];

testWithPeer(
  `every table is that of pysunspec2's model files: offsets, types, sizes, scale factors (${NEEDS})`,
  async () => {
    const peer = await sunspecPeer("meter@1");
    for (const id of knownModels()) {
      const rows = await peer.tell<Row[]>({ model: id });
      const table = tableOf(id) as ModelTable;
      let offset = 0;
      const expected = new Map<number, string>();
      for (const [name, type, size, scale] of rows) {
        if (name.includes("[]")) break;
        if (type !== "pad" && offset >= 2) expected.set(offset, `${type} ${size} ${scale ?? "-"}`);
        offset += size;
      }
      const ours = new Map(
        [...table.points.values()].map(({ offset: at, type, size, scale }) => [at, `${type} ${size} ${scale ?? "-"}`]),
      );
      expect([id, ours]).toEqual([id, expected]);
    }
  },
);

const DEVICES = [
  "ieee1547",
  "inverter-file",
  "inverter",
  "storage",
  "meter",
  "der",
  "der-storage",
  "float-inverter",
  "float-meter",
  "hybrid",
];
type Dump = readonly (readonly [
  id: number,
  address: number,
  points: readonly (readonly [number, string, string, number, number | string | null, number | null, boolean])[],
])[];
const ANY: SunspecProfile = { ...(loadSunspecProfile("sunspec-inverter") as SunspecProfile), needsAny: [1] };

testWithPeer.each(DEVICES)(`%s: every point says what pysunspec2 says (${NEEDS})`, async (kind) => {
  const peer = await sunspecPeer(`${kind}@1`);
  const { unit } = new SunspecDevice({ device: "x", link: linkTo(peer.port), profile: ANY });
  const found = await unit.find();
  const dump = await peer.tell<Dump>({ dump: 1 });
  expect(found).toMatchObject({
    ok: true,
    value: { device: { models: dump.map(([id, address]) => ({ id, address })) } },
  });
  let compared = 0;
  for (const [id, , rows] of dump) {
    const model = unit.modelOf(id);
    const table = tableOf(id);
    if (model === null || table === null) continue;
    const places = allPlaces(table, model.length + 2);
    const read = await unit.read(model, places);
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    for (const place of places) {
      const [, , type, , raw = null, scale, isScaled] = rows.find(([offset]) => offset === place.offset) ?? [];
      const isMissing = raw === null || (isScaled === true && (scale === null || Math.abs(scale ?? 0) > 10));
      const places10 = Math.max(0, -(scale ?? 0));
      const value =
        type === "string"
          ? read.value.text(place)
          : read.value.number(place, type?.startsWith("float") === true ? 3 : places10);
      const name = `${id}:${place.name}`;
      if (isMissing) expect([name, value.kind]).toEqual([name, "missing"]);
      else if (type === "string") expect([name, value]).toEqual([name, { kind: "value", value: raw }]);
      else {
        const exact =
          type?.startsWith("float") === true
            ? Math.round(Number(raw) * 1000)
            : Number(BigInt(raw) * 10n ** BigInt((scale ?? 0) + places10));
        expect([name, value]).toEqual([name, { kind: "value", value: exact }]);
      }
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(5);
});

function allPlaces(table: ModelTable, length: number): readonly PointPlace[] {
  const { points, repeated } = table;
  const count = repeated === null ? 0 : Math.floor((length - repeated.start) / repeated.length);
  const names = [...(repeated?.points.keys() ?? [])];
  const inside = Array.from({ length: count }, (_, index) =>
    names.map((name) => `${repeated?.name ?? ""}[${index + 1}].${name}`),
  );
  return [...points.values(), ...inside.flat().flatMap((name) => placeIn(table, name) ?? [])];
}
