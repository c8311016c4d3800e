/** Controls and limits as they stand on the wire, and what of them has changed. */
import type { ControlDesk, ControlView, SiteLimitView, StopView } from "./control-desk.ts";
import type { ControlItem, ControlList, ControlNews, SiteLimit, StopAnswer } from "@micromarket/protocol";
import { instantText, mapNullable } from "@micromarket/protocol";

/** Everything about controls now. */
export function controlList(desk: ControlDesk): ControlList {
  return {
    stopped: stopView(desk.isStopped()),
    controls: desk.list().map(controlItem),
    limits: desk.limits().map(siteLimit),
  };
}

/** Who stopped them. */
export function stopView(stop: StopView | null): StopAnswer["stopped"] {
  return mapNullable(stop, ({ at, by }) => ({ at: instantText(at), at_ms: at, by }));
}

function controlItem(view: ControlView): ControlItem {
  const { device, capability, locked, phase, wanted, allowed, actual, foreign, since, lastEvent } = view;
  return {
    ...{ device, capability, phase, wanted, allowed, actual, foreign },
    locked: mapNullable(locked, ({ lock, mend }) => ({ lock, mend })),
    reasons: [...view.reasons],
    reverts_in_ms: view.revertsInMs,
    writes_today: view.writesToday,
    writes_per_day_max: view.writesPerDayMax,
    since: instantText(since),
    since_ms: since,
    last_event: mapNullable(lastEvent, ({ code, text, at }) => ({ code, text, at: instantText(at), at_ms: at })),
  };
}

function siteLimit({
  home,
  importLimit,
  exportLimit,
  dimmed,
  measured,
  isFailSafe,
  reasons,
}: SiteLimitView): SiteLimit {
  return {
    home,
    import_limit_w: importLimit,
    export_limit_w: exportLimit,
    dimmed: mapNullable(dimmed, ({ importLimit: limit, until }) => ({
      import_limit_w: limit,
      until: instantText(until),
      until_ms: until,
    })),
    measured_w: measured,
    is_fail_safe: isFailSafe,
    reasons: [...reasons],
  };
}

/** A list and the wall clock when it was made, which tells when a device lets go. */
export interface ToldControls {
  readonly list: ControlList;
  readonly wallMs: number;
}

/** A device's timer that only ran on is no news; one that was set again moves by more than this. */
const TIMER_TOLERANCE_MS = 1_500;

/** What has changed from `told` to `now`; `null`: nothing. */
export function controlNews(told: ToldControls, now: ToldControls): ControlNews | null {
  const before = new Map(told.list.controls.map((item) => [keyOf(item), item]));
  const controls = now.list.controls.filter((item) => {
    const known = before.get(keyOf(item));
    return known === undefined || hasChanged(known, item, now.wallMs - told.wallMs);
  });
  const present = new Set(now.list.controls.map(keyOf));
  const gone = told.list.controls
    .filter((item) => !present.has(keyOf(item)))
    .map(({ device, capability }) => ({ device, capability }));
  const { stopped, limits } = now.list;
  const isSame =
    JSON.stringify({ stopped, limits }) === JSON.stringify({ stopped: told.list.stopped, limits: told.list.limits });
  return isSame && controls.length + gone.length === 0 ? null : { full: false, stopped, controls, gone, limits };
}

function hasChanged(known: ControlItem, item: ControlItem, elapsedMs: number): boolean {
  const [before, after] = [known.reverts_in_ms, item.reverts_in_ms];
  if (JSON.stringify({ ...known, reverts_in_ms: null }) !== JSON.stringify({ ...item, reverts_in_ms: null }))
    return true;
  if (before === null || after === null) return before !== after;
  return Math.abs(after - Math.max(0, before - elapsedMs)) > TIMER_TOLERANCE_MS;
}

function keyOf({ device, capability }: ControlItem): string {
  return JSON.stringify([device, capability]);
}
