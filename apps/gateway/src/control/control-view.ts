/** What an operator sees of one control. */
import { closedLock, type ControlEvent, type ControlPlace, type LockName, type Locks } from "@micromarket/control";
import type { ControlPhase, ControlView } from "@micromarket/api-http";
import { instantMs, type InstantMs } from "@micromarket/kernel";
import type { ControlRunner } from "./control-runner.ts";

/** What is shown beside the runner's own state. */
export interface ShownControl {
  readonly place: ControlPlace;
  readonly runner: ControlRunner;
  readonly reasons: readonly string[];
  readonly since: InstantMs;
  readonly lastEvent: (ControlEvent & { readonly at: InstantMs }) | null;
}

const LOCKS: Readonly<Record<LockName, ControlView["locked"] & object>> = {
  global: { lock: "program", mend: "start the gateway with --allow-control" },
  site: { lock: "site", mend: "write control: { enabled: true } into the gateway file, and start again" },
  control: { lock: "device", mend: "name it under control: of the device in the gateway file, and start again" },
};

/** The phase of a control in the words of the API. */
export function phaseOf({ controller }: ControlRunner, isLocked: boolean): ControlPhase {
  const { phase, hold, isStopped, isPresent, wanted, told } = controller;
  switch (phase.kind) {
    case "reading":
      return hold === null || wanted !== null ? "reading" : "releasing";
    case "writing":
      return phase.purpose === "release" ? "releasing" : "writing";
    case "verifying":
      return "verifying";
    case "restoring":
    case "checking-release":
      return "releasing";
    case "resting":
      if (!isPresent) return "device-lost";
      if (isStopped) return "stopped";
      if (hold !== null) return wanted === null ? "releasing" : "holding";
      if (wanted !== null && (isLocked || told !== null)) return "refused";
      return "idle";
  }
}

/** The view. */
export function controlView({ place, runner, reasons, since, lastEvent }: ShownControl, locks: Locks): ControlView {
  const { controller, control, seen } = runner;
  const closed = closedLock(locks, place);
  const { hold, wanted, count } = controller;
  const { writesPerDayMax, range } = control.rules;
  return {
    device: place.device,
    capability: place.capability,
    locked: closed === null ? null : LOCKS[closed],
    phase: phaseOf(runner, closed !== null),
    wanted,
    allowed: hold?.held ?? hold?.sent ?? null,
    reasons,
    actual: seen.value,
    // what was found at the end of the range is nobody's limit
    foreign: hold?.bound === range.max ? null : (hold?.bound ?? null),
    revertsInMs: seen.revertsInMs,
    writesToday: count.writes,
    writesPerDayMax,
    since,
    lastEvent:
      lastEvent === null ? null : { code: lastEvent.code, text: lastEvent.detail, at: instantMs(lastEvent.at) },
  };
}
