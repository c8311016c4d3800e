import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { Aedes } from "aedes";
import { closeLinks, openLink } from "./link-probe.ts";
import { freePort } from "./mosquitto.ts";

/** aedes speaks MQTT 3.1.1 only. */
const old = { allowMqtt311: true };
const command = { kind: "limit_import_w", value: 4_200 };
const closers: (() => Promise<void>)[] = [];

async function listen(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onSocket(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  return (server.address() as AddressInfo).port;
}

async function startAedes() {
  const broker = await Aedes.createBroker();
  const port = await listen((socket) => {
    broker.handle(socket);
  });
  closers.push(async () => {
    await new Promise<void>((resolve) => {
      broker.close(resolve);
    });
  });
  const publish = async (topic: string, payload: string | Buffer, retain = false): Promise<void> => {
    await new Promise<void>((resolve, reject) => {
      broker.publish({ cmd: "publish", topic, payload, qos: 0, retain, dup: false }, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  };
  return { broker, port, publish };
}

afterEach(async () => {
  await closeLinks();
  for (const close of closers.splice(0).reverse()) await close();
});

describe("the version of the protocol", () => {
  test("is 5 or none, unless 3.1.1 is allowed", async () => {
    const { port, publish } = await startAedes();
    const strict = openLink({ port });
    await strict.until(() => strict.link.metrics.failures >= 3);
    expect(strict.link.status).toMatchObject({ protocol: "5", lastFailure: expect.stringMatching(/version/i) });
    expect(strict.link.metrics.connections).toBe(0);

    const lenient = openLink({ port, ...old });
    await lenient.untilState("connected");
    expect(lenient.link.status.protocol).toBe("3.1.1");
    await publish("a", "5");
    await lenient.until(() => lenient.messages.length === 1);
    expect(lenient.messages[0]).toMatchObject({ topic: "a", retained: false });
  });
});

describe("what arrives is bounded", () => {
  test("a payload that is too large is dropped, a packet that is too long ends the connection", async () => {
    const { port, publish } = await startAedes();
    const limits = { payloadBytesMax: 1_000, packetBytesMax: 100_000 };
    const probe = openLink({ port, limits, ...old });
    await probe.untilState("connected");
    await publish("a", Buffer.alloc(1_001));
    await publish("a", Buffer.alloc(1_000));
    await probe.until(() => probe.messages.length === 1);
    expect(probe.link.metrics).toMatchObject({ droppedTooLarge: 1, connections: 1 });
    await publish("a", Buffer.alloc(5_000_000));
    await probe.until(() => probe.link.metrics.failures === 2);
    expect(probe.link.status.lastFailure).toBe("the broker sent a packet that is too long");
    await probe.untilState("connected");
  });

  test("what a slow handler cannot take is dropped, the oldest first", async () => {
    const { port, publish } = await startAedes();
    let goOn = (): void => undefined;
    const first = new Promise<void>((resolve) => (goOn = resolve));
    const limits = { queueLengthMax: 2, messagesPerSecondMax: 1_000 };
    const probe = openLink({ port, limits, ...old }, () => first);
    await probe.untilState("connected");
    for (let index = 0; index < 10; index++) await publish("a", String(index));
    await probe.until(() => probe.link.metrics.messagesReceived === 10);
    expect(probe.link.metrics.droppedQueueFull).toBe(7);
    expect(probe.link.queueLength).toBe(2);
    goOn();
    await probe.until(() => probe.link.metrics.messagesHandled === 3);
    expect(probe.texts()).toEqual(["0", "8", "9"]);
  });
});

describe("commands", () => {
  test("a forbidden one, for which a 3.1.1 broker breaks the connection, is sent once and holds up no other", async () => {
    const { broker, port } = await startAedes();
    const attempts: string[] = [];
    broker.authorizePublish = (_client, { topic }, callback) => {
      attempts.push(topic);
      callback(topic === "shut" ? new Error("forbidden") : null);
    };
    const probe = openLink({ port, filters: ["open"], ...old });
    await probe.untilState("connected");
    const refused = await probe.link.publishCommand("shut", command, { validForMs: 10_000 });
    expect(refused).toEqual({ ok: false, error: { code: "CONNECTION_LOST" } });
    await probe.until(() => probe.link.metrics.connections === 2);
    expect(await probe.link.publishCommand("open", command, { validForMs: 10_000 })).toMatchObject({ ok: true });
    await probe.until(() => probe.messages.length === 1);
    expect(attempts).toEqual(["shut", "open"]);
  });

  test("that cannot be are refused, in this order", async () => {
    const { broker, port } = await startAedes();
    const limits = { payloadBytesMax: 300, commandsInFlightMax: 1 };
    const probe = openLink({ port, filters: [], limits, ...old });
    const send = (topic: string, body: Record<string, string>, validForMs: number) =>
      probe.link.publishCommand(topic, body, { validForMs });
    expect(await send("+", { id: "" }, 0)).toMatchObject({ error: { code: "OFFLINE", state: "connecting" } });
    await probe.untilState("connected");
    const long = "x".repeat(300);
    expect(await send("+", { id: long }, 0)).toEqual({ ok: false, error: { code: "TOPIC_INVALID" } });
    expect(await send("a", { id: long }, 0)).toEqual({ ok: false, error: { code: "BODY_RESERVED_KEY" } });
    for (const validForMs of [0, -1, 0.5, Number.NaN, 3_600_001]) {
      expect(await send("a", { long }, validForMs)).toEqual({ ok: false, error: { code: "VALIDITY_INVALID" } });
    }
    expect(await send("a", { long }, 1_000)).toEqual({ ok: false, error: { code: "TOO_LARGE" } });
    broker.authorizePublish = () => undefined; // never decides
    const first = send("a", {}, 10_000);
    expect(await send("a", {}, 10_000)).toEqual({ ok: false, error: { code: "TOO_MANY_IN_FLIGHT" } });
    await probe.link.close();
    expect(await first).toEqual({ ok: false, error: { code: "CONNECTION_LOST" } });
    expect(await send("a", {}, 10_000)).toMatchObject({ error: { code: "OFFLINE", state: "closed" } });
  });
});

describe("brokers that are none", () => {
  test("nobody listens", async () => {
    const probe = openLink({ port: await freePort() });
    await probe.until(() => probe.link.metrics.failures >= 3);
    expect(probe.link.status.lastFailure).toContain("ECONNREFUSED");
    expect(probe.statuses.slice(0, 4).map(({ state }) => state)).toEqual([
      "connecting",
      "waiting",
      "connecting",
      "waiting",
    ]);
  });

  test("a certificate that is none is a failure like another", async () => {
    const [url, tls] = ["mqtts://127.0.0.1:1", { cert: "none", key: "none" }];
    const probe = openLink({ port: 1, url, tls });
    await probe.until(() => probe.link.metrics.failures >= 2);
    expect(probe.link.status.lastFailure).toMatch(/PEM/i);
  });

  test("somebody listens and says nothing", async () => {
    const port = await listen(() => undefined);
    const probe = openLink({ port, limits: { connectDeadlineMs: 50 } });
    await probe.until(() => probe.link.metrics.failures >= 2);
    expect(probe.link.status.lastFailure).toMatch(/no answer from the broker within 50 ms|connack timeout/);
  });

  test.each([
    ["another protocol", "HTTP/1.1 400 Bad Request\r\n\r\n"],
    ["nothing but zeros", "\0".repeat(100)],
    ["a CONNACK and rubbish", "\x20\x03\x00\x00\x00\xff\xff\xff\xff\xff"],
    ["two CONNACKs", "\x20\x03\x00\x00\x00\x20\x03\x00\x00\x00"],
    ["a PUBLISH that is cut short", "\x20\x03\x00\x00\x00\x30\x03\x00\xff\x41"],
  ])("somebody says %s", async (_name, text) => {
    const port = await listen((socket) => {
      socket.write(text, "latin1");
    });
    const probe = openLink({ port, limits: { connectDeadlineMs: 200 } });
    await probe.until(() => probe.link.metrics.failures >= 2);
    expect(probe.link.metrics.connections).toBe(0);
  });
});

describe("closing", () => {
  test("works in every state, ends all attempts, and may be done twice", async () => {
    const { port } = await startAedes();
    const connecting = openLink({ port: await listen(() => undefined) });
    const waiting = openLink({ port: await freePort(), backOff: { firstMs: 60_000 } });
    const connected = openLink({ port, ...old });
    await Promise.all([waiting.untilState("waiting"), connected.untilState("connected")]);
    for (const { link } of [connecting, waiting, connected]) {
      await link.close();
      await link.close();
      expect(link.status.state).toBe("closed");
    }
    expect(waiting.link.metrics.attempts).toBe(1);
  });

  test("the broker hears it", async () => {
    const { broker, port } = await startAedes();
    const probe = openLink({ port, ...old });
    await probe.untilState("connected");
    const gone = once(broker, "clientDisconnect");
    await probe.link.close();
    await gone;
    expect(broker.connectedClients).toBe(0);
  });
});
