/** A gateway file that is right, for tests to break. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "@jest/globals";

/** A gateway of two homes: one behind Modbus with PV, one behind MQTT. */
export const GATEWAY = `name: street
slot: 15m
market:
  currency: EUR
  priceFloor: 0 EUR/kWh
  priceCap: 1 EUR/kWh
supplier:
  tariff: 0.32 EUR/kWh
  feedIn: 0.08 EUR/kWh
  importLimit: 100 kW
data: data
clock: { trust: unchecked }
http:
  port: 0
devices:
  - id: grid-1
    poll: 1s
    modbus: { host: 127.0.0.1, port: 1502, unit: 1, profile: eastron-sdm630 }
  - id: pv-1
    modbus: { host: 127.0.0.1, port: 1502, unit: 2, profile: eastron-sdm630 }
  - id: grid-2
    mqtt: { broker: "mqtt://127.0.0.1:1883", id: shellypro3em-2, profile: shelly-pro-3em }
homes:
  - { id: home-1, meter: grid-1, pv: pv-1 }
  - { id: home-2, meter: grid-2, agents: { load: 0.5 EUR/kWh, pvReserve: 0.1 EUR/kWh } }
`;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Writes `text` into a folder of its own, which goes after the tests, and gives the path. */
export function gatewayFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "gateway-"));
  folders.push(folder);
  const path = join(folder, "gateway.yaml");
  writeFileSync(path, text);
  return path;
}
