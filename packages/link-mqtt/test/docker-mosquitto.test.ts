/** Mosquitto with exactly the files of docker/mosquitto, and certificates made as its README says. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { measured, missing, priceMicro, watts } from "@micromarket/kernel";
import { MarketFacade } from "@micromarket/link-mqtt";
import { brokerTest } from "./broker-test.ts";
import { Changes, closeLinks, now, openLink } from "./link-probe.ts";
import { Mosquitto } from "./mosquitto.ts";

const { withBroker, remark } = brokerTest();
const FILES = new URL("../../../docker/mosquitto/", import.meta.url);
const [conf, acl, readme] = ["mosquitto.conf", "acl", "README.md"].map((name) =>
  readFileSync(new URL(name, FILES), "utf8"),
) as [string, string, string];
const command = { kind: "limit_import_w", value: 4_200 };
const valid = { validForMs: 10_000 };

let folder = "";
let broker: Mosquitto | null = null;
const facades: MarketFacade[] = [];

/** The README's blocks of shell lines, with the names of a client and of this machine put in. */
function runReadme(section: string, client: string): void {
  const block = [...readme.matchAll(/```sh\n([^`]*)```/g)]
    .map(([, text = ""]) => text)
    .find((text) => text.includes(section));
  const script = (block ?? "false")
    .replaceAll("house-7", client)
    .replaceAll("DNS:broker.example.org,IP:192.0.2.7", "IP:127.0.0.1");
  const { status, stderr } = spawnSync("sh", ["-e", "-c", script], { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}

/** Certificates of a client, from the authority of `folder`. */
function keysOf(client: string) {
  const [key, cert, ca] = [`${client}.key`, `${client}.crt`, "ca.crt"].map((name) => readFileSync(join(folder, name)));
  if (key === undefined || cert === undefined || ca === undefined) throw new Error(client);
  return { key, cert, ca };
}

/** The configuration with the paths and the port of this test. */
function settings(more: (text: string) => string = (text) => text): readonly string[] {
  const own = more(conf)
    .replace(/^listener .*$/m, "")
    .replaceAll("/mosquitto/certs", folder)
    .replace("/mosquitto/config/acl", "FOLDER/acl")
    .replace("/mosquitto/data/", `${folder}/data/`);
  return own.split("\n");
}

function open(client: string, filters: readonly string[] = [], more: Partial<Parameters<typeof openLink>[0]> = {}) {
  const port = broker?.port ?? 0;
  return openLink({ port, url: `mqtts://127.0.0.1:${port}`, tls: keysOf(client), filters, ...more });
}

beforeAll(async () => {
  if (withBroker === test.skip) return;
  folder = mkdtempSync(join(tmpdir(), "certificates-"));
  mkdirSync(join(folder, "data"));
  runReadme("-x509 -new -key ca.key", "");
  runReadme("out broker.csr", "");
  for (const client of ["house-7", "house-8", "market", "homeassistant"]) runReadme("house-7.csr", client);
  broker = await Mosquitto.start(settings(), { acl });
});

afterEach(async () => {
  await Promise.all(facades.splice(0).map((facade) => facade.close()));
  await closeLinks();
});

afterAll(async () => {
  await broker?.remove();
  if (folder !== "") rmSync(folder, { recursive: true });
});

describe(`with Mosquitto and docker/mosquitto${remark}`, () => {
  withBroker("a site writes its own topics, and not another's", async () => {
    const echo = { topic: "micromarket/house-7/echo", everyMs: 50, deadlineMs: 20_000 };
    const [site, market] = [open("house-7", [], { echo }), open("market", ["micromarket/#"])];
    await Promise.all([site.untilState("connected"), market.untilState("connected")]);
    expect(await site.link.publishFact("micromarket/house-7/power_w", "5")).toEqual({ ok: true, value: null });
    const foreign = [
      "micromarket/house-8/power_w",
      "micromarket/market/price",
      "micromarket/house-77/x",
      "devices/house-8/x",
    ];
    const more = ["homeassistant/sensor/house-8/power_w/config", "homeassistant/status", "other"];
    for (const topic of [...foreign, ...more]) {
      expect(await site.link.publishCommand(topic, command, valid)).toMatchObject({
        error: { code: "REFUSED", reason: expect.stringContaining("Not authorized") },
      });
    }
    await market.until(() => market.messages.some(({ topic }) => topic === "micromarket/house-7/power_w"));
    expect(market.messages.filter(({ topic }) => !topic.startsWith("micromarket/house-7/"))).toEqual([]);
    expect(site.link.metrics).toMatchObject({ connections: 1, failures: 0 });
  });

  withBroker("a subscription to everything is granted, and delivers only what is allowed", async () => {
    const [own, market, neighbour] = [open("house-7", ["#"]), open("market"), open("house-8")];
    await Promise.all([own, market, neighbour].map((probe) => probe.untilState("connected")));
    expect(own.link.status.refusedFilters).toEqual([]);
    await neighbour.link.publishFact("micromarket/house-8/power_w", "secret");
    await neighbour.link.publishFact("devices/house-8/plug", "secret");
    await market.link.publishFact("micromarket/market/price", "open");
    await own.link.publishFact("micromarket/house-7/status", "mine");
    await own.until(() => own.messages.length >= 2);
    expect(own.texts().sort()).toEqual(["mine", "open"]);
  });

  withBroker("Home Assistant reads every site, and writes nothing but its own status", async () => {
    const [assistant, site] = [open("homeassistant", ["#"]), open("house-7", ["homeassistant/status"])];
    await Promise.all([assistant.untilState("connected"), site.untilState("connected")]);
    await site.link.publishFact("homeassistant/sensor/house-7/power_w/config", "{}");
    await assistant.link.publishFact("homeassistant/status", "online");
    await site.until(() => site.texts().includes("online"));
    await assistant.until(() => assistant.messages.length >= 1);
    expect(assistant.messages.map(({ topic }) => topic)).toContain("homeassistant/sensor/house-7/power_w/config");
    expect(await assistant.link.publishFact("micromarket/house-7/power_w", "0")).toMatchObject({
      error: { code: "REFUSED" },
    });
  });

  withBroker("nobody comes in without a certificate, with another authority's, or with the broker's own", async () => {
    const { ca } = keysOf("house-7");
    const foreign = { key: join(folder, "foreign.key"), cert: join(folder, "foreign.crt") };
    const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const made = spawnSync("openssl", [
      ...request,
      "-subj",
      "/CN=house-7",
      "-keyout",
      foreign.key,
      "-out",
      foreign.cert,
    ]);
    expect(made.status).toBe(0);
    const strangers = [
      { ca },
      { ca, key: readFileSync(foreign.key), cert: readFileSync(foreign.cert) },
      { ...keysOf("broker"), ca }, // made for servers only
    ].map((tls) => open("house-7", [], { tls }));
    for (const stranger of strangers) {
      await stranger.until(() => stranger.link.metrics.failures >= 2);
      expect(stranger.link.metrics.connections).toBe(0);
    }
    const plain = openLink({ port: broker?.port ?? 0, limits: { connectDeadlineMs: 500 } });
    await plain.until(() => plain.link.metrics.failures >= 2);
    expect(plain.link.metrics.connections).toBe(0);
  });

  withBroker("a user name beside the certificate changes nothing", async () => {
    const site = open("house-7", [], { username: "market", password: "market" });
    await site.untilState("connected");
    expect(await site.link.publishFact("micromarket/market/price", "0")).toMatchObject({ error: { code: "REFUSED" } });
  });

  withBroker("a site's facade works with nothing but these rights, and its status outlives the broker", async () => {
    const changes = new Changes();
    const url = `mqtts://127.0.0.1:${broker?.port}`;
    const discovery = { name: "House 8", currency: "EUR", expireAfterS: 90, softwareVersion: "0.1.0" };
    const opened = MarketFacade.open(
      { url, tls: keysOf("house-8"), site: "house-8", discovery, backOff: { firstMs: 10, maxMs: 50 } },
      { now, onStatus: () => changes.tell() },
    );
    if (!opened.ok) throw new Error(opened.error.what);
    const facade = opened.value;
    facades.push(facade);
    await changes.until(
      () => facade.link.status.state === "connected",
      () => facade.link.status,
    );
    expect(await facade.announce()).toEqual({ ok: true, value: null });
    const values = { at: now(), power: measured(watts(5)), imported: missing("gap"), exported: missing("gap") };
    expect(await facade.publish({ ...values, price: priceMicro(1), market: "trading" })).toMatchObject({ ok: true });
    await broker?.end();
    await broker?.start(settings());
    const late = open("market", ["micromarket/house-8/status"]);
    await late.until(() => late.messages.length > 0);
    expect(late.messages[0]?.retained).toBe(true);
  });

  withBroker("a withdrawn certificate does not come in any more", async () => {
    runReadme("-revoke house-7.crt", "house-7");
    await broker?.end();
    await broker?.start(settings((text) => text.replace("#crlfile", "crlfile")));
    const [withdrawn, other] = [open("house-7"), open("house-8")];
    await other.untilState("connected");
    await withdrawn.until(() => withdrawn.link.metrics.failures >= 2);
    expect(withdrawn.link.metrics.connections).toBe(0);
  });
});
