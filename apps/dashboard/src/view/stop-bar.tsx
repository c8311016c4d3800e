/** The emergency stop: one button that is always there where devices are controlled, and what it has done. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ControlList } from "@micromarket/api-http";
import { controlDesk } from "../control-desk.ts";
import { dashboard } from "../dashboard.ts";
import { sinceText } from "../market-clock.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";

/** Of a gateway that fails or is too slow to say what it controls a stop may still be asked. */
const NOTHING_TO_STOP: ReadonlySet<string> = new Set([
  ...["CONTROLS_ABSENT", "NOT_FOUND", "CONFIGURATION_INVALID"],
  ...["UNREACHABLE", "TOKEN_REQUIRED", "TOKEN_WRONG"],
  ...["AUTH_REQUIRED", "AUTH_FAILED", "TOKEN_EXPIRED", "CLOCK_SKEW", "FORBIDDEN"],
]);

export function StopBar(): JSX.Element | null {
  const [asked, setAsked] = useState<"stop" | "reset" | null>(null);
  const known = controlDesk.known.value;
  const failure = controlDesk.failure.value;
  if (known === null && (failure === null || NOTHING_TO_STOP.has(failure.code))) return null;
  const stopped = known?.list.stopped ?? null;
  const close = (): void => setAsked(null);
  return (
    <section class={stopped === null ? "stop-bar" : "stop-bar stopped"} aria-label="Emergency stop">
      <p role="status" aria-label="Controls" data-field="controls-state">
        {stateText(known?.list ?? null)}
        {failure !== null && ` (${known === null ? "" : "as last heard: "}${failure.message})`}
      </p>
      <a href="#devices">Devices</a>
      {stopped !== null && <button onClick={() => setAsked("reset")}>Let controls work again …</button>}
      <button class="danger" onClick={() => setAsked("stop")}>
        {stopped === null ? "Emergency stop" : "Stop once more"}
      </button>
      {asked === "stop" && (
        <ConfirmDialog title="Stop all controls?" confirm="Stop everything" danger act={controlDesk.stop} close={close}>
          <p>Every device is given back to its own settings, and nothing more is written. The market goes on.</p>
        </ConfirmDialog>
      )}
      {asked === "reset" && (
        <ConfirmDialog
          title="Let controls work again?"
          confirm="Yes, write to devices again"
          danger={false}
          act={controlDesk.reset}
          close={close}
        >
          <p>Devices are written to again from the next decision on. Is it clear why they were stopped?</p>
        </ConfirmDialog>
      )}
    </section>
  );
}

function stateText(list: ControlList | null): string {
  if (list === null) return "What is controlled is not known";
  const { stopped, controls } = list;
  const held = controls.filter(({ phase }) => phase === "holding").length;
  if (stopped === null) return `${held} of ${controls.length} controls held`;
  const at = sinceText(stopped.at_ms, dashboard.marketMs.value ?? Date.now());
  return `Stopped by ${stopped.by} at ${at}. Nothing is written to any device.`;
}
