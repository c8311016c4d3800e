/** The gateway file of a simulated street: what a user would write for the same devices, and may read, copy and change. */
import type { SimulatorDescription } from "@micromarket/device-simulator";
import { formatInstant, type InstantMs } from "@micromarket/kernel";

type Device = SimulatorDescription["devices"][number];
type ControlledKind = NonNullable<SimulatorDescription["controlled"]>[number]["kind"];

/** What the file has to know of a street. */
export type StreetSites = Pick<SimulatorDescription, "modbus" | "mqtt" | "devices" | "controlled">;

/** What stands in the file beside the devices and homes. */
export interface StreetFileSettings {
  /** Comment lines above all else, without the mark. */
  readonly heading: readonly string[];
  readonly name: string;
  /** Folder of the journal, relative to the file. */
  readonly data: string;
  readonly speed: number;
  /** Market time goes on from here, or from where the journal ends if that is later. */
  readonly epoch: InstantMs;
  readonly port: number;
  /** Whether commented examples of further devices stand in it. @default false */
  readonly hasExamples?: boolean;
  /** Files that stand for the shipped profiles of these names, relative to the file. @default none */
  readonly profiles?: Readonly<Record<string, string>>;
}

/** Name of the schema beside the file. */
export const SCHEMA_FILE = "gateway.schema.json";

/** What the plants ask for their energy, in turn: neighbours want more than the feed-in price, not all the same. */
const RESERVES = ["0.10", "0.12", "0.15", "0.19", "0.24"];
const POLL_SECONDS_MAX = 10;
const SLOT_SECONDS = 900;
/** Questions in a slot: two readings around its end must lie at most half a slot apart. */
const POLLS_PER_SLOT = 5;

/** A `#` right before the text is taken away to use it. */
const DEVICE_EXAMPLES = `
# More devices: take away the # in front. control: what may be written to a device; without it, it is only read.
# A meter at a serial line, one behind TLS (the certificates lie beside this file), a battery and a charger.
#  - { id: meter-9, modbus: { serial: /dev/serial/by-id/usb-rs485, baud: 9600, unit: 1, profile: eastron-sdm630 } }
#  - { id: meter-10, modbus: { host: meter.lan, tls: { ca: ca.pem, certificate: own.pem, key: own.key }, profile: eastron-sdm630 } }
#  - { id: battery-9, control: [setpoint_power_w], modbus: { host: 192.168.1.30, profile: sunspec-storage } }
#  - { id: charger-9, control: [evse_current_ma], mqtt: { broker: "mqtt://192.168.1.10:1883", id: "012345", profile: go-e } }
`;
const SITE_EXAMPLES = `# A home whose battery and charger follow the market, below what its connection bears.
#  - id: home-9
#    meter: meter-9
#    battery: { device: battery-9, capacity: 10 kWh, charge: 5 kW }
#    charger: { device: charger-9, energy: 20 kWh, by: "07:00", zone: Europe/Berlin, most: 11 kW }
#    limits: { import: 14 kW, export: 10 kW }

# The site's lock. Nothing is written to any device without it, and without --allow-control at the start.
#control: { enabled: true }

# Tells a broker, and Home Assistant, what the whole microgrid does.
#publish: { broker: "mqtt://192.168.1.10:1883", site: my-street, homeAssistant: homeassistant }
`;

/** The file's text. */
export function streetFileText(street: StreetSites, settings: StreetFileSettings): string {
  const { heading, name, data, speed, epoch, port, hasExamples = false } = settings;
  const homes = [...new Set(street.devices.map(({ home }) => home))];
  const inverters = new Set(street.controlled?.flatMap(({ kind, home }) => (kind === "inverter" ? [home] : [])));
  const meters = street.devices.filter(({ place, home }) => place === "grid" || !inverters.has(home));
  const plants = new Set(street.devices.filter(({ place }) => place === "pv").map(({ home }) => home));
  const poll = Math.min(POLL_SECONDS_MAX, Math.max(1, Math.floor(SLOT_SECONDS / speed / POLLS_PER_SLOT)));
  return `# yaml-language-server: $schema=${SCHEMA_FILE}
${heading.map((line) => `# ${line}\n`).join("")}name: ${name}
slot: 15m # energy is traded by the quarter hour

# Prices of the neighbours stay in this band. Load that must run bids the cap.
market: { currency: EUR, priceFloor: 0 EUR/kWh, priceCap: 1 EUR/kWh }
# With a settlement nobody buys without funds, and what the meters counted decides what is paid. Put it into the market
# before the first start, and what homes have paid in below: deposits: [{ home: home-1, amount: 50 EUR, reference: first }]
#   settlement: { funding: prepaid, imbalance: dual, levies: { grid-fee: 0.09 EUR/kWh } }

# Who takes what is left over, and delivers what is missing.
supplier: { tariff: 0.32 EUR/kWh, feedIn: 0.08 EUR/kWh }

# Folder of the journal, relative to this file.
data: ${data}

# Market time runs ${speed} times as fast as real time, on from here or from where the journal ends.
clock: { accelerated: ${speed}, epoch: "${formatInstant(epoch)}" }

# Page and API. Anything but loopback needs a token.
http: { host: 127.0.0.1, port: ${port} }

devices:
${meters.map((device) => deviceLine(device, street, poll)).join("\n")}
${controlledText(street, poll, settings)}${hasExamples ? DEVICE_EXAMPLES : ""}
# meter: the device at the home's connection to the grid; pv: the one at its plant, behind that meter.
# pvReserve: the least that the plant takes from a neighbour.
homes:
${homes.map((home) => homeText(home, [...plants].indexOf(home), street)).join("\n")}
${hasExamples ? SITE_EXAMPLES : ""}`;
}

function deviceLine(device: Device, { modbus, mqtt }: StreetSites, poll: number): string {
  const { id, profile } = device;
  const link =
    device.link === "modbus"
      ? `modbus: { host: ${modbus.host}, port: ${modbus.port}, unit: ${device.unit}, profile: ${profile} }`
      : `mqtt: { broker: "${mqtt.url}", id: ${device.topicId}, profile: ${profile} }`;
  return `  - { id: ${id}, poll: ${poll}s, ${link} }`;
}

/** Devices that are told something, and the site's lock, opened; nothing where there are none. */
function controlledText(street: StreetSites, poll: number, { profiles = {} }: StreetFileSettings): string {
  const { mqtt, controlled = [] } = street;
  if (controlled.length === 0) return "";
  const lines = controlled.map((device) => {
    const { id, kind, profile: name } = device;
    const profile = profiles[name] ?? name;
    const link =
      device.link === "modbus"
        ? `modbus: { host: ${device.host}, port: ${device.port}, unit: ${device.unit}, profile: ${profile} }`
        : `mqtt: { broker: "${mqtt.url}", id: "${device.topicId}", profile: ${profile} }`;
    return `  - { id: ${id}, poll: ${poll}s, control: [${CAPABILITIES[kind].join(", ")}], ${link} }\n`;
  });
  return `# control: what the gateway may write to a device. Three locks must be open: this one, the site's below, and
# --allow-control at the start. Do not open them for a real device before you have commissioned it.
${lines.join("")}
# The site's lock.
control: { enabled: true }
`;
}

const CAPABILITIES: Readonly<Record<ControlledKind, readonly string[]>> = {
  battery: ["setpoint_power_w"],
  inverter: ["limit_generation_w"],
  charger: ["evse_current_ma", "evse_enable"],
  plug: ["switch"],
};
/** Below the rating of the plants, so that the sun shows it. */
const EXPORT_LIMIT = "3 kW";

/** `plant` counts the homes with a plant; -1: this one has none. */
function homeText(home: string, plant: number, { controlled = [] }: StreetSites): string {
  const own = new Set(controlled.flatMap((device) => (device.home === home ? [device.kind] : [])));
  const reserve = RESERVES[plant % RESERVES.length] ?? "";
  const pv = own.has("inverter") ? "inverter" : "pv";
  const facts = [`id: ${home}`, `meter: ${home}-grid`];
  if (plant >= 0) facts.push(`pv: ${home}-${pv}`, `agents: { pvReserve: ${reserve} EUR/kWh }`);
  const told = [
    ...(own.has("battery")
      ? [
          "# buys cheap and sells dear; what a kWh costs in wear keeps it from doing so for little",
          `battery: { device: ${home}-battery, capacity: 10 kWh, charge: 5 kW, cycleCost: 0.02 EUR/kWh }`,
        ]
      : []),
    ...(own.has("charger")
      ? [
          "# waits for cheap energy as long as there is time; the car is to have it when it leaves",
          `charger: { device: ${home}-charger, energy: 20 kWh, by: "05:00", least: 4.14 kW, most: 11 kW, limit: 0.15 EUR/kWh }`,
        ]
      : []),
    ...(own.has("inverter")
      ? ["# its connection bears less than its plant gives", `limits: { export: ${EXPORT_LIMIT} }`]
      : []),
  ];
  if (told.length === 0) return `  - { ${facts.join(", ")} }`;
  return [...facts, ...told].map((line, index) => `${index === 0 ? "  - " : "    "}${line}`).join("\n");
}
