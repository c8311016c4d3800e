/**
 * Tells a broker what the microgrid as a whole does: power and energy at its tie, the price of the running slot, and
 * whether it trades.
 *
 * Invariants: nothing of a single home goes out but where it is the only one; a sum of which a part is missing is missing; a
 * broker that is gone holds nothing up.
 */
import type { ReadModel } from "@micromarket/api-http";
import type { PointName } from "@micromarket/assets";
import {
  assert,
  durationMs,
  measured,
  minus,
  missing,
  slotAt,
  watts,
  wattHours,
  type DurationMs,
  type InstantMs,
  type Measurement,
} from "@micromarket/kernel";
import { MarketFacade, type SiteValues } from "@micromarket/link-mqtt";
import { tlsOptions } from "./device-links.ts";
import type { GatewayConfig, PublishConfig } from "./gateway-config.ts";
import type { GatewayPorts } from "./gateway-ports.ts";
import type { SlotClock } from "./slot-clock.ts";

/** Real time between two publications; a gate that closes is told at once. */
const EVERY_MS = 10_000;
/** After so long without news Home Assistant shows no value. */
const EXPIRE_AFTER_S = 60;

/** Polls after which a device that says nothing new is stale. */
const STALE_POLLS = 3;
const STALE_MS_MIN = 60_000;

/** Market time after which a reading of some device is old. */
export function staleAfter({ devices }: Pick<GatewayConfig, "devices">, clock: Pick<SlotClock, "factor">): DurationMs {
  const slowest = Math.max(...devices.map(({ poll }) => poll));
  return durationMs(Math.max(STALE_MS_MIN, STALE_POLLS * slowest * (clock.factor ?? 1)));
}

/** What is published, and by which clock. */
export interface PublisherParts {
  readonly config: GatewayConfig;
  readonly model: ReadModel;
  readonly clock: SlotClock;
  readonly ports: Pick<GatewayPorts, "time" | "version" | "log">;
  /** Market time after which a reading is old. */
  readonly staleAfterMs: DurationMs;
  readonly isTrading: () => boolean;
}

/** Publishes from now on, where the file says where, until the function that is returned is called. */
export function publishSite(parts: PublisherParts): () => Promise<void> {
  const { config, model, ports } = parts;
  if (config.publish === null) return () => Promise.resolve();
  const facade = openFacade(config.publish, parts);
  let cancel = (): void => undefined;
  let isBusy = false;
  const publish = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    await facade.publish(siteValues(parts)); // what is refused goes out at the next connection
    isBusy = false;
  };
  const round = (): void => {
    void publish();
    cancel = ports.time.after(EVERY_MS, round);
  };
  const forget = model.subscribe(({ event }) => {
    if (event.type === "GateClosed") void publish();
  });
  round();
  return async () => {
    cancel();
    forget();
    await facade.close();
  };
}

function openFacade(publish: PublishConfig, { config, ports }: PublisherParts): MarketFacade {
  const { broker, username, password, tls, site, homeAssistant } = publish;
  const discovery = {
    ...{ prefix: homeAssistant ?? "", name: config.name, currency: config.rules.currency },
    ...{ expireAfterS: EXPIRE_AFTER_S, softwareVersion: ports.version },
  };
  const opened = MarketFacade.open(
    {
      ...{ url: broker, site },
      ...(username === null ? {} : { username }),
      ...(password === null ? {} : { password }),
      ...(tls === null ? {} : { tls: tlsOptions(tls) }),
      ...(homeAssistant === null ? {} : { discovery }),
    },
    {
      now: () => ports.time.wallNow(),
      onStatus: ({ state, lastFailure }) => ports.log.info({ state, cause: lastFailure }, "the broker of publish"),
    },
  );
  assert(opened.ok, opened.ok ? "" : `the file's check let pass what the facade refuses: ${opened.error.what}`);
  return opened.value;
}

/** What the whole is now. Without a meter at the tie it is the sum of the homes' meters. */
export function siteValues(parts: Omit<PublisherParts, "ports">): SiteValues {
  const { config, model, clock, isTrading } = parts;
  const at = clock.now();
  const price = model.slot(slotAt(at, config.rules.slotLength).startMs)?.closed.event.result.price ?? null;
  const isPaused = !isTrading() || clock.state().kind !== "synchronised";
  return {
    ...{ at, price },
    power: mapValue(sumAt("power_w", at, parts), watts),
    imported: mapValue(sumAt("imported_wh", at, parts), wattHours),
    exported: mapValue(sumAt("exported_wh", at, parts), wattHours),
    market: isPaused ? "paused" : "trading",
  };
}

function sumAt(
  point: PointName,
  at: InstantMs,
  { config, model, staleAfterMs }: Pick<PublisherParts, "config" | "model" | "staleAfterMs">,
): Measurement<number> {
  const meters = new Set(config.tieMeter === null ? config.homes.map(({ meter }) => meter) : [config.tieMeter]);
  const readings = model.devices().filter(({ device }) => meters.has(device));
  let sum = 0;
  for (const device of readings) {
    const reading = device.readings.find((each) => each.point === point);
    if (reading === undefined) return missing("not-reported");
    if (reading.value.kind === "missing") return reading.value;
    if (minus(at, reading.at) > staleAfterMs) return missing("stale");
    sum += reading.value.value;
  }
  return readings.length === meters.size ? measured(sum) : missing("not-reported");
}

function mapValue<Value>(from: Measurement<number>, make: (value: number) => Value): Measurement<Value> {
  return from.kind === "value" ? measured(make(from.value)) : from;
}
