/** What API and metrics say of devices besides their readings, over real sockets. */
import { afterEach, expect, test } from "@jest/globals";
import { startSimulator } from "@micromarket/device-simulator";
import { durationMs } from "@micromarket/kernel";
import { runGateway } from "../src/run-gateway.ts";
import { gatewayFile } from "./gateway-text.ts";
import { freePort, until } from "./processes.ts";

const LONG = 120_000;

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

interface Described {
  readonly device: string;
  readonly profile: { readonly name: string; readonly kind: string; readonly requirements: readonly string[] } | null;
  readonly link: { readonly requests: number; readonly timeouts: number; readonly last_good_ms: number | null } | null;
  readonly trouble: string | null;
  readonly flags: readonly string[];
}

async function start(text: string): Promise<string> {
  let stop = (): void => undefined;
  const quiet = (): void => undefined;
  let exit: Promise<unknown> = Promise.resolve();
  const url = await new Promise<string>((resolve) => {
    exit = runGateway(gatewayFile(text), {
      ...{ version: "0.0.0", page: null, env: {}, onListening: resolve },
      onStopSignal: (listener) => {
        stop = listener;
        return quiet;
      },
      ports: { log: { info: quiet, warn: quiet, error: quiet } },
    });
  });
  running.push(() => {
    stop();
    stop();
    return exit;
  });
  return url;
}

test(
  "profile, link, trouble and flags of a register device, a SunSpec device, a broker's and one that is not there",
  async () => {
    const simulator = await startSimulator({ homes: 2, seed: 7, batteries: 1, publishEvery: durationMs(200) });
    running.push(() => simulator.stop());
    const { modbus, mqtt, controlled } = simulator.description;
    const battery = controlled?.find(({ kind }) => kind === "battery");
    const sunspec = battery?.link === "modbus" ? battery : null;
    const place = `host: ${modbus.host}, port: ${modbus.port}`;
    const deadPort = await freePort();
    const url = await start(`name: street
slot: 15m
market: { currency: EUR, priceFloor: 0 EUR/kWh, priceCap: 1 EUR/kWh }
supplier: { tariff: 0.32 EUR/kWh, feedIn: 0.08 EUR/kWh }
data: data
clock: { trust: unchecked }
http: { port: 0 }
devices:
  - { id: meter, poll: 1s, modbus: { ${place}, unit: 1, profile: eastron-sdm630 } }
  - { id: battery, poll: 1s, modbus: { host: ${sunspec?.host}, port: ${sunspec?.port}, unit: ${sunspec?.unit}, profile: sunspec-storage } }
  - { id: shelly, poll: 1s, mqtt: { broker: "${mqtt.url}", id: shellypro3em-home-2, profile: shelly-pro-3em } }
  - { id: dead, poll: 1s, modbus: { host: 127.0.0.1, port: ${deadPort}, unit: 1, profile: eastron-sdm630 } }
homes:
  - { id: home-1, meter: meter }
  - { id: home-2, meter: shelly }
  - { id: home-3, meter: dead }
`);
    const described = async () => {
      const { devices } = (await (await fetch(`${url}/api/v1/devices`)).json()) as { devices: readonly Described[] };
      return new Map(devices.map((each) => [each.device, each]));
    };
    await until(async () => {
      const all = await described();
      const isGood = ["meter", "battery", "shelly"].every((id) => typeof all.get(id)?.link?.last_good_ms === "number");
      return isGood && /no connection/.test(all.get("dead")?.trouble ?? "");
    });
    const all = await described();
    expect([...all.values()].map(({ device, profile }) => [device, profile?.name, profile?.kind])).toEqual([
      ["battery", "sunspec-storage", "battery"],
      ["dead", "eastron-sdm630", "meter"],
      ["meter", "eastron-sdm630", "meter"],
      ["shelly", "shelly-pro-3em", "meter"],
    ]);
    expect(all.get("meter")).toMatchObject({ trouble: null, flags: [] });
    expect(all.get("meter")?.link?.requests).toBeGreaterThan(0);
    expect(all.get("battery")).toMatchObject({ trouble: null, flags: [] });
    expect(all.get("shelly")).toMatchObject({ trouble: null, flags: ["per-phase"] });
    expect(all.get("dead")?.link).toMatchObject({ requests: 0, last_good_ms: null });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const label = `link="${modbus.host}:${modbus.port}",protocol="modbus"`;
    const sent = new RegExp(`^micromarket_link_requests_total\\{${label}\\} (\\d+)$`, "m").exec(metrics)?.[1];
    expect(Number(sent)).toBeGreaterThan(0);
    expect(metrics).toContain(`micromarket_link_requests_total{link="${mqtt.url}",protocol="mqtt"} 0`);
  },
  LONG,
);
