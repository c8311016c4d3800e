/**
 * Messages a second from a real broker into readings: through `MqttLink` and `MqttDevice`, beside a bare loop over the
 * library (`mqtt`) that parses the same JSON with `JSON.parse` and takes the same values as floats. Both hear the same
 * messages of the same Mosquitto, in interleaved rounds. CPU time is of this process: the broker and the publisher, which
 * bound what the clock shows, are others.
 */
import { cpus } from "node:os";
import mqtt from "mqtt";
import { instantMs } from "@micromarket/kernel";
import { loadProfile, MqttDevice, MqttLink } from "@micromarket/link-mqtt";
import { Mosquitto } from "../test/mosquitto.ts";

const ROUNDS = 5;
const MESSAGES = 20_000;
const ID = "shellypro3em-ec62608840a4";
const POINTS = ["act_power", "voltage"];
/** Nothing is dropped here. */
const LIMITS = { messagesPerSecondMax: 1e9, queueLengthMax: 1e9 };

/** What a Shelly Pro 3EM publishes of a three-phase meter. */
const lines = Array.from({ length: MESSAGES }, (_, index) => {
  const phases = ["a", "b", "c"].map((phase) => {
    const power = `"${phase}_act_power":${(index % 4_000) - 500}.${index % 10},"${phase}_aprt_power":951.2`;
    return `"${phase}_current":4.029,"${phase}_voltage":236.${index % 10},${power},"${phase}_pf":0.78,"${phase}_freq":50`;
  });
  const total = `"total_current":11.116,"total_act_power":${(index % 9_000) - 1_500}.${index % 10}`;
  return `{"id":0,${phases.join(",")},"n_current":null,${total},"total_aprt_power":2525.5,"user_calibrated_phase":[]}\n`;
}).join("");

interface Sample {
  readonly ms: number;
  readonly cpuMs: number;
  /** Of all powers that were read, so that nobody counts what was not done. */
  readonly sum: number;
}

/** A way to take messages in: connects, says how many have come, and what they add up to. */
type Way = (url: string) => Promise<{ count: () => number; sum: () => number; close: () => Promise<void> }>;

const byLink: Way = async (url) => {
  const profile = loadProfile("shelly-pro-3em", { folder: "packages/link-mqtt/profiles" });
  if (!profile.ok) throw new Error(profile.error[0]?.what);
  const now = () => instantMs(Date.now());
  const device = new MqttDevice(profile.value, ID, now);
  let sum = 0;
  const subscriptions = device.topics().map((filter) => ({ filter, qos: 1 as const }));
  let up = (): void => undefined;
  const connected = new Promise<void>((resolve) => (up = resolve));
  const opened = MqttLink.open(
    { url, clientId: "bench-link", subscriptions, limits: LIMITS },
    {
      now,
      onMessage: (message) => {
        device.accept(message);
        const [power] = device.readings().readings;
        if (power?.value.kind === "value") sum += power.value.value;
      },
      onStatus: ({ state }) => {
        if (state === "connected") up();
      },
    },
  );
  if (!opened.ok) throw new Error(opened.error.what);
  await connected;
  const link = opened.value;
  return { count: () => link.metrics.messagesHandled, sum: () => sum, close: () => link.close() };
};

const bare: Way = async (url) => {
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, clientId: "bench-bare" });
  const last: Record<string, number> = {};
  let [count, sum] = [0, 0];
  client.on("message", (_topic, payload) => {
    const value = JSON.parse(payload.toString()) as Record<string, number>;
    for (const phase of ["a", "b", "c"])
      for (const name of POINTS) last[name] = value[`${phase}_${name}`] ?? Number.NaN;
    sum += Math.round(value["total_act_power"] ?? Number.NaN);
    count += 1;
  });
  await client.subscribeAsync(`${ID}/status/em:0`, { qos: 1 });
  return { count: () => count, sum: () => sum, close: () => client.endAsync() };
};

async function measure(broker: Mosquitto, way: Way): Promise<Sample> {
  const taker = await way(`mqtt://127.0.0.1:${broker.port}`);
  const [startedAt, before] = [process.hrtime.bigint(), process.cpuUsage()];
  const published = broker.publish(["-q", "1", "-t", `${ID}/status/em:0`, "-l"], lines);
  while (taker.count() < MESSAGES) await new Promise((resolve) => setTimeout(resolve, 2));
  const ms = Number(process.hrtime.bigint() - startedAt) / 1e6;
  const { user, system } = process.cpuUsage(before);
  const sum = taker.sum();
  await published;
  await taker.close();
  return { ms, cpuMs: (user + system) / 1_000, sum };
}

function median(samples: readonly Sample[], of: "ms" | "cpuMs"): number {
  return samples.map((sample) => sample[of]).sort((a, b) => a - b)[samples.length >> 1] ?? Number.NaN;
}

const broker = await Mosquitto.start(["allow_anonymous true", "max_queued_messages 0", "max_inflight_messages 0"]);
try {
  const samples: Record<string, Sample[]> = { "MqttLink + MqttDevice": [], "mqtt + JSON.parse": [] };
  const [own, peer] = Object.values(samples) as [Sample[], Sample[]];
  for (let round = -1; round < ROUNDS; round++) {
    const [one, other] = [await measure(broker, byLink), await measure(broker, bare)];
    if (one.sum !== other.sum) throw new Error(`the ways do not agree: ${one.sum} and ${other.sum}`);
    if (round < 0) continue; // warm-up
    own.push(one);
    peer.push(other);
  }
  const machine = `${cpus()[0]?.model ?? "unknown CPU"}, node ${process.version}`;
  const bytes = Math.round(lines.length / MESSAGES);
  console.log(`\nmessages of ${bytes} bytes into readings of 8 points, QoS 1, from Mosquitto on this machine`);
  console.log(`  ${machine}, ${MESSAGES} messages a round, medians of ${ROUNDS} interleaved rounds`);
  for (const [name, some] of Object.entries(samples)) {
    const [ms, cpuMs] = [median(some, "ms"), median(some, "cpuMs")];
    const rate = Math.round((MESSAGES / ms) * 1_000);
    console.log(
      `  ${name.padEnd(22)} ${rate} messages/s on the clock, ${((cpuMs * 1_000) / MESSAGES).toFixed(1)} µs CPU each`,
    );
  }
  const [clock, cpu] = (["ms", "cpuMs"] as const).map((of) => (median(own, of) / median(peer, of)).toPrecision(3));
  console.log(`  × peer: ${clock} on the clock, ${cpu} CPU`);
} finally {
  await broker.remove();
}
