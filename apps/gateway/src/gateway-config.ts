/** A gateway with everything resolved: what it runs. Files, units and references are the reader's business. */
import type { PrincipalEntry, TlsOptions, TokenIssuer } from "@micromarket/api-http";
import type { MarketRules, Prices, UnmeteredBasis } from "@micromarket/engine";
import type { Did } from "@micromarket/identity";
import type { ZoneClock } from "@micromarket/data-files";
import type {
  AmountNano,
  DurationMs,
  InstantMs,
  PartsPerMillion,
  PartyId,
  PriceMicro,
  WattHours,
  Watts,
} from "@micromarket/kernel";
import type { Capability } from "@micromarket/control";
import type { CounterFacts } from "@micromarket/device-profiles";
import type {
  DeviceProfile as ModbusProfile,
  NetworkTarget,
  SerialEndpoint,
  SunspecProfile,
  TlsIdentity,
} from "@micromarket/link-modbus";
import type { DeviceProfile as MqttProfile } from "@micromarket/link-mqtt";
import { FLOAT_BITS, isCounter, type CounterRegister, type MeterSpec } from "./counter-facts.ts";

/** One microgrid's market node. */
export interface GatewayConfig {
  readonly file: string;
  readonly name: string;
  readonly rules: MarketRules;
  /** The supplier's prices. */
  readonly prices: Prices;
  /** Folder of the journal; it exists or can be made. */
  readonly dataDirectory: string;
  readonly journal: JournalConfig;
  readonly clock: ClockConfig;
  readonly http: HttpConfig;
  /** Who may come in besides the operator; `null`: nobody. */
  readonly api: ApiConfig | null;
  readonly devices: readonly DeviceConfig[];
  readonly homes: readonly HomeConfig[];
  /** Who trades without a meter. */
  readonly parties: readonly UnmeteredConfig[];
  /** Device at the tie; `null`: the tie is the sum of the homes. */
  readonly tieMeter: string | null;
  /** The site's lock: whether anything may be written to devices. */
  readonly isControlEnabled: boolean;
  /** Where the microgrid's sums are published; `null`: nowhere. */
  readonly publish: PublishConfig | null;
  /** Payments that the operator received; each is booked once. */
  readonly deposits: readonly Deposit[];
}

/** A utility or a bot: how it is known what it delivers, and how it signs. */
export interface UnmeteredConfig {
  readonly party: PartyId;
  readonly delivery: UnmeteredBasis;
  /** `null`: nothing is lent. */
  readonly creditLine: AmountNano | null;
  /** `null`: the market is told by the party itself, or takes unsigned orders. */
  readonly key: Did | null;
}

/** Money that a home, or somebody without a meter, paid in. */
export interface Deposit {
  readonly party: PartyId;
  /** Positive. */
  readonly amount: AmountNano;
  readonly reference: string;
}

/** A broker that is told the microgrid's sums and price. */
export interface PublishConfig {
  readonly broker: string;
  readonly username: string | null;
  readonly password: string | null;
  readonly tls: TlsIdentity | null;
  /** In the topics. */
  readonly site: string;
  /** Home Assistant's discovery prefix; `null`: it is told nothing. */
  readonly homeAssistant: string | null;
  /** Homes whose own values are published beside the sums. */
  readonly homes: readonly string[];
}

/** What becomes of the journal in time. */
export interface JournalConfig {
  /** Where backups go, how often in real time, and how many are kept; `null`: none is made. */
  readonly backup: { readonly directory: string; readonly everyMs: number; readonly keep: number } | null;
  /** Entries that are older, in market time, are left behind; `null`: all are kept. */
  readonly retentionMs: number | null;
}

/** Where time comes from. */
export type ClockConfig =
  /** The machine's clock; `unchecked` takes it as synchronised. */
  | { readonly kind: "real"; readonly trust: "system" | "unchecked" }
  /** `speed` virtual milliseconds per real one from `epoch` on, which was at `anchor`; `null`: go on where the journal ends. */
  | {
      readonly kind: "accelerated";
      readonly speed: number;
      readonly epoch: InstantMs;
      readonly anchor: InstantMs | null;
    };

/** Where the page is, and who may ask. */
export interface HttpConfig {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** `null`: loopback only. */
  readonly token: string | null;
  readonly allowedOrigins: readonly string[];
  readonly allowedHosts: readonly string[];
  /** `null`: HTTP. */
  readonly tls: TlsFiles | null;
  /** A proxy that speaks TLS is all that reaches the server. */
  readonly isBehindProxy: boolean;
}

/** Where the server's certificates are, absolute. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  readonly clientCa: string | null;
  readonly clientCertificates: TlsOptions["clientCertificates"];
}

/** Who may come in besides the operator. */
export interface ApiConfig {
  /** The name that clients sign for. */
  readonly serverName: string;
  readonly issuers: readonly IssuerConfig[];
  readonly principals: readonly PrincipalEntry[];
}

/** Who gives access tokens out. */
export interface IssuerConfig extends Pick<TokenIssuer, "issuer" | "audience" | "skewSeconds"> {
  /** The text of its JWK Set, or where that is fetched. */
  readonly jwks: { readonly text: string } | { readonly url: string };
}

/** One device and how it is reached. */
export type DeviceConfig = ModbusDeviceConfig | SunspecDeviceConfig | MqttDeviceConfig;

/** What all devices have. */
interface DeviceBasics {
  readonly id: string;
  /** Real time between two questions. */
  readonly poll: DurationMs;
  /** What may be written to it. */
  readonly control: readonly Capability[];
  /** The operator has confirmed that its counters are right, also where they go against its power. */
  readonly isAsIs: boolean;
  /** The operator says that nothing behind it can export. */
  readonly neverExports: boolean;
  /** The operator wants it settled by what its power comes to, and not by counters. */
  readonly isByPower: boolean;
}

/** Where a Modbus device or its gateway is. */
export type ModbusTarget =
  | (Required<Pick<NetworkTarget, "host" | "port" | "framing">> & {
      readonly tls: TlsIdentity | null;
      /** Of the serial line behind it, where it is a gateway to one. */
      readonly baudRate: number | null;
    })
  | Required<SerialEndpoint>;

/** A device behind Modbus. */
export interface ModbusDeviceConfig extends DeviceBasics {
  readonly link: "modbus";
  readonly target: ModbusTarget;
  /** `null`: the profile's. */
  readonly unit: number | null;
  readonly profile: ModbusProfile;
}

/** A SunSpec device: its registers lie where it says itself. */
export interface SunspecDeviceConfig extends DeviceBasics {
  readonly link: "sunspec";
  readonly target: ModbusTarget;
  /** `null`: the first of the profile's units that is such a device. */
  readonly unit: number | null;
  /** Which of the unit's devices of that kind, from 0. */
  readonly subdevice: number;
  readonly profile: SunspecProfile;
}

/** A device behind a broker. */
export interface MqttDeviceConfig extends DeviceBasics {
  readonly link: "mqtt";
  readonly broker: string;
  readonly username: string | null;
  readonly password: string | null;
  readonly tls: TlsIdentity | null;
  /** What stands for `{id}` in the profile's topics. */
  readonly topicId: string;
  readonly profile: MqttProfile;
}

/** A party, its meters and what its agents bid. */
export interface HomeConfig {
  readonly party: PartyId;
  readonly meter: string;
  readonly pv: string | null;
  /** What load bids per kWh. */
  readonly loadLimit: PriceMicro;
  /** The least that PV takes per kWh. */
  readonly pvReserve: PriceMicro;
  /** How far its account may fall below 0; `null`: not at all, or the market does not lend. */
  readonly creditLine: AmountNano | null;
  readonly battery: BatteryConfig | null;
  readonly charger: ChargerConfig | null;
  readonly limits: HomeLimits;
}

/** A battery behind a home's meter, and how it trades. */
export interface BatteryConfig {
  readonly device: string;
  readonly capacity: WattHours;
  readonly charge: Watts;
  readonly discharge: Watts;
  /** Of what goes in and, once more, of what comes out. */
  readonly efficiency: PartsPerMillion;
  /** Of the capacity: never sold. */
  readonly reserve: PartsPerMillion;
  /** What a kWh that goes through it costs in wear. */
  readonly cycleCost: PriceMicro;
}

/** A vehicle charger behind a home's meter, and what its vehicle needs. */
export interface ChargerConfig {
  readonly device: string;
  /** What each session is to bring. */
  readonly energy: WattHours;
  /** When it is to be there: minutes of the day on the wall clock of `zone`. */
  readonly byMinute: number;
  readonly zone: ZoneClock;
  readonly least: Watts;
  readonly most: Watts;
  /** The most it pays per kWh while there is time. */
  readonly limit: PriceMicro;
}

/** What a home's connection bears, whatever the market awards; `null`: no limit. */
export interface HomeLimits {
  readonly import: Watts | null;
  readonly export: Watts | null;
  /** The least that a grid operator may dim its devices to; `null`: what section 14a of the German energy act leaves. */
  readonly dimFloor: Watts | null;
}

/** What the device's profile allows to be told. */
export function capabilitiesOf(device: DeviceConfig): readonly Capability[] {
  if (device.link === "modbus") return device.profile.controls.map(({ rules }) => rules.capability);
  return [...device.profile.controls.keys()];
}

/** What a device's profile says of its energy counters, and of the power beside them. */
export function meterSpec(device: DeviceConfig): MeterSpec {
  const points = pointsOf(device);
  const isTold = device.link === "sunspec";
  const counters = points.flatMap(({ point, counter, register }) =>
    isCounter(point) && counter !== null ? [[point, { facts: counter, register, isTold }] as const] : [],
  );
  const power = points.find(({ point }) => point === "power_w");
  const { isAsIs, neverExports, isByPower } = device;
  return { counters: new Map(counters), powerMaxAgeMs: power?.maxAgeMs ?? null, isAsIs, neverExports, isByPower };
}

/** What settlement needs of a point. */
interface SettledPoint {
  readonly point: string;
  readonly maxAgeMs: number;
  readonly counter: CounterFacts | null;
  readonly register: CounterRegister | null;
}

/** What a profile that says nothing of a counter leaves open. */
const UNKNOWN: CounterFacts = {
  resolutionWh: 1,
  widthBits: null,
  wrapsAtWh: null,
  resets: "unknown",
  balance: "unknown",
};

function pointsOf(device: DeviceConfig): readonly SettledPoint[] {
  switch (device.link) {
    case "modbus":
      return modbusPoints(device);
    case "sunspec":
      return sunspecPoints(device);
    case "mqtt":
      return mqttPoints(device);
  }
}

/** A SunSpec device tells the step of its counters itself, once it was read. */
function sunspecPoints({ profile }: SunspecDeviceConfig): readonly SettledPoint[] {
  return profile.points.map(({ point, maxAgeMs, counter }) => {
    return { point, maxAgeMs, counter: { ...UNKNOWN, ...counter }, register: null };
  });
}

function modbusPoints({ profile }: ModbusDeviceConfig): readonly SettledPoint[] {
  return profile.points.map(({ point, maxAgeMs, counter, type, multiply, pow10 }) => {
    const unitWh = multiply * 10 ** pow10;
    const isFloat = type === "float32" || type === "float64";
    // one that turns back runs over at the same distance, whether its register has a sign or not
    const isWhole = type.startsWith("uint") || (point === "net_wh" && type.startsWith("int"));
    const register = isFloat || isWhole ? { unitWh, floatBits: isFloat ? FLOAT_BITS[type] : null } : null;
    return { point, maxAgeMs, counter: { ...UNKNOWN, ...counter }, register };
  });
}

function mqttPoints({ profile }: MqttDeviceConfig): readonly SettledPoint[] {
  return profile.topics
    .flatMap(({ points }) => points)
    .map(({ point, maxAge, counter }) => ({
      ...{ point, maxAgeMs: maxAge, register: null },
      counter: { ...UNKNOWN, ...counter },
    }));
}
