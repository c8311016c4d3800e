/** What the health says of the store and the clock. It goes outward: what is wrong and how to mend it, without paths. */
import type { CheckResult } from "@micromarket/api-http";
import type { GatewayConfig } from "./gateway-config.ts";
import type { SlotClock } from "./slot-clock.ts";
import type { StartFailure } from "./start-failure.ts";

/** Keeps something beside the market, and knows what is wrong with it; `null`: nothing. */
interface Keeper {
  check(): CheckResult | null;
}

/** Whether the journal takes entries; `failure` is what made the node fail. */
export function storeCheck(
  { dataDirectory }: Pick<GatewayConfig, "dataDirectory">,
  keepers: readonly Keeper[],
  failure: StartFailure | null,
): CheckResult {
  if (failure === null) {
    const [trouble] = keepers.flatMap((keeper) => keeper.check() ?? []);
    return trouble ?? { status: "pass", detail: "the journal takes entries" };
  }
  const detail = `${failure.what.replaceAll(dataDirectory, "data")}; ${failure.mend}`;
  return { status: "fail", detail: `trading has stopped: ${detail}` };
}

/** Whether gates may be opened by the clock. */
export function clockCheck(clock: Pick<SlotClock, "state">): CheckResult {
  const state = clock.state();
  if (state.kind === "synchronised") return { status: "pass", detail: "the clock is synchronised" };
  return { status: "fail", detail: `no gate opens: ${state.reason}` };
}
