/** A site's values and their configs for Home Assistant, as mosquitto_sub sees them. */
import { spawn, type ChildProcess } from "node:child_process";
import { afterEach, describe, expect, test } from "@jest/globals";
import { measured, missing, partsPerMillion, priceMicro, wattHours, watts } from "@micromarket/kernel";
import {
  discoveryMessages,
  HOME_VALUE_NAMES,
  homeDiscoveryMessages,
  homeMessages,
  MarketFacade,
  SITE_VALUE_NAMES,
  siteMessages,
  type DiscoveryOptions,
  type FacadeOptions,
  type HomeValues,
  type SiteValues,
} from "@micromarket/link-mqtt";
import { brokerTest } from "./broker-test.ts";
import { Changes, now } from "./link-probe.ts";
import { NOON } from "./message.ts";
import { Mosquitto } from "./mosquitto.ts";

const { withBroker, remark } = brokerTest();
const brokers: Mosquitto[] = [];
const listeners: ChildProcess[] = [];
const facades: MarketFacade[] = [];

afterEach(async () => {
  await Promise.all(facades.splice(0).map((facade) => facade.close()));
  for (const listener of listeners.splice(0)) listener.kill();
  await Promise.all(brokers.splice(0).map((broker) => broker.remove()));
});

const discovery: DiscoveryOptions = {
  name: "House 7",
  currency: "EUR",
  expireAfterS: 90,
  softwareVersion: "0.1.0",
  configurationUrl: "http://gateway.local:8080",
};
const values: SiteValues = {
  at: NOON,
  power: measured(watts(-1_229)),
  imported: measured(wattHours(12_345_678)),
  exported: missing("stale"),
  price: priceMicro(-27_500),
  market: "trading",
};

/** Keys that the documentation names: integrations `sensor.mqtt`, and `mqtt` for the device and the origin. */
const SENSOR_KEYS = `availability availability_mode availability_template availability_topic device device_class
  enabled_by_default encoding entity_category entity_picture expire_after force_update icon json_attributes_template
  json_attributes_topic last_reset_value_template name object_id options origin payload_available payload_not_available
  platform suggested_display_precision qos state_class state_topic unique_id unit_of_measurement value_template`;
const DEVICE_KEYS = `configuration_url connections hw_version identifiers manufacturer model model_id name serial_number
  suggested_area sw_version via_device`;
const ORIGIN_KEYS = "name sw_version support_url";
const isAmong = (keys: string) => (key: string) => keys.split(/\s+/).includes(key);

const home: HomeValues = {
  ...{ home: "home-1", hasBattery: true, at: NOON, power: measured(watts(740)) },
  ...{ bought: wattHours(185), sold: null, price: priceMicro(210_000), charge: measured(partsPerMillion(655_000)) },
};

describe("a home's values", () => {
  test("are one message each, stored by nobody; a home without a battery has none to tell", () => {
    expect(homeMessages("house-7", home).map(({ topic, payload }) => [topic, payload])).toEqual([
      ["micromarket/house-7/homes/home-1/power_w", '{"at":"2026-07-01T12:00Z","value":740}'],
      ["micromarket/house-7/homes/home-1/bought_wh", '{"at":"2026-07-01T12:00Z","value":185}'],
      ["micromarket/house-7/homes/home-1/sold_wh", '{"at":"2026-07-01T12:00Z","value":null}'],
      ["micromarket/house-7/homes/home-1/price_per_kwh", '{"at":"2026-07-01T12:00Z","value":0.21}'],
      ["micromarket/house-7/homes/home-1/battery_percent", '{"at":"2026-07-01T12:00Z","value":65.5}'],
    ]);
    const messages = homeMessages("house-7", { ...home, hasBattery: false, charge: missing("not-reported") });
    expect(messages).toHaveLength(HOME_VALUE_NAMES.length - 1);
    expect(messages.some(({ isRetained }) => isRetained)).toBe(false);
    const [, , , , silent] = homeMessages("house-7", { ...home, charge: missing("stale") });
    expect(silent?.payload).toContain('"reason":"stale","value":null');
  });

  test("are a device of its own behind the site's, with keys that Home Assistant knows", () => {
    const configs = homeDiscoveryMessages("house-7", home, discovery);
    for (const { topic, payload, isRetained } of configs) {
      const config = JSON.parse(payload) as Record<string, unknown>;
      expect(topic).toMatch(/^homeassistant\/sensor\/house-7\/home_home-1_[a-z_]+\/config$/);
      expect(Object.keys(config).filter((key) => !isAmong(SENSOR_KEYS)(key))).toEqual([]);
      expect(Object.keys(config["device"] as object).filter((key) => !isAmong(DEVICE_KEYS)(key))).toEqual([]);
      expect([config["availability_topic"], isRetained]).toEqual(["micromarket/house-7/status", true]);
    }
  });

  test("are refused for a home whose name is no part of a topic", () => {
    const homes = [{ home: "home/1", hasBattery: false }];
    const opened = MarketFacade.open({ url: "mqtt://127.0.0.1:1", site: "house-7", homes }, { now });
    expect(opened).toMatchObject({ ok: false, error: { code: "HOME_INVALID" } });
  });
});

describe("configs for Home Assistant", () => {
  const messages = discoveryMessages("house-7", discovery);
  const configs = messages.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);

  test("stand, stored, under prefix, component, node and object", () => {
    const topics = SITE_VALUE_NAMES.map((name) => `homeassistant/sensor/house-7/${name}/config`);
    expect(messages.map(({ topic }) => topic)).toEqual(topics);
    expect(messages.every(({ isRetained }) => isRetained)).toBe(true);
    const [first] = discoveryMessages("a", { ...discovery, prefix: "ha/x" });
    expect(first?.topic).toBe("ha/x/sensor/a/power_w/config");
  });

  test("hold only keys that are documented, and a name of their own", () => {
    for (const config of configs) {
      expect(Object.keys(config).filter((key) => !isAmong(SENSOR_KEYS)(key))).toEqual([]);
      expect(Object.keys(config["device"] as object).filter((key) => !isAmong(DEVICE_KEYS)(key))).toEqual([]);
      expect(Object.keys(config["origin"] as object).filter((key) => !isAmong(ORIGIN_KEYS)(key))).toEqual([]);
      expect(config).toMatchObject({
        availability_topic: "micromarket/house-7/status",
        availability_template: "{{ value_json.state }}",
        expire_after: 90,
        device: { identifiers: ["micromarket_house-7"], name: "House 7", sw_version: "0.1.0" },
      });
    }
    expect(new Set(configs.map(({ unique_id: id }) => id)).size).toBe(configs.length);
  });

  test("name the classes and units that Home Assistant wants together", () => {
    const classes = configs.map((config) => [
      config["device_class"] ?? null,
      config["state_class"] ?? null,
      config["unit_of_measurement"] ?? null,
    ]);
    expect(classes).toEqual([
      ["power", "measurement", "W"],
      ["energy", "total_increasing", "Wh"],
      ["energy", "total_increasing", "Wh"],
      [null, "measurement", "EUR/kWh"],
      ["enum", null, null], // options go with neither class nor unit
    ]);
    expect(configs[4]?.["options"]).toEqual(["trading", "islanded", "paused"]);
  });
});

test("values: exact, with their time; what is missing is null and says why", () => {
  const said = siteMessages("house-7", values).map(({ topic, payload, isRetained }) => [topic, payload, isRetained]);
  expect(said).toEqual([
    ["micromarket/house-7/power_w", '{"at":"2026-07-01T12:00Z","value":-1229}', false],
    ["micromarket/house-7/imported_wh", '{"at":"2026-07-01T12:00Z","value":12345678}', false],
    ["micromarket/house-7/exported_wh", '{"at":"2026-07-01T12:00Z","reason":"stale","value":null}', false],
    ["micromarket/house-7/price_per_kwh", '{"at":"2026-07-01T12:00Z","value":-0.0275}', false],
    ["micromarket/house-7/market_state", '{"at":"2026-07-01T12:00Z","value":"trading"}', false],
  ]);
  const untraded = siteMessages("a", { ...values, price: null })[3]?.payload;
  expect(untraded).toBe('{"at":"2026-07-01T12:00Z","value":null}');
});

test.each<[string, Partial<FacadeOptions>]>([
  ["SITE_INVALID", { site: "a/b" }],
  ["SITE_INVALID", { site: "" }],
  ["PREFIX_INVALID", { discovery: { ...discovery, prefix: "a/#" } }],
  ["URL_INVALID", { url: "nowhere" }],
])("%s", (code, change) => {
  const options = { url: "mqtt://127.0.0.1:1", site: "a", ...change };
  expect(MarketFacade.open(options, { now })).toMatchObject({ ok: false, error: { code } });
});

/** What mosquitto_sub prints: whether it was stored, the topic and the payload of each message. */
function listen(broker: Mosquitto, filter = "#") {
  const options = ["-t", filter, "-q", "1", "-F", "%r %t %p"];
  const listener = spawn("mosquitto_sub", ["-h", "127.0.0.1", "-p", String(broker.port), ...options]);
  listeners.push(listener);
  const changes = new Changes();
  const lines: string[] = [];
  let rest = "";
  listener.stdout.on("data", (text: Buffer) => {
    const parts = (rest + text.toString()).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    changes.tell();
  });
  return {
    lines,
    listener,
    until: (isSo: (lines: readonly string[]) => boolean) =>
      changes.until(
        () => isSo(lines),
        () => lines,
      ),
  };
}

/** What the broker has stored. */
async function stored(broker: Mosquitto): Promise<readonly string[]> {
  const { lines, listener, until } = listen(broker);
  await broker.publish(["-t", "end", "-m", "x", "-q", "1", "-r"]);
  await until((some) => some.some((line) => / end x$/.test(line)));
  listener.kill();
  return lines.filter((line) => line.startsWith("1 ") && !line.includes(" end ")).map((line) => line.slice(2));
}

async function openFacade(broker: Mosquitto, change: Partial<FacadeOptions> = {}) {
  const changes = new Changes();
  const options = { url: `mqtt://127.0.0.1:${broker.port}`, site: "house-7", discovery, ...change };
  const soon = { backOff: { firstMs: 10, maxMs: 50 } };
  const opened = MarketFacade.open({ ...soon, ...options }, { now, onStatus: () => changes.tell() });
  if (!opened.ok) throw new Error(opened.error.what);
  facades.push(opened.value);
  const { link } = opened.value;
  const untilState = (state: string) =>
    changes.until(
      () => link.status.state === state,
      () => link.status,
    );
  await untilState("connected");
  return { facade: opened.value, untilState };
}

async function startBroker(): Promise<Mosquitto> {
  const broker = await Mosquitto.start();
  brokers.push(broker);
  return broker;
}

describe(`with Mosquitto${remark}`, () => {
  withBroker("configs and status are stored, values are not", async () => {
    const broker = await startBroker();
    const { facade } = await openFacade(broker);
    await facade.announce();
    expect(await facade.publish(values)).toEqual({ ok: true, value: null });
    const expected = discoveryMessages("house-7", discovery).map(({ topic, payload }) => `${topic} ${payload}`);
    const status = `micromarket/house-7/status {"boot":"${facade.boot}","state":"online"}`;
    expect([...(await stored(broker))].sort()).toEqual([...expected, status].sort());
  });

  withBroker("configs that are taken back are gone, also after the next connection", async () => {
    const broker = await startBroker();
    const { facade, untilState } = await openFacade(broker);
    await facade.announce();
    expect(await facade.removeDiscovery()).toEqual({ ok: true, value: null });
    const isConfig = (line: string): boolean => line.startsWith("homeassistant/");
    expect((await stored(broker)).filter(isConfig)).toEqual([]);
    await broker.kill();
    await untilState("waiting");
    expect(await facade.removeDiscovery()).toMatchObject({ ok: false, error: { code: "OFFLINE" } });
    await broker.start();
    await untilState("connected");
    await facade.announce();
    expect((await stored(broker)).filter(isConfig)).toEqual([]);
  });

  withBroker(
    "a home that is published no longer is forgotten by the broker, and one that is not is never named",
    async () => {
      const broker = await startBroker();
      const homes = ["home-1", "home-2"].map((name) => ({ home: name, hasBattery: true }));
      const first = await openFacade(broker, { homes });
      await first.facade.announce();
      const namesIn = async (): Promise<readonly string[]> => {
        const found = (await stored(broker)).flatMap((line) => /home_(home-\d)_/.exec(line)?.[1] ?? []);
        return [...new Set(found)].sort();
      };
      expect(await namesIn()).toEqual(["home-1", "home-2"]);
      await first.facade.close();

      const heard = listen(broker);
      const second = await openFacade(broker, { homes: homes.slice(1) });
      await second.facade.announce();
      while ((await namesIn()).length !== 1) await second.facade.announce(); // what the broker stores comes when it comes
      expect(await namesIn()).toEqual(["home-2"]);
      await second.facade.publish(values, [{ ...home, home: "home-2" }]);
      await heard.until((lines) => lines.some((line) => line.includes("homes/home-2/battery_percent")));
      expect(heard.lines.some((line) => / micromarket.house-7.homes.home-1/.test(line.slice(0, 40)))).toBe(false);
      await second.facade.removeDiscovery();
      expect(await namesIn()).toEqual([]);
    },
  );

  withBroker("the will says offline when the gateway is gone, the goodbye when it leaves", async () => {
    const broker = await startBroker();
    const { facade } = await openFacade(broker);
    await facade.announce();
    const offline = `{"boot":"${facade.boot}","state":"offline"}`;
    const heard = listen(broker, "micromarket/+/status");
    await heard.until((lines) => lines.length === 1);
    expect(heard.lines[0]).toContain('"state":"online"');
    // Another client of the same id throws the link out without a goodbye, and the broker publishes its will.
    await broker.publish(["-i", facade.boot, "-t", "x", "-m", "x"]);
    await heard.until((lines) => lines.some((line) => line.includes(offline)));
    await heard.until((lines) => (lines.at(-1) ?? "").includes('"state":"online"'));
    await facade.close();
    expect(await stored(broker)).toContain(`micromarket/house-7/status ${offline}`);
  });

  withBroker("the last values come again when Home Assistant has started, and after a broken connection", async () => {
    const broker = await startBroker();
    const { facade, untilState } = await openFacade(broker);
    await facade.publish(values);
    const heard = listen(broker, "micromarket/house-7/power_w");
    const powers = (): number => heard.lines.length;
    while (powers() === 0) await broker.publish(["-t", "homeassistant/status", "-m", "online", "-q", "1"]);
    expect(heard.lines[0]).toBe('0 micromarket/house-7/power_w {"at":"2026-07-01T12:00Z","value":-1229}');
    await broker.kill();
    await untilState("waiting");
    expect(await facade.publish({ ...values, power: measured(watts(5)) })).toMatchObject({
      error: { code: "OFFLINE" },
    });
    await broker.start();
    await untilState("connected");
    const again = listen(broker, "micromarket/house-7/power_w");
    while (again.lines.length === 0) await broker.publish(["-t", "homeassistant/status", "-m", "online", "-q", "1"]);
    expect(again.lines[0]).toContain('"value":5}');
  });

  withBroker("without discovery Home Assistant is told nothing", async () => {
    const broker = await startBroker();
    const { site, url } = { site: "house-8", url: `mqtt://127.0.0.1:${broker.port}` };
    const opened = MarketFacade.open({ site, url }, { now });
    if (!opened.ok) throw new Error(opened.error.what);
    facades.push(opened.value);
    const heard = listen(broker);
    await heard.until((lines) => lines.some((line) => line.includes("micromarket/house-8/status")));
    expect(await opened.value.removeDiscovery()).toEqual({ ok: true, value: null });
    expect(await stored(broker)).toEqual([
      `micromarket/house-8/status {"boot":"${opened.value.boot}","state":"online"}`,
    ]);
  });
});
