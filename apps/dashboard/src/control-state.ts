/**
 * What the page knows of controls, as a function of what it heard. Invariants: a full word replaces all; a change touches
 * what it names and nothing else; order is by device, then capability.
 */
import type { ControlItem, ControlList, ControlNews } from "@micromarket/api-http";

/** Controls, and when they were heard, on the page's own clock: each timer runs on from its own instant. */
export interface KnownControls {
  readonly list: ControlList;
  readonly heardMs: ReadonlyMap<string, number>;
}

/** The whole, as it was asked for at `nowMs`. */
export function knownControls(list: ControlList, nowMs: number): KnownControls {
  return { list, heardMs: new Map(list.controls.map((item) => [keyOf(item), nowMs])) };
}

/** The controls after `news`; a change before the first full word says nothing. */
export function afterControlNews(known: KnownControls | null, news: ControlNews, nowMs: number): KnownControls | null {
  const { full, gone, controls, stopped, limits } = news;
  if (full) return knownControls({ stopped, controls, limits }, nowMs);
  if (known === null) return null;
  const byKey = new Map(known.list.controls.map((item) => [keyOf(item), item]));
  for (const item of gone) byKey.delete(keyOf(item));
  for (const item of controls) byKey.set(keyOf(item), item);
  const ordered = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
  const heardMs = new Map([...known.heardMs, ...controls.map((item) => [keyOf(item), nowMs] as const)]);
  return { list: { stopped, controls: ordered, limits }, heardMs };
}

/** How long until the device lets go by itself, at `nowMs`; `null`: it does not. */
export function revertsIn(known: KnownControls, item: ControlItem, nowMs: number): number | null {
  if (item.reverts_in_ms === null) return null;
  return Math.max(0, item.reverts_in_ms - Math.max(0, nowMs - (known.heardMs.get(keyOf(item)) ?? nowMs)));
}

function keyOf({ device, capability }: Pick<ControlItem, "device" | "capability">): string {
  return `${device}\n${capability}`;
}
