/**
 * A plant whose energy nobody bought, end to end on devices that we did not write: the gateway holds it to what was sold and
 * what its home takes, and gives it back once its energy is bought again.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "@jest/globals";
import { gatewayFile } from "./gateway-text.ts";
import { endAll, firstLine, logLines, runGatewayCommand, until } from "./processes.ts";
import { endSites, isPeerWanted, NEEDS, sunspecSite, UNITS } from "./sunspec-site.ts";

const LONG = 900_000;
/** A quarter of an hour in 15 seconds. */
const SPEED = 60;
const STEP_MS = 100;
const NEIGHBOUR = 4;
const testWithPeer = isPeerWanted ? test : test.skip;

afterEach(async () => {
  await endAll();
  endSites();
});

/** Two homes; the first has a plant of 6 kW, whose energy the supplier takes only for money, and it does not pay for that. */
function streetFile(port: number): string {
  const at = (unit: number, profile: string): string =>
    `modbus: { host: 127.0.0.1, port: ${port}, unit: ${unit}, profile: ${profile} }`;
  const path = gatewayFile(`name: site
slot: 15m
market: { currency: EUR, priceFloor: -0.10 EUR/kWh, priceCap: 1 EUR/kWh }
supplier: { tariff: 0.32 EUR/kWh, feedIn: -0.05 EUR/kWh }
data: data
clock: { accelerated: ${SPEED}, epoch: "2026-06-01T12:00Z" }
http: { port: 0 }
control: { enabled: true }
devices:
  - { id: grid-1, ${at(UNITS.meter, "sunspec-meter")} }
  - { id: plant, control: [limit_generation_w], ${at(UNITS.plant, "./plant.yaml")} }
  - { id: grid-2, ${at(NEIGHBOUR, "sunspec-meter")} }
homes:
  - { id: home-1, meter: grid-1, pv: plant, agents: { pvReserve: 0 EUR/kWh } }
  - { id: home-2, meter: grid-2 }
`);
  const shipped = new URL("../../../packages/link-modbus/profiles/sunspec/sunspec-inverter.yaml", import.meta.url);
  // the devices' time goes by as fast as the market's, the gateway's does not
  const slow = readFileSync(fileURLToPath(shipped), "utf8").replaceAll(
    "after_s: 90, refresh_s: 30",
    "after_s: 9000, refresh_s: 10",
  );
  writeFileSync(join(dirname(path), "plant.yaml"), slow);
  return path;
}

testWithPeer(
  `where the price has come down to its reserve a plant gives its award and the home's load, and comes back (${NEEDS})`,
  async () => {
    // home 1 takes 500 W, and so does its neighbour: of 5.5 kW over it buys 500 W
    const site = await sunspecSite(6_000, 500, `meter@${NEIGHBOUR}:load_w=500.0`);
    const path = streetFile(site.port);
    const timer = setInterval(() => void site.tell({ tick: (SPEED * STEP_MS) / 1_000 }), STEP_MS);
    try {
      const plantW = async (): Promise<number> => Number((await site.read(UNITS.plant, [103, "W"]))[0]);
      expect(await plantW()).toBe(6_000);
      const gateway = runGatewayCommand(path, "--allow-control");
      await firstLine(gateway);
      // its limit goes by percents of 10 kW, and is rounded down
      await until(async () => Math.abs((await plantW()) - 1_000) <= 100, 50);
      // the neighbour buys all of it, and what it lacks besides from the supplier: the price is the tariff
      await site.tell({ env: [NEIGHBOUR, "load_w", 9_000] });
      await until(async () => (await plantW()) === 6_000, 50);
      // and stops: the plant is held back again, as far as nobody buys
      await site.tell({ env: [NEIGHBOUR, "load_w", 0] });
      await until(async () => Math.abs((await plantW()) - 500) <= 100, 50);
      gateway.child.kill("SIGTERM");
      expect(await gateway.ended).toBe(0);
      expect(await plantW()).toBe(6_000);
      expect(logLines(gateway).filter(({ level }) => level === 50)).toEqual([]);
    } finally {
      clearInterval(timer);
    }
  },
  LONG,
);
