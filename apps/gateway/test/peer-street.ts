/** What tests with devices that are not ours share: a broker, children that end, and what the API says of settled slots. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { gatewayFile } from "./gateway-text.ts";
import { freePort, until } from "./processes.ts";

const children: ChildProcess[] = [];

/** Keeps a child to be ended by `endPeers`. */
export function keep<Child extends ChildProcess>(child: Child): Child {
  children.push(child);
  return child;
}

/** Ends all that were kept. */
export function endPeers(): void {
  for (const child of children.splice(0)) child.kill("SIGKILL");
}

interface Delivery {
  readonly party: string;
  readonly imported_wh: number;
  readonly exported_wh: number;
}

interface SlotOnWire {
  readonly start: string;
  readonly start_ms: number;
  readonly phase: string;
  readonly energy_wh: number;
}

/** What the gateway answers. */
export async function jsonAt(url: string): Promise<unknown> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
  return response.json();
}

/** The settled ones of all slots that it shows. */
export async function settledSlots(url: string): Promise<readonly SlotOnWire[]> {
  const { slots } = (await jsonAt(`${url}/api/v1/slots`)) as { slots: readonly SlotOnWire[] };
  return slots.filter(({ phase }) => phase === "settled");
}

/** Deliveries of the first settled slots in a row, of each party summed over them. */
export async function settledEnergy(url: string, count: number) {
  let slots: readonly SlotOnWire[] = [];
  await until(async () => {
    slots = (await settledSlots(url)).slice(0, count);
    return slots.length === count;
  }, 100);
  const sums = new Map<string, { imported: number; exported: number }>();
  for (const { start } of slots) {
    const detail = (await jsonAt(`${url}/api/v1/slots/${encodeURIComponent(start)}`)) as { deliveries: Delivery[] };
    for (const { party, imported_wh, exported_wh } of detail.deliveries) {
      const sum = sums.get(party) ?? { imported: 0, exported: 0 };
      sums.set(party, { imported: sum.imported + imported_wh, exported: sum.exported + exported_wh });
    }
  }
  return sums;
}

/** Debian puts the broker where not every user's PATH leads. */
const BROKER = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"].find((path) => existsSync(path)) ?? "mosquitto";
const absent = [BROKER, "mosquitto_pub"].find((tool) => spawnSync(tool, ["--help"]).error !== undefined);
/** Whether its tests run; in CI a missing one fails them. */
export const isBrokerWanted = absent === undefined || process.env["CI"] === "true";
/** What to do where it is missing, for the name of a test. */
export const brokerRemark =
  absent === undefined ? "" : ` (there is no ${absent}; run: sudo tools/ci/install-mosquitto.sh)`;

/** The port of a broker of its own. */
export async function startBroker(): Promise<number> {
  const port = await freePort();
  const settings = join(dirname(gatewayFile("")), "mosquitto.conf");
  const user = process.getuid?.() === 0 ? "user root\n" : "";
  writeFileSync(settings, `${user}persistence false\nlistener ${port} 127.0.0.1\nallow_anonymous true\n`);
  keep(spawn(BROKER, ["-c", settings], { stdio: "ignore" }));
  await until(
    () =>
      new Promise((resolve) => {
        const socket = connect(port, "127.0.0.1");
        socket.once("connect", () => void resolve(true)).once("error", () => void resolve(false));
        socket.once("connect", () => socket.destroy());
      }),
  );
  return port;
}
