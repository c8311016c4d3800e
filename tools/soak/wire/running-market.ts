/** The market's process, and what it can be asked. */
import { createServer } from "node:net";
import { awaitChild, endChild, startChild, tellChild, type Child } from "../devices/child.ts";
import { marketWords, type MarketOrder, type MarketQuestion, type MarketWord } from "./market-words.ts";

/** A market in a process of its own. */
export interface RunningMarket {
  readonly port: number;
  readonly child: Child;
  state(): Promise<Extract<MarketWord, { word: "state" }>>;
  burden(): Promise<Extract<MarketWord, { word: "burden" }>>;
  kill(): Promise<void>;
}

/** Starts it; at `port` where it is to be where it was. */
export async function startMarket(
  script: string,
  order: Omit<MarketOrder, "port">,
  port?: number,
): Promise<RunningMarket> {
  const at = port ?? (await freePort());
  const words = ["--expose-gc", script, JSON.stringify({ ...order, port: at } satisfies MarketOrder)];
  const child = startChild(process.execPath, words);
  await awaitChild(child, () => marketWords(child.out, "ready").length > 0);
  const ask = async <Word extends "state" | "burden">(question: Word & MarketQuestion) => {
    const heard = marketWords(child.out, question).length;
    tellChild(child, question as unknown as object);
    await awaitChild(child, () => marketWords(child.out, question).length > heard);
    const answer = marketWords(child.out, question)[heard];
    if (answer === undefined) throw new Error(`no answer to ${question}`);
    return answer;
  };
  return {
    port: at,
    child,
    state: () => ask("state"),
    burden: () => ask("burden"),
    kill: async () => {
      if (child.end() === null) await endChild(child, "SIGKILL");
    },
  };
}

/** A port of this machine that nobody listens at. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
