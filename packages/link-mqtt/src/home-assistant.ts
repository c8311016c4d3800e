/**
 * Discovery messages that make a site's values sensors of Home Assistant: one retained config a value, under
 * `<prefix>/sensor/<node>/<object>/config`. Pure. Keys: home-assistant.io, integrations `mqtt` (discovery) and `sensor.mqtt`.
 */
import { canonicalText, type CanonicalValue } from "@micromarket/kernel";
import { homeTopic, homeValueNames, type HomeValueName, type PublishedHome } from "./home-values.ts";
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

const HOME_OBJECT = "home_";

type Sensor = Readonly<Record<string, CanonicalValue>>;

const POWER: Sensor = { name: "Power", device_class: "power", state_class: "measurement", unit_of_measurement: "W" };

/** A price per kWh has no device class: `monetary` is an amount of money. */
function priceSensor(currency: string): Sensor {
  return {
    name: "Price",
    state_class: "measurement",
    unit_of_measurement: `${currency}/kWh`,
    suggested_display_precision: 4,
    icon: "mdi:cash",
  };
}

function sensors(currency: string): Readonly<Record<SiteValueName, Sensor>> {
  const energy = { device_class: "energy", state_class: "total_increasing", unit_of_measurement: "Wh" };
  return {
    power_w: POWER,
    imported_wh: { name: "Energy imported", ...energy },
    exported_wh: { name: "Energy exported", ...energy },
    price_per_kwh: priceSensor(currency),
    market_state: { name: "Market", device_class: "enum", options: MARKET_STATES, icon: "mdi:scale-balance" },
  };
}

/** Energy of a slot begins anew with each: it is no counter, and has no device class that would make it one. */
function homeSensors(currency: string): Readonly<Record<HomeValueName, Sensor>> {
  const traded = { state_class: "measurement", unit_of_measurement: "Wh" };
  return {
    power_w: POWER,
    bought_wh: { name: "Bought this slot", ...traded, icon: "mdi:transmission-tower-import" },
    sold_wh: { name: "Sold this slot", ...traded, icon: "mdi:transmission-tower-export" },
    price_per_kwh: priceSensor(currency),
    battery_percent: {
      name: "Battery",
      device_class: "battery",
      state_class: "measurement",
      unit_of_measurement: "%",
    },
  };
}

/** The configs of a site's values. `site` is the node: letters, digits, `_` and `-`. */
export function discoveryMessages(site: string, options: DiscoveryOptions): readonly FactMessage[] {
  const { name, currency, configurationUrl } = options;
  const device = {
    identifiers: [`micromarket_${site}`],
    name,
    ...makerOf(options),
    ...(configurationUrl === undefined ? {} : { configuration_url: configurationUrl }),
  };
  return Object.entries(sensors(currency)).map(([object, sensor]) => {
    const topic = siteTopic(site, object as SiteValueName);
    return configMessage(site, options, { object, sensor, topic, device });
  });
}

/** The configs of a home's values, as a device of its own behind the site's. */
export function homeDiscoveryMessages(
  site: string,
  published: PublishedHome,
  options: DiscoveryOptions,
): readonly FactMessage[] {
  const { home } = published;
  const device = {
    identifiers: [`micromarket_${site}_home_${home}`],
    name: `${options.name} ${home}`,
    ...makerOf(options),
    via_device: `micromarket_${site}`,
  };
  const known = homeSensors(options.currency);
  return homeValueNames(published).map((name) => {
    const object = `${HOME_OBJECT}${home}_${name}`;
    return configMessage(site, options, { object, sensor: known[name], topic: homeTopic(site, home, name), device });
  });
}

function makerOf({ softwareVersion }: DiscoveryOptions): Sensor {
  return { manufacturer: "Micromarket", model: "Market gateway", sw_version: softwareVersion };
}

/** One value on its way into Home Assistant. */
interface Announced {
  readonly object: string;
  readonly sensor: Sensor;
  /** Where its values come. */
  readonly topic: string;
  readonly device: CanonicalValue;
}

function configMessage(site: string, options: DiscoveryOptions, announced: Announced): FactMessage {
  const { prefix = DISCOVERY_PREFIX, expireAfterS, softwareVersion } = options;
  const { object, sensor, topic, device } = announced;
  const payload = canonicalText({
    value_template: "{{ value_json.value }}",
    availability_topic: siteTopic(site, "status"),
    availability_template: "{{ value_json.state }}",
    payload_available: "online",
    payload_not_available: "offline",
    expire_after: expireAfterS,
    device,
    origin: { name: "micromarket", sw_version: softwareVersion },
    ...sensor,
    unique_id: `micromarket_${site}_${object}`,
    object_id: `${site}_${object}`,
    state_topic: topic,
  });
  return { topic: `${prefix}/sensor/${site}/${object}/config`, payload, isRetained: true };
}

/** What makes Home Assistant, and the broker, forget the configs. */
export function removalMessages(site: string, options: DiscoveryOptions): readonly FactMessage[] {
  return discoveryMessages(site, options).map((message) => ({ ...message, payload: "" }));
}

/** Where the configs of a site's values are, for whoever wants to know which of them the broker stores. */
export function configFilter(site: string, { prefix = DISCOVERY_PREFIX }: Pick<DiscoveryOptions, "prefix">): string {
  return `${prefix}/sensor/${site}/+/config`;
}

/** Whether a topic that the filter found is that of a home's config. */
export function isHomeConfig(topic: string): boolean {
  return topic.split("/").at(-2)?.startsWith(HOME_OBJECT) === true;
}
