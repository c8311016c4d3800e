/**
 * What a gateway file may hold: the one source of the published JSON Schema (`schema/`), of the check at start and of the
 * type that the readers work with. `market` and the bids are those of a scenario file.
 */
import { CAPABILITIES, type Capability } from "@micromarket/control";
import { Type, type Static } from "@sinclair/typebox";
import {
  amount,
  bid,
  choice,
  duration,
  ENERGY_PATTERN,
  marketSection,
  pattern,
  POWER_PATTERN,
  price,
  share,
} from "@micromarket/data-files";

import { api, serverTls } from "./api-schema.ts";

const closed = { additionalProperties: false } as const;
const name = (description: string, example: string): ReturnType<typeof Type.String> =>
  Type.String({ minLength: 1, maxLength: 128, title: "a name", description, examples: [example] });
const secret = (description: string): ReturnType<typeof Type.String> =>
  Type.String({ title: "${env:NAME} or file:PATH", description, examples: ["file:token"] });

/** A power and no energy: 100 kWh of a quarter of an hour would be four times the fuse that somebody meant. */
const tieLimit = pattern(POWER_PATTERN, "a power with its unit", "100 kW", "The most that flows at the tie");

const profile = name("A shipped profile, or the path of one that ends in .yaml", "eastron-sdm630");
const poll = Type.Optional(
  duration("How often it is asked, in real time; 10s by default, more often on a fast clock", "10s"),
);

const pem = (description: string, example: string): ReturnType<typeof Type.String> =>
  Type.String({
    minLength: 1,
    title: "the path of a PEM file, relative to this file",
    description,
    examples: [example],
  });
const tls = Type.Object(
  {
    ca: pem("The authority that signed the other end's certificate", "tls/ca.pem"),
    certificate: pem("This gateway's certificate", "tls/gateway.pem"),
    key: pem("Its key", "tls/gateway.key"),
    serverName: Type.Optional(name("The name in the other end's certificate; its host by default", "inverter.lan")),
  },
  { ...closed, description: "Mutual TLS", examples: [{ ca: "ca.pem", certificate: "own.pem", key: "own.key" }] },
);

const control = Type.Optional(
  Type.Array(Type.Unsafe<Capability>({ type: "string", enum: [...CAPABILITIES] }), {
    uniqueItems: true,
    description: "What may be written to it; nothing by default",
    examples: [["setpoint_power_w"]],
  }),
);

const direction = Type.Optional(
  choice(
    ["watch", "as-is"],
    "as-is: its counters are confirmed, also where they go against its power; by default they are watched",
  ),
);

const exports_ = Type.Optional(
  choice(
    ["counted", "never"],
    "never: nothing behind it can export, so what it does not count of that is 0; watched by power where there is one",
  ),
);

const energy_ = Type.Optional(
  choice(
    ["counted", "by-power"],
    "by-power: it is settled by what its power comes to, and every slot of it is an estimate; by default by its counters",
  ),
);

const modbusDevice = Type.Object(
  {
    id: name("Name of the device", "meter-1"),
    poll,
    control,
    direction,
    exports: exports_,
    energy: energy_,
    modbus: Type.Object(
      {
        host: Type.Optional(name("Name or address of the device or its gateway", "192.168.1.20")),
        port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: "502 by default, 802 with TLS" })),
        framing: Type.Optional(choice(["tcp", "rtu-over-tcp"], "tcp by default")),
        tls: Type.Optional(tls),
        serial: Type.Optional(name("A serial line of this machine, instead of a host", "/dev/serial/by-id/usb-1")),
        baud: Type.Optional(
          Type.Integer({
            minimum: 300,
            maximum: 4_000_000,
            description: "Of the serial line, also of one behind a host; the profile's by default",
          }),
        ),
        parity: Type.Optional(choice(["none", "even", "odd"], "Of the serial line; none by default")),
        stopBits: Type.Optional(Type.Integer({ minimum: 1, maximum: 2, description: "1 by default" })),
        unit: Type.Optional(Type.Integer({ minimum: 1, maximum: 247, description: "The profile's by default" })),
        subdevice: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: 9,
            description: "Which SunSpec device of its kind behind the unit, from 0; 0 by default",
          }),
        ),
        profile,
      },
      { ...closed, examples: [{ host: "192.168.1.20", profile: "eastron-sdm630" }] },
    ),
  },
  closed,
);

const mqttDevice = Type.Object(
  {
    id: name("Name of the device", "meter-2"),
    poll,
    control,
    direction,
    exports: exports_,
    energy: energy_,
    mqtt: Type.Object(
      {
        broker: name("URL of the broker, without credentials", "mqtt://127.0.0.1:1883"),
        username: Type.Optional(name("User at the broker", "gateway")),
        password: Type.Optional(secret("Password at the broker")),
        tls: Type.Optional(tls),
        id: name("What stands for {id} in the profile's topics", "shellypro3em-1"),
        profile,
        params: Type.Optional(Type.Record(Type.String(), Type.String(), { description: "The profile's parameters" })),
      },
      { ...closed, examples: [{ broker: "mqtt://127.0.0.1:1883", id: "shellypro3em-1", profile: "shelly-pro-3em" }] },
    ),
  },
  closed,
);

const agents = Type.Object(
  {
    load: Type.Optional(bid("cap", "What load bids; the market's cap by default: it must run")),
    pvReserve: Type.Optional(bid("feed-in", "The least that PV takes; the feed-in price by default")),
  },
  closed,
);

const power = (description: string, example: string): ReturnType<typeof Type.String> =>
  pattern(POWER_PATTERN, "a power with its unit", example, description);
const energy = (description: string, example: string): ReturnType<typeof Type.String> =>
  pattern(ENERGY_PATTERN, "an energy with its unit", example, description);

const battery = Type.Object(
  {
    device: name("The device; its control must allow setpoint_power_w", "battery-1"),
    capacity: energy("What it holds when it is full", "10 kWh"),
    charge: power("The most that goes in", "5 kW"),
    discharge: Type.Optional(power("The most that comes out; as much as goes in by default", "5 kW")),
    efficiency: Type.Optional(share("Of what goes in, and once more of what comes out; 0.95 by default")),
    reserve: Type.Optional(share("Of the capacity, never sold; 0.1 by default")),
    cycleCost: Type.Optional(price("Wear of a kWh that goes through it; nothing by default")),
  },
  { ...closed, examples: [{ device: "battery-1", capacity: "10 kWh", charge: "5 kW" }] },
);

const charger = Type.Object(
  {
    device: name("The device; its control must allow evse_current_ma", "wallbox-1"),
    energy: energy("What each session is to bring", "20 kWh"),
    by: pattern("^(?:[01]\\d|2[0-3]):[0-5]\\d$", "a time of the day", "07:00", "When it is to be there"),
    zone: Type.Optional(name("Where that clock hangs; UTC by default", "Europe/Berlin")),
    least: Type.Optional(power("Less does not charge; 1.38 kW by default: 6 A of one phase", "1.38 kW")),
    most: power("What it charges with at most", "11 kW"),
    limit: Type.Optional(bid("tariff", "The most it pays while there is time; the tariff by default")),
  },
  { ...closed, examples: [{ device: "wallbox-1", energy: "20 kWh", by: "07:00", most: "11 kW" }] },
);

const limits = Type.Object(
  {
    import: Type.Optional(power("The most that the connection draws", "14 kW")),
    export: Type.Optional(power("The most that it feeds in", "5 kW")),
    dimFloor: Type.Optional(
      power("The least that its devices may be dimmed to; by default 4.2 kW for one, 7.56 kW for two", "4.2 kW"),
    ),
  },
  { ...closed, description: "What the home's connection bears, whatever the market awards" },
);

const home = Type.Object(
  {
    id: name("Name of the party", "home-1"),
    meter: name("Device that measures the home's connection to the grid", "meter-1"),
    pv: Type.Optional(name("Device that measures the PV plant behind that meter", "pv-1")),
    battery: Type.Optional(battery),
    charger: Type.Optional(charger),
    limits: Type.Optional(limits),
    agents: Type.Optional(agents),
    creditLine: Type.Optional(amount("How far its account may fall below 0, where market.settlement lends")),
  },
  closed,
);

const party = Type.Object(
  {
    id: name("Name of the party", "trader-1"),
    delivery: Type.Optional(
      choice(
        ["financial", "scheduled"],
        "financial, by default: it delivers nothing, and what it has not closed is settled at the imbalance price; " +
          "scheduled: a utility across the tie, which delivers what it traded",
      ),
    ),
    key: Type.Optional(name("did:key by which it signs its orders, of secp256k1", "did:key:zQ3s…")),
    creditLine: Type.Optional(amount("How far its account may fall below 0, where market.settlement lends")),
  },
  { ...closed, description: "Who trades without a meter", examples: [{ id: "trader-1", delivery: "financial" }] },
);

const deposit = Type.Object(
  {
    home: name("Who paid: a home, or one of parties", "home-1"),
    amount: amount("What was paid in"),
    reference: name("Names the payment; one with a name that was used is not booked again", "bank 2026-07-01 #17"),
  },
  { ...closed, description: "A payment that the operator received" },
);

const clock = Type.Union(
  [
    choice(["real"], "The machine's clock, as long as it says that it is synchronised"),
    Type.Object(
      { trust: choice(["system", "unchecked"], "unchecked: where the system cannot tell, e.g. in a container") },
      closed,
    ),
    Type.Object(
      {
        accelerated: Type.Integer({ minimum: 1, maximum: 100_000, description: "Virtual seconds in a real one" }),
        epoch: Type.String({ description: "Virtual time at the anchor, ISO 8601", examples: ["2026-06-01T04:00Z"] }),
        anchor: Type.Optional(
          Type.String({
            description: "Real time of the epoch, ISO 8601; without it time goes on where the journal ends",
          }),
        ),
      },
      { ...closed, description: "For demonstrations" },
    ),
  ],
  { title: "real, or an accelerated clock", examples: ["real"] },
);

const http = Type.Object(
  {
    host: Type.Optional(name("127.0.0.1 by default; anything but loopback needs a token", "127.0.0.1")),
    port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535, description: "8080 by default; 0: a free one" })),
    token: Type.Optional(secret("What callers have to show")),
    allowedOrigins: Type.Optional(
      Type.Array(name("Origin of a page elsewhere that may ask", "https://market.example")),
    ),
    allowedHosts: Type.Optional(Type.Array(name("Name under which the server answers", "market.example"))),
    tls: Type.Optional(serverTls),
    behindProxy: Type.Optional(
      Type.Boolean({ description: "A proxy that speaks TLS is all that reaches it", examples: [true] }),
    ),
  },
  closed,
);

const backup = Type.Object(
  {
    directory: name("Folder of the backups, relative to this file; better on another disk", "/mnt/usb/street-1"),
    every: Type.Optional(duration("How often one is made, in real time; 1d by default", "1d")),
    keep: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, description: "How many are kept; 7 by default" })),
  },
  { ...closed, examples: [{ directory: "backup" }] },
);

const publish = Type.Object(
  {
    broker: name("URL of the broker, without credentials", "mqtt://127.0.0.1:1883"),
    username: Type.Optional(name("User at the broker", "gateway")),
    password: Type.Optional(secret("Password at the broker")),
    tls: Type.Optional(tls),
    site: name("Stands in the topics: micromarket/<site>/…; letters, digits, _ and -", "street-1"),
    homeAssistant: Type.Optional(
      name("Under which Home Assistant looks for configs; not told by default", "homeassistant"),
    ),
    homes: Type.Optional(
      Type.Array(name("A home whose household wants it; letters, digits, _ and -", "home-1"), {
        uniqueItems: true,
        maxItems: 10_000,
        description: "Homes whose own power, energy, price and battery are published as well; none by default",
        examples: [["home-1"]],
      }),
    ),
  },
  {
    ...closed,
    description: "Where the microgrid's own sums and price are published; a single home only where it is listed",
    examples: [{ broker: "mqtt://127.0.0.1:1883", site: "street-1" }],
  },
);

/** The whole file. */
export const GatewaySchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 128, examples: ["street-1"] }),
    slot: duration("Length of a slot; it divides a day"),
    market: marketSection,
    supplier: Type.Object(
      {
        id: Type.Optional(name('"supplier" by default', "supplier")),
        tariff: price("What the supplier takes"),
        feedIn: price("What the supplier pays"),
        importLimit: Type.Optional(tieLimit),
        exportLimit: Type.Optional(tieLimit),
        meter: Type.Optional(name("Device at the tie; without it the tie is the sum of the homes", "tie")),
      },
      { ...closed, examples: [{ tariff: "0.32 EUR/kWh", feedIn: "0.08 EUR/kWh" }] },
    ),
    data: Type.String({
      minLength: 1,
      description: "Folder of the journal, relative to this file",
      examples: ["data"],
    }),
    backup: Type.Optional(backup),
    retention: Type.Optional(
      duration("What of the journal is older is left behind, in market time; without it all is kept", "730d"),
    ),
    clock: Type.Optional(clock),
    http: Type.Optional(http),
    api: Type.Optional(api),
    devices: Type.Array(
      Type.Union([modbusDevice, mqttDevice], { title: "a device with modbus or mqtt", examples: [{ id: "meter-1" }] }),
      { minItems: 1, maxItems: 10_000 },
    ),
    homes: Type.Array(home, { minItems: 1, maxItems: 10_000, examples: [[{ id: "home-1", meter: "meter-1" }]] }),
    parties: Type.Optional(
      Type.Array(party, { maxItems: 1_000, description: "Utilities and bots: who trades without a meter" }),
    ),
    control: Type.Optional(
      Type.Object(
        { enabled: Type.Boolean({ description: "Whether anything may be written to devices", examples: [true] }) },
        { ...closed, description: "The site's lock; closed by default", examples: [{ enabled: true }] },
      ),
    ),
    publish: Type.Optional(publish),
    deposits: Type.Optional(Type.Array(deposit, { maxItems: 100_000, description: "Booked at the start, each once" })),
  },
  { ...closed, $schema: "http://json-schema.org/draft-07/schema#", title: "Micromarket gateway" },
);

/** A file that passed the check. */
export type GatewayFile = Static<typeof GatewaySchema>;
/** One entry of `devices`. */
export type DeviceEntry = GatewayFile["devices"][number];
/** The agents of a home. */
export type AgentsEntry = Static<typeof agents>;
/** One entry of `homes`. */
export type HomeEntry = GatewayFile["homes"][number];

/** One entry of `parties`. */
export type PartyEntry = Static<typeof party>;

/** The published JSON Schema, as text. */
export function gatewaySchemaText(): string {
  return `${JSON.stringify(GatewaySchema, null, 2)}\n`;
}
