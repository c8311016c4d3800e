/** What may be done to a device: wanted → allowed → actual, what bounds it, when it reverts, and how locks are opened. */
import type { JSX } from "preact";
import type { ControlItem } from "@micromarket/api-http";
import { controlDesk } from "../control-desk.ts";
import { revertsIn } from "../control-state.ts";
import { capabilityLabel, controlText, phaseText, proveCommand } from "../control-text.ts";
import { dashboard } from "../dashboard.ts";
import { ageText, countdownText } from "../market-clock.ts";

const GOOD: ReadonlySet<ControlItem["phase"]> = new Set(["holding", "released"]);
const BAD: ReadonlySet<ControlItem["phase"]> = new Set(["refused", "device-lost", "stopped"]);

export function DeviceControls({ device }: { readonly device: string }): JSX.Element | null {
  const own = (controlDesk.known.value?.list.controls ?? []).filter((item) => item.device === device);
  if (own.length === 0) return null;
  const isHeld = own.some(({ phase }) => phase === "holding");
  return (
    <div class="controls">
      {own.map((item) => (
        <Control key={item.capability} item={item} />
      ))}
      {isHeld && (
        <button class="small" onClick={() => controlDesk.release(device)} aria-label={`Give ${device} back`}>
          Give back
        </button>
      )}
      {own.some(({ locked }) => locked === null) && <Proof device={device} />}
    </div>
  );
}

function Control({ item }: { readonly item: ControlItem }): JSX.Element {
  const { capability, phase, wanted, allowed, actual, locked, reasons, foreign } = item;
  const text = (value: number | null): string => controlText(capability, value);
  const kind = GOOD.has(phase) ? "ok" : BAD.has(phase) ? "bad" : "";
  return (
    <div class="control" data-control={capability}>
      <h4>
        {capabilityLabel(capability)}{" "}
        {locked === null ? <span class={`tag ${kind}`}>{phaseText(phase)}</span> : <span class="tag">locked</span>}
      </h4>
      <dl class="way">
        <div>
          <dt>Wanted</dt>
          <dd class="figure">{text(wanted)}</dd>
        </div>
        <div>
          <dt>Allowed</dt>
          <dd class="figure">{text(allowed)}</dd>
        </div>
        <div>
          <dt>Actual</dt>
          <dd class="figure">{text(actual)}</dd>
        </div>
      </dl>
      <ul class="why">
        {locked !== null && (
          <li>
            <strong>To open it ({locked.lock} lock):</strong> {locked.mend}
          </li>
        )}
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
        {foreign !== null && <li>Somebody else limits it to {text(foreign)}; that is respected.</li>}
        <Timing item={item} />
      </ul>
    </div>
  );
}

function Timing({ item }: { readonly item: ControlItem }): JSX.Element {
  const { writes_today, writes_per_day_max, last_event } = item;
  const known = controlDesk.known.value;
  const left = known === null ? null : revertsIn(known, item, dashboard.now.value);
  const budget = writes_per_day_max === null ? "" : ` of ${writes_per_day_max}`;
  return (
    <>
      {left !== null && <li>Reverts by itself in {countdownText(left)} unless it is written again.</li>}
      {item.phase === "holding" && left === null && <li>Does not revert by itself.</li>}
      <li>
        {writes_today}
        {budget} writes today
      </li>
      {last_event !== null && (
        <li>
          {last_event.text}{" "}
          <small>({ageText((dashboard.marketMs.value ?? last_event.at_ms) - last_event.at_ms)} ago)</small>
        </li>
      )}
    </>
  );
}

/** It writes to the device on purpose, so that a person stands beside it: on the command line only. */
function Proof({ device }: { readonly device: string }): JSX.Element {
  const command = proveCommand(device);
  return (
    <details class="proof">
      <summary>Prove that it lets go by itself</summary>
      <p class="hint">On the gateway, with somebody who watches the device:</p>
      <pre tabIndex={0} role="region" aria-label={`Command for ${device}`}>
        <code>{command}</code>
      </pre>
      {"clipboard" in navigator && (
        <button
          class="small"
          onClick={() => void navigator.clipboard.writeText(command)}
          aria-label={`Copy the command for ${device}`}
        >
          Copy
        </button>
      )}
    </details>
  );
}
