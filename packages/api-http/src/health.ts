/** Whether the node works: what the model shows, and what only the process that runs the node can know. */
import { slotAt } from "@micromarket/kernel";
import { deviceList, isMarketStale } from "./market-view.ts";
import { overdueMs, type Moment } from "./moment.ts";
import type { MarketReadModel } from "./read-model.ts";
import type { CheckStatus, Health } from "@micromarket/protocol";

/** How a check ended. `detail` goes outward: no secrets, no paths, no error texts. */
export interface CheckResult {
  readonly status: CheckStatus;
  readonly detail: string;
}

/** Checks that the process makes; each answers at once from what it knows. */
export interface HealthProbes {
  /** Whether the journal takes entries. */
  readonly store: () => CheckResult;
  /** Whether the clock is synchronised well enough to open gates. */
  readonly clock: () => CheckResult;
  /** What is wrong with which device; without it their number is told. */
  readonly devices?: () => CheckResult;
}

/** The health of a running node. A probe that throws has failed. */
export function healthOf(model: MarketReadModel, moment: Moment, probes: HealthProbes, version: string): Health {
  const tie = tieCheck(model, moment);
  return healthOfChecks(version, [
    { name: "market-loop", ...marketLoop(model, moment) },
    ...(tie === null ? [] : [{ name: "tie", ...tie }]),
    { name: "store", ...probed(probes.store) },
    { name: "clock", ...probed(probes.clock) },
    { name: "devices", ...probed(probes.devices ?? (() => devices(model, moment))) },
  ]);
}

/** The health of a process that could not start its node because of `configurationError`. */
export function diagnosticHealth(version: string, configurationError: string): Health {
  return healthOfChecks(version, [{ name: "configuration", status: "fail", detail: configurationError }]);
}

function healthOfChecks(version: string, checks: Health["checks"]): Health {
  const worst = (["fail", "warn"] as const).find((status) => checks.some((check) => check.status === status));
  return { status: worst ?? "pass", version, checks };
}

function probed(probe: () => CheckResult): CheckResult {
  try {
    return probe();
  } catch {
    return { status: "fail", detail: "the check itself failed" };
  }
}

function marketLoop(model: MarketReadModel, moment: Moment): CheckResult {
  const overdue = overdueMs(model, moment.now);
  if (isMarketStale(model, moment)) {
    return { status: "fail", detail: `a gate closure has been overdue for ${overdue} ms of market time` };
  }
  return { status: "pass", detail: "gates close in time" };
}

/** Whether the market above answers; `null` where there is none. A market that goes on by itself is a warning. */
function tieCheck(model: MarketReadModel, { now }: Moment): CheckResult | null {
  if (model.rules.node?.above !== "market") return null;
  const late = model.awaiting().filter(({ event }) => event.slot <= now).length;
  if (late > 0) return { status: "warn", detail: `delivery has begun without an award in ${late} of its slots` };
  const [latest] = model.slots({ from: null, to: null, limit: 1, order: "newest-first" });
  const mode = latest?.closed.event.node?.mode ?? null;
  if (mode === "fallback-island" || mode === "fallback-tariff")
    return { status: "warn", detail: `no award came for the last slot: ${mode}` };
  const tie = model.tieAt(slotAt(now, model.rules.slotLength).startMs);
  return { status: "pass", detail: tie === null ? "islanded: nothing crosses" : "connected to the market above" };
}

/** Silent devices do not stop a market, and a restart does not mend them: a warning. */
function devices(model: MarketReadModel, moment: Moment): CheckResult {
  const all = deviceList(model, moment).devices;
  const silent = all.filter(({ up }) => !up).length;
  return silent === 0
    ? { status: "pass", detail: `${all.length} devices answer` }
    : { status: "warn", detail: `${silent} of ${all.length} devices are silent or stale` };
}
