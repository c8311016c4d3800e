/** The map of a unit: from the memory of earlier walks where the device says that it is the same, else by a new walk. */
import type { Result } from "@micromarket/kernel";
import {
  findBase,
  readIdentity,
  walkMap,
  type Ask,
  type Identity,
  type SunspecFailure,
  type SunspecMap,
  type WalkOptions,
} from "./sunspec-map.ts";

/** Maps that were walked before, by the identity of their first device and how they were walked. */
export type MapMemory = Map<string, SunspecMap>;

/** Never rejects. A map from memory is that of a device with the same make, model, serial number and version. */
export async function findMap(
  ask: Ask,
  options: WalkOptions,
  memory: MapMemory,
): Promise<Result<SunspecMap, SunspecFailure>> {
  const base = await findBase(ask, options.bases);
  if (!base.ok) return base;
  const known = await fromMemory(ask, base.value, options, memory);
  if (known !== null) return known;
  const map = await walkMap(ask, base.value, options);
  const [first] = map.ok ? map.value.devices : [];
  if (map.ok && first !== undefined && first.identity.serial !== "")
    memory.set(keyOf(first.identity, options), map.value);
  return map;
}

/** Forgets a map that did not hold. */
export function forgetMap(map: SunspecMap, memory: MapMemory): void {
  for (const { identity } of map.devices) {
    for (const secondIdentityIsDevice of [true, false]) memory.delete(keyOf(identity, { secondIdentityIsDevice }));
  }
}

async function fromMemory(
  ask: Ask,
  base: number,
  options: WalkOptions,
  memory: MapMemory,
): Promise<Result<SunspecMap, SunspecFailure> | null> {
  if (memory.size === 0) return null;
  const lengths = new Set([...memory.values()].filter((map) => map.base === base).map(lengthOfFirst));
  for (const length of lengths) {
    const identity = await readIdentity(ask, { id: 1, address: base + 2, length });
    if (!identity.ok && identity.error.code === "MAP_CHANGED") continue;
    if (!identity.ok) return identity;
    const map = memory.get(keyOf(identity.value, options));
    if (map?.base === base) return { ok: true, value: map };
  }
  return null;
}

function lengthOfFirst(map: SunspecMap): number {
  return map.devices[0]?.models[0]?.length ?? 0;
}

type How = Pick<WalkOptions, "secondIdentityIsDevice">;

/** A walk that ended at the second identity knows nothing of the devices behind it. */
function keyOf({ manufacturer, model, serial, version }: Identity, { secondIdentityIsDevice }: How): string {
  return JSON.stringify([manufacturer, model, serial, version, secondIdentityIsDevice]);
}
