/** The broker of a run: Mosquitto where it is installed, otherwise the simulator's own in a process of its own. */
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { endChild, startChild, type Child } from "./child.ts";

/** A broker that runs, and can be killed and started anew at the same address. */
export interface Broker {
  readonly url: string;
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
}

const LOOPBACK = "127.0.0.1";
/** Debian puts it where only root looks. */
const PLACES = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"];
/** Below the ports that systems give to whoever asks for any. */
const PORTS = { from: 20_000, through: 32_000 };

/** Where Mosquitto is; `null`: not on this machine. */
export function mosquittoHere(): string | null {
  const program = PLACES.find((path) => existsSync(path)) ?? "mosquitto";
  return spawnSync(program, ["-h"]).error === undefined ? program : null;
}

/** Starts a broker that keeps its files in `folder`; `script` is that of the simulator's own. */
export async function startBroker(folder: string, script: string): Promise<Broker> {
  const port = await freePort();
  const mosquitto = mosquittoHere();
  const settings = join(folder, "mosquitto.conf");
  const user = process.getuid?.() === 0 ? ["user root"] : [];
  writeFileSync(
    settings,
    [...user, "persistence false", `listener ${port} ${LOOPBACK}`, "allow_anonymous true", ""].join("\n"),
  );
  let running: Child | null = null;
  const start = async (): Promise<void> => {
    const started =
      mosquitto === null
        ? startChild(process.execPath, [script, String(port)])
        : startChild(mosquitto, ["-c", settings]);
    running = started;
    while (!(await isOpen(port))) {
      if (started.end() !== null) throw new Error(`the broker does not start: ${started.log.join("\n")}`);
      await delay(20);
    }
  };
  await start();
  return {
    url: `mqtt://${LOOPBACK}:${port}`,
    start,
    kill: async () => {
      if (running?.end() === null) await endChild(running, "SIGKILL");
    },
  };
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, LOOPBACK, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** A port of this machine that nobody listens on. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.through);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false)).listen(port, LOOPBACK, () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}
