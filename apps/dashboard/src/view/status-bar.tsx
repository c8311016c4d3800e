/** Which market this is, where it stands, and whether the page is up to date. */
import type { JSX } from "preact";
import type { Connection } from "../connection.ts";
import { dashboard } from "../dashboard.ts";
import { countdownText, sinceText, wallTimeUntil } from "../market-clock.ts";
import { Instant } from "./instant.tsx";

export function StatusBar(): JSX.Element {
  const market = dashboard.state.value?.market;
  return (
    <header class="status-bar">
      <h1>{market?.market ?? "Micromarket"}</h1>
      <ConnectionState />
      <SlotAndGate />
      {market !== undefined && market.clock.factor !== null && (
        <p class="demo">Accelerated market time: {market.clock.factor} × real time</p>
      )}
    </header>
  );
}

function ConnectionState(): JSX.Element {
  const connection = dashboard.connection.value;
  return (
    <p class={`connection ${connection.kind}`} role="status" aria-label="Connection">
      <span class="mark" aria-hidden="true" />
      {connectionText(connection)}
    </p>
  );
}

function connectionText(connection: Connection): string {
  switch (connection.kind) {
    case "connecting":
      return "Connecting";
    case "live":
      return "Live";
    case "stale":
      return connection.cause === "market"
        ? "Stale: a gate is overdue"
        : `Stale since ${sinceText(connection.sinceMs, dashboard.now.value)}`;
    case "disconnected":
      return `Disconnected, stale since ${sinceText(connection.sinceMs, dashboard.now.value)}`;
  }
}

function SlotAndGate(): JSX.Element | null {
  const [present, clock] = [dashboard.present.value, dashboard.clock.value];
  if (present === null || clock === null) return null;
  const isLive = dashboard.connection.value.kind === "live";
  return (
    <dl class="slot-and-gate">
      <div>
        <dt>Slot</dt>
        <dd class="figure" data-field="current-slot">
          <Instant at={present.startMs} />–<Instant at={present.endMs} />
        </dd>
      </div>
      <div>
        <dt>
          Gate for <Instant at={present.nextSlotMs} /> closes in
        </dt>
        <dd class="figure" data-field="countdown">
          {isLive ? countdownText(wallTimeUntil(clock, present.gateMs, dashboard.now.value)) : "not known"}
        </dd>
      </div>
    </dl>
  );
}
