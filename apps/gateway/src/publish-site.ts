/**
 * Tells a broker what the microgrid as a whole does: power and energy at its tie, the price of the running slot, and
 * whether it trades; and what a home does, where the file lists it.
 *
 * Invariants: nothing of a single home goes out but where it is listed, or the only one; a sum of which a part is missing is missing; a
 * broker that is gone holds nothing up.
 */
import type { ReadModel } from "@micromarket/api-http";
import type { PointName } from "@micromarket/assets";
import type { GateClosed } from "@micromarket/engine";
import {
  assert,
  durationMs,
  measured,
  minus,
  missing,
  partsPerMillion,
  plus,
  slotAt,
  watts,
  wattHours,
  type DurationMs,
  type InstantMs,
  type Measurement,
  type PartyId,
  type WattHours,
} from "@micromarket/kernel";
import type { Side } from "@micromarket/market";
import { MarketFacade, type HomeValues, type PublishedHome, type SiteValues } from "@micromarket/link-mqtt";
import { tlsOptions } from "./device-links.ts";
import type { GatewayConfig, HomeConfig, PublishConfig } from "./gateway-config.ts";
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
    await facade.publish(siteValues(parts), homeValues(parts)); // what is refused goes out at the next connection
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
      homes: config.homes.flatMap((home) => publishedHome(config, home) ?? []),
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

/** What each of the listed homes is now. */
export function homeValues(parts: Omit<PublisherParts, "ports">): readonly HomeValues[] {
  const { config, model, clock } = parts;
  const at = clock.now();
  const closed = model.slot(slotAt(at, config.rules.slotLength).startMs)?.closed.event ?? null;
  return config.homes.flatMap((home) => {
    const published = publishedHome(config, home);
    if (published === null) return [];
    const { meter, battery } = home;
    const charge =
      battery === null ? missing("not-reported") : readingAt(battery.device, "state_of_charge_ppm", at, parts);
    return [
      {
        ...published,
        ...{ at, price: closed?.result.price ?? null },
        power: mapValue(readingAt(meter, "power_w", at, parts), watts),
        bought: closed === null ? null : tradedBy(home.party, "buy", closed),
        sold: closed === null ? null : tradedBy(home.party, "sell", closed),
        charge: mapValue(shareIn(charge), partsPerMillion),
      },
    ];
  });
}

/** `null`: its household has not asked for it. */
function publishedHome({ publish }: GatewayConfig, { party, battery }: HomeConfig): PublishedHome | null {
  return publish?.homes.includes(party) === true ? { home: party, hasBattery: battery !== null } : null;
}

function tradedBy(party: PartyId, side: Side, { tenders, result }: GateClosed): WattHours {
  const own = new Set(tenders.filter((each) => each.party === party && each.side === side).map(({ id }) => id));
  const fills = result.fills.filter(({ id }) => own.has(id));
  return fills.reduce((sum, { energy }) => plus(sum, energy), wattHours(0));
}

function shareIn(share: Measurement<number>): Measurement<number> {
  if (share.kind === "missing") return share;
  return share.value >= 0 && share.value <= 1_000_000 ? share : missing("out-of-range");
}

/** A point of one device, as long as it is not old. */
function readingAt(
  device: string,
  point: PointName,
  at: InstantMs,
  { model, staleAfterMs }: Pick<PublisherParts, "model" | "staleAfterMs">,
): Measurement<number> {
  const known = model.devices().find((each) => each.device === device);
  const reading = known?.readings.find((each) => each.point === point);
  if (reading === undefined) return missing("not-reported");
  if (reading.value.kind === "missing") return reading.value;
  return minus(at, reading.at) > staleAfterMs ? missing("stale") : reading.value;
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
