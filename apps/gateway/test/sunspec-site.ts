/** A home whose devices we did not write: registers by pysunspec2, wire by pymodbus, and pysunspec2's client beside the gateway. */
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PYTHON = process.env["MICROMARKET_PYSUNSPEC2_PYTHON"];
const SERVER = fileURLToPath(new URL("../../../packages/link-modbus/test/sunspec/sunspec-server.py", import.meta.url));
const CLIENT = fileURLToPath(new URL("sunspec-client.py", import.meta.url));

export const NEEDS =
  "run tools/ci/install-pysunspec2.sh and set MICROMARKET_PYSUNSPEC2_PYTHON to the path that it prints";
/** Whether its tests run; in CI a missing one fails them. */
export const isPeerWanted = PYTHON !== undefined || process.env["CI"] === "true";

export const UNITS = { plant: 1, battery: 2, meter: 3 } as const;

/** One that was started; `ask` sends a line of JSON and gives what it answers. */
interface Talk {
  readonly first: unknown;
  readonly ask: (order: object) => Promise<unknown>;
}

/** Devices that stand still until they are told that time goes by. */
export interface SunspecSite {
  readonly port: number;
  /** An order as the head of sunspec-server.py lists them. */
  tell<Answer = unknown>(order: object): Promise<Answer>;
  /** What another client reads. */
  read(unit: number, ...points: readonly (readonly [model: number, point: string])[]): Promise<readonly unknown[]>;
  /** What another client writes. */
  write(unit: number, model: number, points: readonly (readonly [point: string, value: number])[]): Promise<void>;
}

const children = new Set<ChildProcess>();

/** Ends all sites and clients. */
export function endSites(): void {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
}

/** A plant with so much sun, a battery, and the meter of the home, behind one port, with `more` of the server's devices. */
export async function sunspecSite(sunW: number, loadW: number, ...more: readonly string[]): Promise<SunspecSite> {
  const devices = [
    `storage@${UNITS.battery}:want_w=0.0`,
    `inverter@${UNITS.plant}:sun_w=${sunW}.0`,
    `meter@${UNITS.meter}:load_w=${loadW}.0,behind=${UNITS.plant}+${UNITS.battery}`,
    ...more,
  ];
  const words = devices.flatMap((device) => ["--device", device]);
  const server = await talkTo(SERVER, [...words, "--clock", "manual"], true);
  const { port } = server.first as { readonly port: number };
  const client = await talkTo(CLIENT, [String(port)], false);
  return {
    port,
    tell: async <Answer>(order: object) => (await server.ask(order)) as Answer,
    read: async (unit, ...points) => (await client.ask({ read: [unit, ...points] })) as readonly unknown[],
    write: async (unit, model, points) => void (await client.ask({ write: [unit, model, points] })),
  };
}

async function talkTo(script: string, words: readonly string[], speaksFirst: boolean): Promise<Talk> {
  if (PYTHON === undefined) throw new Error(`pysunspec2 is missing: ${NEEDS}`);
  const child = spawn(PYTHON, [script, ...words], { stdio: ["pipe", "pipe", "inherit"] });
  children.add(child);
  child.stdin.on("error", () => undefined); // it has ended; whoever waits for an answer is told
  const lines: AsyncIterator<string> = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${script} has ended`);
    return JSON.parse(line.value) as unknown;
  };
  const first = speaksFirst ? await next() : null;
  let last: Promise<unknown> = Promise.resolve();
  const ask = (order: object): Promise<unknown> => {
    last = last.then(async () => {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const answer = (await next()) as { readonly ok?: unknown; readonly error?: string };
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.ok;
    });
    return last;
  };
  return { first, ask };
}
