/** The street's MQTT devices at a broker that is not ours, heard by a client that is not ours. */
import { execFile, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, expect, test } from "@jest/globals";
import { durationMs } from "@micromarket/kernel";
import { start } from "./started.ts";

const BROKER = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"].find((path) => existsSync(path)) ?? "mosquitto";
const isThere = [BROKER, "mosquitto_sub"].every((tool) => spawnSync(tool, ["--help"]).error === undefined);
const withBroker = isThere || process.env["CI"] === "true" ? test : test.skip;
const putAway: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of putAway.splice(0).reverse()) await close();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function startBroker(folder: string, port: number): Promise<ChildProcess> {
  const user = process.getuid?.() === 0 ? ["user root"] : [];
  const settings = [...user, "persistence false", `listener ${port} 127.0.0.1`, "allow_anonymous true", ""];
  writeFileSync(join(folder, "mosquitto.conf"), settings.join("\n"));
  const broker = spawn(BROKER, ["-c", join(folder, "mosquitto.conf")], { stdio: "ignore" });
  putAway.push(() => broker.kill("SIGKILL"));
  while (!(await isOpen(port))) await setTimeout(10);
  return broker;
}

/** The next `count` messages on `filter`, as Mosquitto's own client prints them. */
async function heard(port: number, filter: string, count: number): Promise<string[]> {
  const words = ["-h", "127.0.0.1", "-p", String(port), "-t", filter, "-C", String(count), "-W", "50", "-F", "%t %p"];
  const { stdout } = await promisify(execFile)("mosquitto_sub", words);
  return stdout.trim().split("\n");
}

withBroker("they publish to Mosquitto, and again when it has been killed and started anew", async () => {
  const folder = mkdtempSync(join(tmpdir(), "simulator-"));
  putAway.push(() => {
    rmSync(folder, { recursive: true });
  });
  const port = await freePort();
  const broker = await startBroker(folder, port);
  const simulator = await start({ broker: `mqtt://127.0.0.1:${port}`, publishEvery: durationMs(20) });
  expect(simulator.description.mqtt).toEqual({ url: `mqtt://127.0.0.1:${port}`, embedded: false });
  const { power } = simulator.street.read("home-2", "grid", simulator.virtualNow());
  const listen = async (): Promise<void> => {
    const [message = ""] = await heard(port, "shellypro3em-home-2/status/em:0", 1);
    expect(message).toContain(`"total_act_power":${power},`);
    expect(await heard(port, "shellypro3em-home-2/online", 1)).toEqual(["shellypro3em-home-2/online true"]);
    expect(await heard(port, "tele/tasmota-home-2-pv/LWT", 1)).toEqual(["tele/tasmota-home-2-pv/LWT Online"]);
  };
  await listen();
  const gone = once(broker, "exit");
  broker.kill("SIGKILL");
  await gone;
  await startBroker(folder, port);
  await listen();
  await simulator.stop();
  expect(await heard(port, "shellypro3em-home-4/online", 1)).toEqual(["shellypro3em-home-4/online false"]);
});
