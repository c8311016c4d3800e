/**
 * Discovery messages that make a site's values sensors of Home Assistant: one retained config a value, under
 * `<prefix>/sensor/<node>/<object>/config`. Pure. Keys: home-assistant.io, integrations `mqtt` (discovery) and `sensor.mqtt`.
 */
import { canonicalText, type CanonicalValue } from "@micromarket/kernel";
import { MARKET_STATES, siteTopic, type FactMessage, type SiteValueName } from "./site-values.ts";

/** How a site shows itself in Home Assistant. */
export interface DiscoveryOptions {
  /** @default homeassistant */
  readonly prefix?: string;
  /** What the device is called. */
  readonly name: string;
  /** ISO 4217, as in `EUR`. */
  readonly currency: string;
  /** After so many seconds without a new value Home Assistant shows none. */
  readonly expireAfterS: number;
  readonly softwareVersion: string;
  /** Where the gateway's page is. */
  readonly configurationUrl?: string;
}

/** Where Home Assistant looks for configs where nobody has changed it. */
export const DISCOVERY_PREFIX = "homeassistant";

type Sensor = Readonly<Record<string, CanonicalValue>>;

function sensors(currency: string): Readonly<Record<SiteValueName, Sensor>> {
  const energy = { device_class: "energy", state_class: "total_increasing", unit_of_measurement: "Wh" };
  return {
    power_w: { name: "Power", device_class: "power", state_class: "measurement", unit_of_measurement: "W" },
    imported_wh: { name: "Energy imported", ...energy },
    exported_wh: { name: "Energy exported", ...energy },
    // A price per kWh has no device class: `monetary` is an amount of money.
    price_per_kwh: {
      name: "Price",
      state_class: "measurement",
      unit_of_measurement: `${currency}/kWh`,
      suggested_display_precision: 4,
      icon: "mdi:cash",
    },
    market_state: { name: "Market", device_class: "enum", options: MARKET_STATES, icon: "mdi:scale-balance" },
  };
}

/** The configs of a site's values. `site` is the node: letters, digits, `_` and `-`. */
export function discoveryMessages(site: string, options: DiscoveryOptions): readonly FactMessage[] {
  const { prefix = DISCOVERY_PREFIX, name, currency, expireAfterS, softwareVersion, configurationUrl } = options;
  const device = {
    identifiers: [`micromarket_${site}`],
    name,
    manufacturer: "Micromarket",
    model: "Market gateway",
    sw_version: softwareVersion,
    ...(configurationUrl === undefined ? {} : { configuration_url: configurationUrl }),
  };
  const common = {
    value_template: "{{ value_json.value }}",
    availability_topic: siteTopic(site, "status"),
    availability_template: "{{ value_json.state }}",
    payload_available: "online",
    payload_not_available: "offline",
    expire_after: expireAfterS,
    device,
    origin: { name: "micromarket", sw_version: softwareVersion },
  };
  return Object.entries(sensors(currency)).map(([object, sensor]) => {
    const ids = { unique_id: `micromarket_${site}_${object}`, object_id: `${site}_${object}` };
    const payload = canonicalText({
      ...common,
      ...sensor,
      ...ids,
      state_topic: siteTopic(site, object as SiteValueName),
    });
    return { topic: `${prefix}/sensor/${site}/${object}/config`, payload, isRetained: true };
  });
}

/** What makes Home Assistant, and the broker, forget the configs. */
export function removalMessages(site: string, options: DiscoveryOptions): readonly FactMessage[] {
  return discoveryMessages(site, options).map((message) => ({ ...message, payload: "" }));
}
