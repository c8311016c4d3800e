/**
 * What a gateway file may hold: the one source of the published JSON Schema (`schema/`), of the check at start and of the
 * type that the readers work with. `market` and the bids are those of a scenario file.
 */
import { Type, type Static } from "@sinclair/typebox";
import { amount, bid, choice, duration, marketSection, pattern, POWER_PATTERN, price } from "@micromarket/data-files";

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

const direction = Type.Optional(
  choice(
    ["watch", "as-is"],
    "as-is: its counters are confirmed, also where they go against its power; by default they are watched",
  ),
);

const modbusDevice = Type.Object(
  {
    id: name("Name of the device", "meter-1"),
    poll,
    direction,
    modbus: Type.Object(
      {
        host: name("Name or address of the device or its gateway", "192.168.1.20"),
        port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: "502 by default" })),
        framing: Type.Optional(choice(["tcp", "rtu-over-tcp"], "tcp by default")),
        unit: Type.Optional(Type.Integer({ minimum: 1, maximum: 247, description: "The profile's by default" })),
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
    direction,
    mqtt: Type.Object(
      {
        broker: name("URL of the broker, without credentials", "mqtt://127.0.0.1:1883"),
        username: Type.Optional(name("User at the broker", "gateway")),
        password: Type.Optional(secret("Password at the broker")),
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

const home = Type.Object(
  {
    id: name("Name of the party", "home-1"),
    meter: name("Device that measures the home's connection to the grid", "meter-1"),
    pv: Type.Optional(name("Device that measures the PV plant behind that meter", "pv-1")),
    agents: Type.Optional(agents),
    creditLine: Type.Optional(amount("How far its account may fall below 0, where market.settlement lends")),
  },
  closed,
);

const deposit = Type.Object(
  {
    home: name("Who paid", "home-1"),
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
    devices: Type.Array(
      Type.Union([modbusDevice, mqttDevice], { title: "a device with modbus or mqtt", examples: [{ id: "meter-1" }] }),
      { minItems: 1, maxItems: 10_000 },
    ),
    homes: Type.Array(home, { minItems: 1, maxItems: 10_000, examples: [[{ id: "home-1", meter: "meter-1" }]] }),
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

/** The published JSON Schema, as text. */
export function gatewaySchemaText(): string {
  return `${JSON.stringify(GatewaySchema, null, 2)}\n`;
}
