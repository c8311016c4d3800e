/** The gateway file of a street: all that it has is read, and of the devices under control every one is told something. */
import type { DescribedDevice, Device, SimulatorDescription } from "@micromarket/device-simulator";

type MqttPlace = Extract<Device | DescribedDevice, { link: "mqtt" }>;

const CAPABILITY = {
  battery: "setpoint_power_w",
  inverter: "limit_generation_w",
  charger: "evse_current_ma",
  plug: null,
} as const;

/** What stands behind a home's meter, as its entry in the file says it. A limit on what is fed in is what inverters live by. */
const BEHIND_METER = {
  battery: (id: string) => [`battery: { device: ${id}, capacity: 10 kWh, charge: 5 kW }`],
  inverter: (id: string) => [`pv: ${id}`, "limits: { export: 500 W }"],
  charger: (id: string) => [`charger: { device: ${id}, energy: 20 kWh, by: "06:00", most: 11 kW }`],
  plug: () => [],
} as const;

/** The file. With `isMqttTold` false no MQTT device is told anything: its broker speaks no MQTT 5. */
export function siteFile(
  { clock, devices, controlled = [], modbus, mqtt }: SimulatorDescription,
  isMqttTold: boolean,
): string {
  const told = controlled.filter(({ link }) => link === "modbus" || isMqttTold);
  const mqttAt = ({ topicId, profile }: MqttPlace): string =>
    `mqtt: { broker: "${mqtt.url}", id: "${topicId}", profile: ${profile} }`;
  const modbusAt = (unit: number, profile: string, { host, port } = modbus): string =>
    `modbus: { host: ${host}, port: ${port}, unit: ${unit}, profile: ${profile} }`;
  const meterLines = devices.map(
    (device) =>
      `{ id: ${device.id}, ${device.link === "modbus" ? modbusAt(device.unit, device.profile) : mqttAt(device)} }`,
  );
  const controlledLines = controlled.map((device) => {
    const capability = told.includes(device) ? CAPABILITY[device.kind] : null;
    const control = capability === null ? "" : ` control: [${capability}],`;
    return `{ id: ${device.id},${control} ${device.link === "modbus" ? modbusAt(device.unit, device.profile, device) : mqttAt(device)} }`;
  });
  const homes = [...new Set(devices.map(({ home }) => home))].map((home) => {
    const own = told.filter((device) => device.home === home);
    const hasInverter = own.some(({ kind }) => kind === "inverter");
    const hasMeter = !hasInverter && devices.some((device) => device.home === home && device.place === "pv");
    const behind = [...(hasMeter ? [`pv: ${home}-pv`] : []), ...own.flatMap(({ kind, id }) => BEHIND_METER[kind](id))];
    return `{ ${[`id: ${home}`, `meter: ${home}-grid`, ...behind].join(", ")} }`;
  });
  return `name: street
slot: 15m
market: { currency: EUR, priceFloor: 0 EUR/kWh, priceCap: 1 EUR/kWh }
supplier: { tariff: 0.32 EUR/kWh, feedIn: 0.08 EUR/kWh }
data: data
clock: { accelerated: ${clock.speed}, epoch: "${clock.epoch}", anchor: "${clock.anchor}" }
http: { port: 0 }
control: { enabled: true }
devices:
${listed([...meterLines, ...controlledLines])}
homes:
${listed(homes)}
`;
}

function listed(entries: readonly string[]): string {
  return entries.map((entry) => `  - ${entry}`).join("\n");
}
