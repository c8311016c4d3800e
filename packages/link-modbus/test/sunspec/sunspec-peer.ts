/** SunSpec devices and a SunSpec client that are not ours: registers by pysunspec2, wire by pymodbus. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { keep } from "../open-ends.ts";

const PYTHON = process.env["MICROMARKET_PYSUNSPEC2_PYTHON"];

export const NEEDS =
  "run tools/ci/install-pysunspec2.sh and set MICROMARKET_PYSUNSPEC2_PYTHON to the path that it prints";
/** Whether its tests run; in CI a missing one fails them. */
export const isPeerWanted = PYTHON !== undefined || process.env["CI"] === "true";

/** One line of JSON for each line of JSON. */
interface Talk {
  readonly first: unknown;
  readonly ask: (order: unknown) => Promise<unknown>;
}

/** Devices on one port. */
export interface SunspecPeer {
  readonly port: number;
  /** An order as the server's head lists them; its answer. */
  tell<Answer = unknown>(order: object): Promise<Answer>;
}

/** Starts devices, each as `KIND@UNIT:KEY=VALUE,...`. Time stands still until it is told to tick. */
export async function sunspecPeer(...devices: readonly string[]): Promise<SunspecPeer> {
  const options = devices.flatMap((device) => ["--device", device]);
  const { first, ask } = await talkTo("sunspec-server.py", [...options, "--clock", "manual"], true);
  const { port } = first as { readonly port: number };
  return {
    port,
    tell: async <Answer>(order: object) => {
      const answer = (await ask(order)) as { readonly ok?: Answer; readonly error?: string };
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.ok as Answer;
    },
  };
}

/** pysunspec2's own client of a unit: values of points, read anew. */
export async function sunspecClient(
  port: number,
  unit: number,
): Promise<(...points: [number, string][]) => Promise<unknown>> {
  const { ask } = await talkTo("sunspec-client.py", [String(port), String(unit)], false);
  return async (...points) => ask(points);
}

async function talkTo(script: string, options: readonly string[], speaksFirst: boolean): Promise<Talk> {
  if (PYTHON === undefined) throw new Error(`pysunspec2 is missing: ${NEEDS}`);
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(PYTHON, [path, ...options], { stdio: ["pipe", "pipe", "inherit"] });
  keep({
    close: async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    },
  });
  const lines: AsyncIterator<string> = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${script} has ended`);
    return JSON.parse(line.value) as unknown;
  };
  const first = speaksFirst ? await next() : null;
  const ask = async (order: unknown): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(order)}\n`);
    return next();
  };
  return { first, ask };
}
