import { spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect } from "@jest/globals";
import { measured, missing } from "@micromarket/kernel";
import { CommandReceiver, MqttDevice, type MqttMessage } from "@micromarket/link-mqtt";
import { brokerTest } from "./broker-test.ts";
import { closeLinks, now, openLink } from "./link-probe.ts";
import { profileNamed } from "./message.ts";
import { Mosquitto } from "./mosquitto.ts";

const { withBroker, remark } = brokerTest();

const brokers: Mosquitto[] = [];

async function startBroker(...args: Parameters<typeof Mosquitto.start>): Promise<Mosquitto> {
  const broker = await Mosquitto.start(...args);
  brokers.push(broker);
  return broker;
}

afterEach(async () => {
  await closeLinks();
  await Promise.all(brokers.splice(0).map((broker) => broker.remove()));
});

const echo = { topic: "own/echo", everyMs: 20, deadlineMs: 1_000 };
const command = { kind: "limit_import_w", value: 4_200 };
const valid = { validForMs: 10_000 };

function shelly() {
  const device = new MqttDevice(profileNamed("shelly-pro-3em"), "shelly", now);
  const power = () => device.readings().readings[0]?.value;
  return { device, power, filters: device.topics(), take: (message: MqttMessage) => void device.accept(message) };
}

describe(`with Mosquitto${remark}`, () => {
  withBroker("readings flow over MQTT 5, and again after the broker was killed and started anew", async () => {
    const broker = await startBroker();
    const { power, filters, take } = shelly();
    const probe = openLink({ port: broker.port, filters, echo }, take);
    await probe.untilState("connected");
    expect(probe.link.status).toMatchObject({ protocol: "5", lastFailure: null, refusedFilters: [] });
    await broker.publish(["-t", "shelly/status/em:0", "-m", '{"total_act_power":-1228.8}']);
    await probe.until(() => probe.messages.length === 1);
    expect(power()).toEqual(measured(-1229));

    await broker.kill();
    await probe.untilState("waiting");
    expect(probe.link.status.lastFailure).not.toBeNull();
    await broker.start();
    await probe.untilState("connected");
    await broker.publish(["-t", "shelly/status/em:0", "-m", '{"total_act_power":7}', "-q", "1"]);
    await probe.until(() => probe.messages.length === 2);
    expect(power()).toEqual(measured(7));
    expect(probe.link.metrics).toMatchObject({ connections: 2, messagesHandled: 2 });
  });

  withBroker("what the broker had stored counts as stale, before and after a live reading", async () => {
    const broker = await startBroker();
    await broker.publish(["-r", "-t", "shelly/status/em:0", "-m", '{"total_act_power":1}']);
    const { power, filters, take } = shelly();
    const probe = openLink({ port: broker.port, filters, clientId: "cut" }, take);
    await probe.until(() => probe.messages.length === 1);
    expect(probe.messages[0]?.retained).toBe(true);
    expect(power()).toEqual(missing("stale"));
    // The publisher's own mark does not matter: this one comes while the subscription stands.
    await broker.publish(["-r", "-t", "shelly/status/em:0", "-m", '{"total_act_power":2}']);
    await probe.until(() => probe.messages.length === 2);
    expect(probe.messages[1]?.retained).toBe(false);
    expect(power()).toEqual(measured(2));

    await broker.publish(["-i", "cut", "-t", "other", "-m", "takes the connection over"]);
    await probe.until(() => probe.messages.length === 3);
    expect(probe.link.metrics.connections).toBe(2);
    expect(probe.messages[2]?.retained).toBe(true);
    expect(power()).toEqual(measured(2));
    await broker.publish(["-t", "shelly/online", "-m", "false"]);
    await probe.until(() => probe.messages.some(({ topic }) => topic === "shelly/online"));
    expect(power()).toEqual(missing("device-silent"));
  });

  withBroker("a command while offline is refused, and is not delivered when the broker is back", async () => {
    const broker = await startBroker();
    const sender = openLink({ port: broker.port, filters: [] });
    await sender.untilState("connected");
    await broker.kill();
    await sender.untilState("waiting");
    expect(await sender.link.publishCommand("cmd/a", command, valid)).toMatchObject({
      ok: false,
      error: { code: "OFFLINE", state: expect.stringMatching("waiting|connecting") },
    });
    await broker.start();
    const receiver = openLink({ port: broker.port, filters: ["cmd/+"] });
    await Promise.all([sender.untilState("connected"), receiver.untilState("connected")]);
    expect(await sender.link.publishCommand("cmd/b", command, valid)).toMatchObject({ ok: true });
    await receiver.until(() => receiver.messages.length > 0);
    expect(receiver.messages.map(({ topic }) => topic)).toEqual(["cmd/b"]);
    expect(sender.link.metrics).toMatchObject({ commandsRefused: 1, commandsSent: 1, commandsAcknowledged: 1 });
  });

  withBroker("ten thousand commands while offline leave nothing behind, neither in memory nor for later", async () => {
    const broker = await startBroker();
    const sender = openLink({ port: broker.port, filters: [] });
    await sender.untilState("connected");
    await broker.kill();
    await sender.untilState("waiting");
    const sent = Array.from({ length: 10_000 }, () => sender.link.publishToDevice("cmnd/a/POWER", "ON", valid));
    expect((await Promise.all(sent)).filter(({ ok }) => ok)).toEqual([]);
    expect(sender.link.metrics).toMatchObject({ commandsRefused: 10_000, commandsSent: 0 });
    await broker.start();
    const receiver = openLink({ port: broker.port, filters: ["cmnd/#"] });
    await Promise.all([sender.untilState("connected"), receiver.untilState("connected")]);
    expect(await sender.link.publishToDevice("cmnd/a/POWER", "OFF", valid)).toEqual({ ok: true, value: null });
    await receiver.until(() => receiver.messages.length > 0);
    expect(receiver.texts()).toEqual(["OFF"]);
  });

  withBroker("a command that the broker never answered is not sent again after the reconnect", async () => {
    const broker = await startBroker();
    const sender = openLink({ port: broker.port, filters: [] });
    await sender.untilState("connected");
    broker.signal("SIGSTOP");
    const late = await sender.link.publishCommand("cmd/late", command, { validForMs: 50 });
    expect(late).toEqual({ ok: false, error: { code: "NO_ANSWER" } });
    const cut = sender.link.publishCommand("cmd/cut", command, valid);
    await broker.kill();
    expect(await cut).toEqual({ ok: false, error: { code: "CONNECTION_LOST" } });
    await sender.untilState("waiting");
    await broker.start();
    const receiver = openLink({ port: broker.port, filters: ["cmd/+"] });
    await Promise.all([sender.untilState("connected"), receiver.untilState("connected")]);
    await sender.link.publishCommand("cmd/new", command, valid);
    await receiver.until(() => receiver.messages.length > 0);
    expect(receiver.messages.map(({ topic }) => topic)).toEqual(["cmd/new"]);
  });

  withBroker("a command is done by who receives it in time, once, and never when it was stored", async () => {
    const broker = await startBroker();
    const sender = openLink({ port: broker.port, filters: [] });
    const receiver = openLink({ port: broker.port, filters: ["cmd/+"] });
    await Promise.all([sender.untilState("connected"), receiver.untilState("connected")]);
    const sent = await sender.link.publishCommand("cmd/a", command, valid);
    await receiver.until(() => receiver.messages.length === 1);
    const commands = new CommandReceiver({ now });
    const [message] = receiver.messages;
    if (message === undefined || !sent.ok) throw new Error("nothing came");
    expect(message.retained).toBe(false);
    expect(commands.accept(message)).toMatchObject({ ok: true, value: { id: sent.value.id } });
    expect(commands.accept(message)).toEqual({ ok: false, error: "REPEATED" });
    const afterwards = openLink({ port: broker.port, filters: ["cmd/+"] });
    await afterwards.untilState("connected");
    await broker.publish(["-t", "cmd/end", "-m", "x"]);
    await afterwards.until(() => afterwards.messages.length > 0);
    expect(afterwards.texts()).toEqual(["x"]);
  });

  withBroker("a flood of one topic is bounded and does not hide another", async () => {
    const broker = await startBroker();
    const limits = { messagesPerSecondMax: 5 };
    const probe = openLink({ port: broker.port, filters: ["flood", "calm"], limits });
    await probe.untilState("connected");
    const lines = Array.from({ length: 5_000 }, (_, index) => `${index}\n`).join("");
    await broker.publish(["-t", "flood", "-l"], lines);
    await broker.publish(["-t", "calm", "-m", "here", "-q", "1"]);
    await probe.until(() => probe.texts().includes("here"));
    const { messagesReceived, messagesHandled, droppedTooFast, droppedQueueFull } = probe.link.metrics;
    expect(messagesReceived).toBeGreaterThan(1_000); // the broker may drop some itself
    expect(droppedTooFast).toBeGreaterThan(messagesReceived / 2);
    expect(probe.messages.length + droppedTooFast + droppedQueueFull).toBe(messagesReceived);
    expect(messagesHandled).toBeLessThanOrEqual(probe.messages.length);
    expect(probe.link.status.state).toBe("connected");
  });

  withBroker("a message that is too large does not come; what follows it does", async () => {
    const broker = await startBroker();
    const probe = openLink({ port: broker.port, filters: ["a"] });
    await probe.untilState("connected");
    await broker.publish(["-t", "a", "-s", "-q", "1"], "9".repeat(2_000_000));
    await broker.publish(["-t", "a", "-s", "-q", "1"], "9".repeat(67_000));
    await broker.publish(["-t", "a", "-m", "small", "-q", "1"]);
    await probe.until(() => probe.messages.length > 0);
    expect(probe.texts()).toEqual(["small"]);
    expect(probe.link.metrics).toMatchObject({ connections: 1, droppedTooLarge: 1 });
  });

  withBroker("a broker that falls silent on an open connection is noticed by the echo", async () => {
    const broker = await startBroker();
    const probe = openLink({ port: broker.port, echo: { ...echo, deadlineMs: 200 }, filters: [] });
    await probe.untilState("connected");
    await probe.until(() => probe.link.metrics.echoesReceived >= 15); // for longer than the deadline
    expect(probe.link.metrics.failures).toBe(0);
    broker.signal("SIGSTOP");
    await probe.untilState("waiting");
    expect(probe.link.status.lastFailure).toContain('"own/echo" did not come back within 200 ms');
    broker.signal("SIGCONT");
    await probe.untilState("connected");
  });

  withBroker(
    "a broker that falls silent on an open connection is noticed by the keep-alive, where there is no echo",
    async () => {
      const broker = await startBroker();
      const probe = openLink({ port: broker.port, keepAliveS: 1, filters: [] });
      await probe.untilState("connected");
      broker.signal("SIGSTOP");
      await probe.untilState("waiting");
      expect(probe.link.status.lastFailure).toBe("Keepalive timeout");
    },
  );

  withBroker("a granted subscription is no proof: a forbidden echo topic never becomes connected", async () => {
    const acl = { acl: "topic readwrite open/#\n" };
    const broker = await startBroker(["allow_anonymous true", "acl_file FOLDER/acl"], acl);
    const limits = { connectDeadlineMs: 300 };
    const forbidden = openLink({ port: broker.port, filters: [], echo, limits });
    await forbidden.untilState("waiting");
    expect(forbidden.link.status.lastFailure).toContain("may this client publish and read there?");
    expect(forbidden.link.metrics.connections).toBe(0);
    const allowed = openLink({ port: broker.port, filters: [], echo: { ...echo, topic: "open/echo" } });
    await allowed.untilState("connected");
    expect(await allowed.link.publishCommand("shut/cmd", command, valid)).toMatchObject({
      ok: false,
      error: { code: "REFUSED", reason: expect.stringContaining("Not authorized"), reasonCode: 135 },
    });
    expect(await allowed.link.publishCommand("open/cmd", command, valid)).toEqual({
      ok: false,
      error: { code: "NOBODY_LISTENS" },
    });
    expect(allowed.link.metrics).toMatchObject({ connections: 1, failures: 0 });
  });

  withBroker("a refused login is tried again", async () => {
    const broker = await startBroker(["allow_anonymous false"]);
    const probe = openLink({ port: broker.port, username: "site", password: "wrong" });
    await probe.until(() => probe.link.metrics.failures >= 2);
    expect(probe.link.status.lastFailure).toContain("Not authorized");
    await broker.kill();
    await broker.start();
    await probe.untilState("connected");
  });

  withBroker("two links with one client id throw each other out ever more slowly", async () => {
    const broker = await startBroker();
    const options = { port: broker.port, filters: [], clientId: "twins", backOff: { firstMs: 10, maxMs: 60_000 } };
    const first = openLink(options);
    await first.untilState("connected");
    const second = openLink(options);
    const waits = () => [first, second].map(({ statuses }) => statuses.flatMap(({ retryInMs }) => retryInMs ?? []));
    await first.until(() => first.link.metrics.failures >= 4);
    await second.until(() => second.link.metrics.failures >= 3);
    for (const some of waits()) expect(some.slice(0, 4)).toEqual([8, 15, 30, 60].slice(0, some.length));
    expect(first.link.status.lastFailure).toMatch(/reason 142|the connection broke/); // as the broker's version has it
  });

  withBroker(
    "a device that is killed is silent by its will, at once and not when its last word grows old",
    async () => {
      const broker = await startBroker();
      const { device, power, filters, take } = shelly();
      const probe = openLink({ port: broker.port, filters }, take);
      await probe.untilState("connected");
      const will = ["--will-topic", "shelly/online", "--will-payload", "false", "--will-retain"];
      const words = ["-h", "127.0.0.1", "-p", String(broker.port), "-t", "shelly/status/em:0", "-l", ...will];
      const publisher = spawn("mosquitto_pub", words, { stdio: ["pipe", "ignore", "ignore"] });
      publisher.stdin.write('{"total_act_power":5}\n');
      await probe.until(() => probe.messages.length === 1);
      expect(power()).toEqual(measured(5));
      publisher.kill("SIGKILL");
      await probe.until(() => probe.messages.length === 2);
      const values = device.readings().readings.map(({ value }) => value);
      expect(values).toEqual(values.map(() => missing("device-silent")));
    },
  );

  withBroker("nothing is kept for a link while it is away: no session outlives its connection", async () => {
    const broker = await startBroker();
    const first = openLink({ port: broker.port, filters: ["cmd/+"], clientId: "same" });
    await first.untilState("connected");
    await first.link.close();
    await broker.publish(["-t", "cmd/missed", "-m", "x", "-q", "1"]);
    const again = openLink({ port: broker.port, filters: ["cmd/+"], clientId: "same" });
    await again.untilState("connected");
    await broker.publish(["-t", "cmd/new", "-m", "y", "-q", "1"]);
    await again.until(() => again.messages.length > 0);
    expect(again.messages.map(({ topic }) => topic)).toEqual(["cmd/new"]);
  });

  withBroker("a street that loses its broker does not come back in one instant", async () => {
    const broker = await startBroker();
    const street = Array.from({ length: 20 }, (_, index) => {
      const backOff = { firstMs: 400, maxMs: 3_000 };
      return openLink({
        port: broker.port,
        filters: [],
        clientId: `street-${index}`,
        backOff,
        random: () => index / 20,
      });
    });
    await Promise.all(street.map((probe) => probe.untilState("connected")));
    await broker.kill();
    await Promise.all(street.map((probe) => probe.until(() => probe.link.metrics.failures >= 2)));
    const waits = street.map(({ statuses }) => statuses.flatMap(({ retryInMs }) => retryInMs ?? []).slice(0, 2));
    expect(waits).toEqual(street.map((_, index) => [200 + 10 * index, 400 + 20 * index]));
    await broker.start();
    await Promise.all(street.map((probe) => probe.untilState("connected")));
  });

  withBroker("an exception of the handler loses its message and nothing else", async () => {
    const broker = await startBroker();
    const probe = openLink({ port: broker.port, filters: ["a"] }, ({ payload }) => {
      if (payload.length === 1) throw new Error("one");
    });
    await probe.untilState("connected");
    await broker.publish(["-t", "a", "-m", "1", "-q", "1"]);
    await broker.publish(["-t", "a", "-m", "22", "-q", "1"]);
    await probe.until(() => probe.messages.length === 2);
    await probe.until(() => probe.link.metrics.messagesHandled === 1);
    expect(probe.link.metrics).toMatchObject({ handlerFailures: 1, messagesHandled: 1, connections: 1 });
  });

  withBroker("TLS: the broker's certificate is checked, the client's is its name", async () => {
    const broker = await startBroker();
    await broker.kill();
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    const [key, cert] = ["key.pem", "cert.pem"].map((name) => join(broker.folder, name)) as [string, string];
    const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", ...subject];
    expect(spawnSync("openssl", [...request, "-keyout", key, "-out", cert]).status).toBe(0);
    const files = ["cafile FOLDER/cert.pem", "certfile FOLDER/cert.pem", "keyfile FOLDER/key.pem"];
    writeFileSync(join(broker.folder, "acl"), "user 127.0.0.1\ntopic readwrite own/#\n", { mode: 0o600 });
    const names = ["require_certificate true", "use_identity_as_username true", "acl_file FOLDER/acl"];
    await broker.start([...files, ...names]);
    const url = `mqtts://127.0.0.1:${broker.port}`;
    const own = { key: readFileSync(key), cert: readFileSync(cert) };
    const trusting = openLink({ port: broker.port, url, tls: { ...own, ca: own.cert }, echo, filters: [] });
    await trusting.untilState("connected");
    const distrusting = openLink({ port: broker.port, url, tls: own, filters: [] });
    await distrusting.untilState("waiting");
    expect(distrusting.link.status.lastFailure).toMatch(/self.signed certificate/);
    // The echo above came back by the certificate's name alone; another topic is not that name's.
    const elsewhere = { ...echo, topic: "other/echo" };
    const tls = { ...own, ca: own.cert };
    const limits = { connectDeadlineMs: 500 };
    const confined = openLink({ port: broker.port, url, tls, echo: elsewhere, filters: [], limits });
    await confined.untilState("waiting");
    expect(confined.link.metrics.connections).toBe(0);
    const nameless = openLink({ port: broker.port, url, tls: { ca: own.cert }, echo, filters: [] });
    await nameless.until(() => nameless.link.metrics.failures >= 2);
    expect(nameless.link.metrics.connections).toBe(0);
    expect(trusting.link.status.state).toBe("connected");
  });
});
