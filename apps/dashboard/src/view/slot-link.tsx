/** A slot's time of day that shows the slot in full, where the history still has it. */
import type { JSX } from "preact";
import { dashboard } from "../dashboard.ts";
import { clockText, dayText } from "../market-clock.ts";
import { Instant } from "./instant.tsx";

export function SlotLink({ startMs }: { readonly startMs: number }): JSX.Element {
  const isKept = dashboard.state.value?.slots.some(({ start_ms }) => start_ms === startMs) ?? false;
  if (!isKept) return <Instant at={startMs} />;
  const show = (): void => {
    dashboard.chooseSlot(startMs);
    document.getElementById("slot")?.scrollIntoView();
  };
  return (
    <button class="link" aria-label={`Show the slot of ${dayText(startMs)} ${clockText(startMs)}`} onClick={show}>
      <Instant at={startMs} />
    </button>
  );
}
