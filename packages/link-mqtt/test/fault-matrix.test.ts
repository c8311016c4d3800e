/**
 * Shelly's payloads × faults of the line and of the device, over Mosquitto, as one table: no cell gives a wrong number or a
 * gap that nobody is told of, and after the fault the next message is right. Each message has other values, which follow
 * from its number, the tag. A proxy between link and broker does what lines do. The age of readings goes by a clock that the
 * test moves. The columns that are read from registers stand in `fault-matrix.test.ts` of link-modbus, those of counters in
 * `device-faults.test.ts` of the gateway.
 */
import { afterAll, expect } from "@jest/globals";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { instantMs } from "@micromarket/kernel";
import { MqttDevice, type MqttLink } from "@micromarket/link-mqtt";
import { brokerTest } from "./broker-test.ts";
import { closeLinks, openLink, type LinkProbe } from "./link-probe.ts";
import { NOON, profileNamed } from "./message.ts";
import { Mosquitto } from "./mosquitto.ts";

const { withBroker, remark } = brokerTest();
/** Longer than any value of the profile counts. */
const LONG_S = 200;

type Line = "pass" | "hold";

/** Between the link and the broker. */
interface Proxy {
  readonly port: number;
  /** What comes is passed on, or kept until it passes again. */
  set(line: Line): void;
  cut(how: "FIN" | "RST"): void;
  close(): Promise<void>;
}

async function proxyTo(brokerPort: number): Promise<Proxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let line: Line = "pass";
  const server = createServer((client) => {
    const upstream = connect(brokerPort, "127.0.0.1");
    const pair = [client, upstream] as const;
    pairs.add(pair);
    client.on("close", () => pairs.delete(pair));
    for (const [from, to] of [pair, [upstream, client]] as const) {
      from.on("error", () => undefined);
      from.on("close", () => to.destroy());
      from.on("data", (bytes) => void to.write(bytes));
      if (line === "hold") from.pause();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const ends = (): readonly Socket[] => [...pairs].flat();
  return {
    port: (server.address() as AddressInfo).port,
    set: (next) => {
      line = next;
      for (const end of ends()) {
        if (next === "hold") end.pause();
        else end.resume();
      }
    },
    cut: (how) => {
      for (const [client] of pairs) {
        if (how === "RST") client.resetAndDestroy();
        else client.end();
      }
    },
    close: async () => {
      for (const end of ends()) end.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

const em = (tag: number): Readonly<Record<string, number>> => ({
  ...{ id: 0, total_act_power: -1_000 - tag, a_act_power: tag, b_act_power: 2 * tag, c_act_power: -3 * tag },
  ...{ a_voltage: 230 + tag / 10, b_voltage: 231, c_voltage: 232, a_freq: 50, total_current: 4.5 },
});
const emData = (tag: number): object => ({ id: 0, total_act: 500_000 + tag, total_act_ret: 70_000 + tag });
const right = (tag: number): Readonly<Record<string, number>> => ({
  ...{ power_w: -1_000 - tag, power_l1_w: tag, power_l2_w: 2 * tag, power_l3_w: -3 * tag },
  ...{ voltage_mv: 230_000 + 100 * tag, voltage_l2_mv: 231_000, voltage_l3_mv: 232_000, frequency_mhz: 50_000 },
  ...{ imported_wh: 500_000 + tag, exported_wh: 70_000 + tag },
});

class Bench {
  readonly device: MqttDevice;
  readonly proxy: Proxy;
  readonly probe: LinkProbe;
  readonly #broker: Mosquitto;
  #gone = 0;
  #heard = 0;

  constructor(broker: Mosquitto, proxy: Proxy, id: string) {
    this.#broker = broker;
    this.proxy = proxy;
    this.device = new MqttDevice(profileNamed("shelly-pro-3em"), id, () => instantMs(Number(NOON) + this.#gone));
    const echo = { topic: `echo/${id}`, everyMs: 20, deadlineMs: 1_000 };
    this.probe = openLink({ port: proxy.port, filters: [`${id}/#`, `not-${id}/#`], echo }, (message) => {
      this.#heard += 1;
      this.device.accept(message);
    });
  }

  get link(): MqttLink {
    return this.probe.link;
  }

  pass(seconds: number): void {
    this.#gone += seconds * 1_000;
  }

  /** Whole messages of a tag, `more` in the first one, until they are heard. */
  async tell(tag: number, more: object = {}, id = this.device.id): Promise<void> {
    await this.raw(JSON.stringify({ ...em(tag), ...more }), "em:0", id);
    await this.raw(JSON.stringify(emData(tag)), "emdata:0", id);
  }

  async raw(payload: string, component = "em:0", id = this.device.id): Promise<void> {
    await this.probe.untilState("connected");
    const before = this.#heard;
    await this.send(payload, component, id);
    await this.probe.until(() => this.#heard > before);
  }

  /** Whether it is heard or not. */
  async send(payload: string, component = "em:0", id = this.device.id): Promise<void> {
    await this.#broker.publish(["-t", `${id}/status/${component}`, "-s"], payload);
  }

  values(): Record<string, number | string> {
    const { readings } = this.device.readings();
    const said = readings.map(({ point, value }) => [point, value.kind === "value" ? value.value : value.reason]);
    return Object.fromEntries(said) as Record<string, number | string>;
  }
}

const all = (value: string, tag = 1): object => Object.fromEntries(Object.keys(right(tag)).map((key) => [key, value]));
const ofEm = (value: string): object =>
  Object.fromEntries(Object.keys(right(1)).flatMap((key) => (key.endsWith("_wh") ? [] : [[key, value]])));

/** What becomes of a message with tag 2 that the fault strikes, and of the readings of tag 1 before it. */
const FAULTS: readonly (readonly [string, (bench: Bench) => Promise<void>])[] = [
  [
    "ok",
    async (bench) => {
      await bench.tell(2);
      expect(bench.values()).toEqual(right(2));
    },
  ],
  ...(["FIN", "RST"] as const).map((how): readonly [string, (bench: Bench) => Promise<void>] => [
    how,
    async (bench) => {
      const { connections } = bench.link.metrics;
      bench.proxy.set("hold"); // also for the connections that come after it
      bench.proxy.cut(how);
      await bench.send(JSON.stringify(em(2)));
      await bench.probe.until(() => bench.link.status.lastFailure !== null);
      bench.pass(LONG_S);
      expect(bench.values()).toEqual(all("stale"));
      bench.proxy.set("pass");
      await bench.probe.until(() => bench.link.metrics.connections > connections);
    },
  ]),
  ...(["silence", "late"] as const).map((how): readonly [string, (bench: Bench) => Promise<void>] => [
    how,
    async (bench) => {
      bench.proxy.set("hold");
      await bench.send(JSON.stringify(em(2)));
      expect(bench.values()).toEqual(right(1));
      bench.pass(LONG_S);
      expect(bench.values()).toEqual(all("stale"));
      await bench.probe.until(() => bench.link.status.lastFailure?.includes("did not come back") === true);
      bench.proxy.set("pass"); // what was held comes now, where nobody listens any more
      if (how === "late") await bench.probe.untilState("connected");
      expect(bench.values()).toEqual(all("stale"));
    },
  ]),
  [
    "truncated",
    async (bench) => {
      const whole = JSON.stringify(em(2));
      for (const length of [1, whole.indexOf(":"), whole.length >> 1, whole.length - 1]) {
        await bench.raw(whole.slice(0, length));
        expect(bench.values()).toEqual({ ...right(1), ...ofEm("not-a-number") });
      }
    },
  ],
  [
    "wrong unit",
    async (bench) => {
      await bench.tell(2, {}, `not-${bench.device.id}`);
      expect(bench.values()).toEqual(right(1));
    },
  ],
  [
    "sentinel",
    async (bench) => {
      await bench.tell(2, { total_act_power: null, a_voltage: null, errors: ["power_meter_failure"] });
      expect(bench.values()).toEqual({ ...right(2), power_w: "not-reported", voltage_mv: "not-reported" });
    },
  ],
  [
    "all-zero frame",
    async (bench) => {
      await bench.raw(JSON.stringify(Object.fromEntries(Object.keys(em(2)).map((key) => [key, 0]))));
      expect(bench.values()).toEqual({ ...right(1), ...ofEm("out-of-range") });
    },
  ],
];

/** Why the other cells of the table cannot be. */
const NOT_APPLICABLE: Readonly<Record<string, string>> = {
  "exception 2, 4, 6": "a publication has no answer that could refuse",
  "SF missing": "numbers come as text in their unit",
  "write, verify, reversion": "the device is a meter: nothing can be written to it",
};

let broker: Mosquitto | null = null;

afterAll(async () => {
  await closeLinks();
  await broker?.remove();
});

withBroker(
  `Shelly: no cell gives a wrong number or a gap that is not told${remark}`,
  async () => {
    broker = await Mosquitto.start();
    const cells = await Promise.all(
      FAULTS.map(async ([name, strike], index) => {
        const proxy = await proxyTo((broker as Mosquitto).port);
        const bench = new Bench(broker as Mosquitto, proxy, `shelly-${index}`);
        const run = async (): Promise<void> => {
          await bench.tell(1);
          expect(bench.values()).toEqual(right(1));
          await strike(bench);
          await bench.tell(3);
          expect(bench.values()).toEqual(right(3));
        };
        const result = await run().then(
          () => "ok",
          (error: unknown) => String(error),
        );
        await bench.link.close();
        await proxy.close();
        return `${name.padEnd(16)} ${result}`;
      }),
    );
    const left = Object.entries(NOT_APPLICABLE).map(([name, why]) => `${name.padEnd(26)} – ${why}`);
    if (!cells.every((cell) => cell.endsWith(" ok"))) throw new Error([...cells, ...left].join("\n"));
    expect(cells).toHaveLength(FAULTS.length);
  },
  120_000,
);
