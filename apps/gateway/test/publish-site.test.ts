/** What a running gateway tells a broker of its microgrid, as mosquitto_sub hears it. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, test } from "@jest/globals";
import { gatewayFile } from "./gateway-text.ts";
import { endAll, firstLine, freePort, runGatewayCommand, runSimulator, until } from "./processes.ts";

const LONG = 900_000;
/** Debian puts the broker where not every user's PATH leads. */
const BROKER = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"].find((path) => existsSync(path)) ?? "mosquitto";
const absent = [BROKER, "mosquitto_sub"].find((tool) => spawnSync(tool, ["--help"]).error !== undefined);
const withMosquitto = absent === undefined || process.env["CI"] === "true" ? test : test.skip;
const remark = absent === undefined ? "" : ` (there is no ${absent}; run: sudo tools/ci/install-mosquitto.sh)`;

const children: ChildProcess[] = [];
afterEach(async () => {
  await endAll();
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

async function startBroker(): Promise<number> {
  const port = await freePort();
  const settings = join(dirname(gatewayFile("")), "mosquitto.conf");
  const user = process.getuid?.() === 0 ? "user root\n" : "";
  writeFileSync(settings, `${user}persistence false\nlistener ${port} 127.0.0.1\nallow_anonymous true\n`);
  children.push(spawn(BROKER, ["-c", settings], { stdio: "ignore" }));
  await until(
    () =>
      new Promise((resolve) => {
        const socket = connect(port, "127.0.0.1");
        socket.once("error", () => void resolve(false));
        socket.once("connect", () => {
          socket.destroy();
          resolve(true);
        });
      }),
  );
  return port;
}

interface Heard {
  readonly topic: string;
  readonly text: string;
}

/** All that is published from now on, and what the broker stores. */
function listen(port: number): readonly Heard[] {
  const child = spawn("mosquitto_sub", ["-h", "127.0.0.1", "-p", String(port), "-t", "#", "-v"]);
  children.push(child);
  const heard: Heard[] = [];
  createInterface(child.stdout).on("line", (line) => {
    const [topic = ""] = line.split(" ", 1);
    heard.push({ topic, text: line.slice(topic.length + 1) });
  });
  return heard;
}

withMosquitto(
  `sums, price and state of the microgrid, configs for Home Assistant, and no single home${remark}`,
  async () => {
    const port = await startBroker();
    const heard = listen(port);
    const simulator = runSimulator([
      "--homes",
      "3",
      "--seed",
      "7",
      "--speed",
      "450",
      "--modbus-port",
      "0",
      "--mqtt-port",
      "0",
    ]);
    const street = JSON.parse(await firstLine(simulator)) as {
      readonly modbus: { readonly host: string; readonly port: number };
      readonly clock: { readonly epoch: string; readonly anchor: string };
    };
    const device = (unit: number): string =>
      `modbus: { host: ${street.modbus.host}, port: ${street.modbus.port}, unit: ${unit}, profile: eastron-sdm630 }`;
    const gateway = runGatewayCommand(
      gatewayFile(`name: My street
slot: 15m
market: { currency: EUR, priceFloor: 0 EUR/kWh, priceCap: 1 EUR/kWh }
supplier: { tariff: 0.32 EUR/kWh, feedIn: 0.08 EUR/kWh }
data: data
clock: { accelerated: 450, epoch: "${street.clock.epoch}", anchor: "${street.clock.anchor}" }
http: { port: 0 }
devices:
  - { id: secret-meter-1, ${device(1)} }
  - { id: secret-meter-3, ${device(3)} }
homes:
  - { id: secret-home-1, meter: secret-meter-1 }
  - { id: secret-home-3, meter: secret-meter-3 }
publish: { broker: "mqtt://127.0.0.1:${port}", site: street-7, homeAssistant: ha }
`),
    );
    await firstLine(gateway);
    const at = (wanted: string): Readonly<Record<string, unknown>> =>
      JSON.parse(heard.findLast(({ topic }) => topic === wanted)?.text ?? "{}") as Readonly<Record<string, unknown>>;
    const last = (name: string) => at(`micromarket/street-7/${name}`);
    await until(() =>
      Promise.resolve(
        typeof last("price_per_kwh")["value"] === "number" && typeof last("imported_wh")["value"] === "number",
      ),
    );
    expect(last("status")).toMatchObject({ state: "online" });
    expect(last("market_state")).toMatchObject({ value: "trading" });
    expect(typeof last("power_w")["value"]).toBe("number");
    expect(at("ha/sensor/street-7/power_w/config")).toMatchObject({
      state_topic: "micromarket/street-7/power_w",
      device: { name: "My street" },
    });
    gateway.child.kill("SIGTERM");
    await until(() => Promise.resolve(last("status")["state"] === "offline"));
    expect(await gateway.ended).toBe(0);
    expect(JSON.stringify(heard)).not.toContain("secret-");
  },
  LONG,
);

withMosquitto(
  `a home's own values where it is listed, with configs for Home Assistant, and nothing of its neighbour${remark}`,
  async () => {
    const port = await startBroker();
    const heard = listen(port);
    const speed = "450";
    const words = ["--homes", "3", "--seed", "7", "--speed", speed, "--modbus-port", "0", "--mqtt-port", "0"];
    const street = JSON.parse(await firstLine(runSimulator(words))) as {
      readonly modbus: { readonly host: string; readonly port: number };
      readonly clock: { readonly epoch: string; readonly anchor: string };
    };
    const device = (unit: number): string =>
      `modbus: { host: ${street.modbus.host}, port: ${street.modbus.port}, unit: ${unit}, profile: eastron-sdm630 }`;
    const file = `name: My street
slot: 15m
market: { currency: EUR, priceFloor: 0 EUR/kWh, priceCap: 1 EUR/kWh }
supplier: { tariff: 0.32 EUR/kWh, feedIn: 0.08 EUR/kWh }
data: data
clock: { accelerated: ${speed}, epoch: "${street.clock.epoch}", anchor: "${street.clock.anchor}" }
http: { port: 0 }
devices:
  - { id: meter-1, ${device(1)} }
  - { id: meter-3, ${device(3)} }
homes:
  - { id: open-home, meter: meter-1 }
  - { id: secret-home, meter: meter-3 }
publish: { broker: "mqtt://127.0.0.1:${port}", site: street-7, homeAssistant: ha, homes: [open-home] }
`;
    const gateway = runGatewayCommand(gatewayFile(file));
    await firstLine(gateway);
    const at = (topic: string): Readonly<Record<string, unknown>> =>
      JSON.parse(heard.findLast((each) => each.topic === topic)?.text ?? "{}") as Readonly<Record<string, unknown>>;
    const own = (name: string): unknown => at(`micromarket/street-7/homes/open-home/${name}`)["value"];
    await until(() =>
      ["power_w", "bought_wh", "sold_wh", "price_per_kwh"].every((name) => typeof own(name) === "number"),
    );
    expect([own("bought_wh"), own("sold_wh")].filter((energy) => energy === 0).length).toBeGreaterThan(0);
    expect(at("ha/sensor/street-7/home_open-home_power_w/config")).toMatchObject({
      state_topic: "micromarket/street-7/homes/open-home/power_w",
      device: { name: "My street open-home", via_device: "micromarket_street-7" },
    });
    expect(heard.filter(({ topic }) => topic.includes("battery"))).toEqual([]); // it has none
    expect(JSON.stringify(heard)).not.toContain("secret-home");
    gateway.child.kill("SIGTERM");
    expect(await gateway.ended).toBe(0);
  },
  LONG,
);
