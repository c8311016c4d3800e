/**
 * What a site tells of one of its homes over MQTT, where its household wants that: one topic a value,
 * `micromarket/<site>/homes/<home>/<name>`, in the form of the site's own values.
 */
import {
  formatDecimal,
  formatInstant,
  type InstantMs,
  type Measurement,
  type PartsPerMillion,
  type PriceMicro,
  type WattHours,
  type Watts,
} from "@micromarket/kernel";
import { measurementText, siteTopic, type FactMessage } from "./site-values.ts";

/** A home whose values are published. */
export interface PublishedHome {
  /** Letters, digits, `_` and `-`: it stands in topics. */
  readonly home: string;
  readonly hasBattery: boolean;
}

/** One home at one instant. Load convention: power > 0 flows into the home. */
export interface HomeValues extends PublishedHome {
  readonly at: InstantMs;
  readonly power: Measurement<Watts>;
  /** Traded for the running slot; `null`: its gate was not closed. */
  readonly bought: WattHours | null;
  readonly sold: WattHours | null;
  /** Of the running slot; `null`: nothing was traded for it. */
  readonly price: PriceMicro | null;
  /** What its battery holds. */
  readonly charge: Measurement<PartsPerMillion>;
}

/** The names of the values, which end their topics; a home without a battery lacks the last. */
export const HOME_VALUE_NAMES = ["power_w", "bought_wh", "sold_wh", "price_per_kwh", "battery_percent"] as const;

/** The name of a value. */
export type HomeValueName = (typeof HOME_VALUE_NAMES)[number];

/** The topic of a home's value. */
export function homeTopic(site: string, home: string, name: HomeValueName): string {
  return `${siteTopic(site, "homes")}/${home}/${name}`;
}

/** The names of the values that a home has. */
export function homeValueNames({ hasBattery }: Pick<PublishedHome, "hasBattery">): readonly HomeValueName[] {
  return HOME_VALUE_NAMES.filter((name) => hasBattery || name !== "battery_percent");
}

/** One message a value. What is missing is `null`, with its reason where there is one. The broker stores none. */
export function homeMessages(site: string, values: HomeValues): readonly FactMessage[] {
  const at = formatInstant(values.at);
  const texts: Readonly<Record<HomeValueName, string>> = {
    power_w: measurementText(values.power),
    bought_wh: `"value":${values.bought ?? "null"}`,
    sold_wh: `"value":${values.sold ?? "null"}`,
    price_per_kwh: `"value":${values.price === null ? "null" : formatDecimal(BigInt(values.price), 6)}`,
    battery_percent: percentText(values.charge),
  };
  return homeValueNames(values).map((name) => {
    const payload = `{"at":"${at}",${texts[name]}}`;
    return { topic: homeTopic(site, values.home, name), payload, isRetained: false };
  });
}

function percentText(share: Measurement<PartsPerMillion>): string {
  return share.kind === "value" ? `"value":${formatDecimal(BigInt(share.value), 4)}` : measurementText(share);
}
