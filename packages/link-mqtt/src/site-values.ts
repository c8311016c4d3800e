/** What a site tells of itself over MQTT: one topic a value, `micromarket/<site>/<name>`, JSON with the value and its time. */
import {
  canonicalText,
  formatDecimal,
  formatInstant,
  type InstantMs,
  type Measurement,
  type PriceMicro,
  type WattHours,
  type Watts,
} from "@micromarket/kernel";

/** What a market is doing: clearing slot by slot, doing so without its parent, or not clearing. */
export const MARKET_STATES = ["trading", "islanded", "paused"] as const;

/** What a market is doing. */
export type MarketState = (typeof MARKET_STATES)[number];

/** A site at one instant. Load convention: power > 0 flows into the site. */
export interface SiteValues {
  readonly at: InstantMs;
  readonly power: Measurement<Watts>;
  readonly imported: Measurement<WattHours>;
  readonly exported: Measurement<WattHours>;
  /** Of the running slot; `null`: nothing was traded for it. */
  readonly price: PriceMicro | null;
  readonly market: MarketState;
}

/** The names of the values, which end their topics. */
export const SITE_VALUE_NAMES = ["power_w", "imported_wh", "exported_wh", "price_per_kwh", "market_state"] as const;

/** The name of a value. */
export type SiteValueName = (typeof SITE_VALUE_NAMES)[number];

/** Something that is published. */
export interface FactMessage {
  readonly topic: string;
  readonly payload: string;
  readonly isRetained: boolean;
}

/** The topic of a value, of the status, or above those of its homes. */
export function siteTopic(site: string, name: SiteValueName | "status" | "echo" | "homes"): string {
  return `micromarket/${site}/${name}`;
}

/** One message a value. What is missing is `null` with its reason. They are not stored: a value is of its time. */
export function siteMessages(site: string, values: SiteValues): readonly FactMessage[] {
  const at = formatInstant(values.at);
  const message = (name: SiteValueName, text: string): FactMessage => {
    return { topic: siteTopic(site, name), payload: `{"at":"${at}",${text}}`, isRetained: false };
  };
  return [
    message("power_w", measurementText(values.power)),
    message("imported_wh", measurementText(values.imported)),
    message("exported_wh", measurementText(values.exported)),
    message("price_per_kwh", `"value":${values.price === null ? "null" : formatDecimal(BigInt(values.price), 6)}`),
    message("market_state", `"value":"${values.market}"`),
  ];
}

/** Whether the site's gateway is there, which the broker stores; `boot` differs after each start. */
export function statusMessage(site: string, boot: string, state: "online" | "offline"): FactMessage {
  return { topic: siteTopic(site, "status"), payload: canonicalText({ boot, state }), isRetained: true };
}

/** A measurement as the payloads have it. */
export function measurementText(measurement: Measurement<number>): string {
  return measurement.kind === "value"
    ? `"value":${measurement.value}`
    : `"reason":"${measurement.reason}","value":null`;
}
