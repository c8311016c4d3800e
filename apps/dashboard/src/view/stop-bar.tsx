/** The emergency stop: one button that is always there where devices are controlled, and what it has done. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { controlDesk } from "../control-desk.ts";
import { dashboard } from "../dashboard.ts";
import { sinceText } from "../market-clock.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";

export function StopBar(): JSX.Element | null {
  const [asked, setAsked] = useState<"stop" | "reset" | null>(null);
  const known = controlDesk.known.value;
  if (known === null) return null;
  const { stopped, controls } = known.list;
  const failure = controlDesk.failure.value;
  const held = controls.filter(({ phase }) => phase === "holding").length;
  const close = (): void => setAsked(null);
  return (
    <section class={stopped === null ? "stop-bar" : "stop-bar stopped"} aria-label="Emergency stop">
      <p role="status" aria-label="Controls" data-field="controls-state">
        {stopped === null
          ? `${held} of ${controls.length} controls held`
          : `Stopped by ${stopped.by} at ${sinceText(stopped.at_ms, dashboard.marketMs.value ?? Date.now())}. ` +
            "Nothing is written to any device."}
        {failure !== null && ` (as last heard: ${failure.message})`}
      </p>
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
