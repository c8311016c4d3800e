/** Whether a meter's counters are fit to settle by. */
import type { CounterVerdict } from "@micromarket/gateway";
import { warning, well, type Finding } from "./finding.ts";

/** The verdict on one meter; what its readings are worth, and what to know of them. */
export function examineCounters({ device, kind, what, caveats }: CounterVerdict): Finding {
  const text = `${device}: ${what}`;
  if (kind === "counted" && caveats.length === 0) return well("COUNTERS", text);
  const mend = caveats.length > 0 ? caveats.join("; ") : "a meter with finer counters needs no estimates";
  return warning("COUNTERS", text, mend);
}
