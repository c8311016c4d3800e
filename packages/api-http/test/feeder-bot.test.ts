/** The commands of docs/UTILITY.md, each as a process of its own, against a real server that it knows by its address alone. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { instantMs } from "@micromarket/kernel";
import { reportDelivery, submitTender, tender } from "@micromarket/testkit";
import { documentedStreet, TOKEN } from "./documented-street.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PATIENCE_MS = 240_000;

interface Ended {
  readonly exit: number | null;
  readonly said: string;
}

/** Runs a command of the document; `hear` is told what it has said so far, whenever it says something. */
function run(command: string, url: string, hear: (said: string) => void = () => undefined): Promise<Ended> {
  const [program, ...args] = command.split(/\s+/);
  expect(program).toBe("node");
  const env = { ...process.env, MICROMARKET_URL: url, MICROMARKET_TOKEN: TOKEN };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, env });
    const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    let said = "";
    const note = (chunk: Buffer): void => {
      said += chunk.toString("utf8");
      hear(said);
    };
    child.stdout.on("data", note);
    child.stderr.on("data", note);
    child.on("error", reject);
    child.on("close", (exit) => {
      clearTimeout(timer);
      resolve({ exit, said });
    });
  });
}

function commandsOf(path: string): readonly string[] {
  const blocks = [...readFileSync(`${ROOT}${path}`, "utf8").matchAll(/```sh\n([^`]*)```/g)];
  return blocks.flatMap(([, text = ""]) => text.trim().split("\n")).filter((line) => line.startsWith("node "));
}

test(
  "a bot registers, reads the feeder's book and position, bids, sets a limit, and sees the price move",
  async () => {
    const { street, server, tell: tellServer } = await documentedStreet();
    const slot = instantMs(Date.UTC(2026, 6, 1, 11, 15));
    street.obey(
      submitTender(slot, tender("a", "anne", "buy", [350_000, 800])),
      submitTender(slot, tender("b", "bert", "buy", [320_000, 500])),
      submitTender(slot, tender("c", "carl", "sell", [100_000, 900])),
    );
    const commands = commandsOf("docs/UTILITY.md");
    const said: string[] = [];
    const tell = async (command: string | undefined, hear?: (said: string) => void): Promise<void> => {
      const ended = await run(command ?? "", server.url, hear);
      expect(ended).toMatchObject({ exit: 0 });
      said.push(ended.said);
    };
    expect(commands.map((command) => command.split(" ")[2])).toEqual([
      "register",
      "look",
      "bid",
      "limit",
      "watch",
      "release",
    ]);
    for (const command of commands.slice(0, 4)) await tell(command);
    let isClosed = false;
    await tell(commands[4], (heard) => {
      if (isClosed || !heard.includes("would clear")) return;
      isClosed = true;
      street.closeGateOf(slot);
    });
    await tell(commands[5]);
    await tell(commands[0]);
    const [registered, looked, bid, limited, watched, released, again] = said;
    expect(registered).toBe("registered: feeder-bot is active in the market street\n");
    expect(looked).toMatch(/^book: 2026-07-01T11:15Z would clear at 0\.3 per kWh, 1\.3 kWh\n(?:book: .*\n){7}/);
    expect(looked).toMatch(/\nposition: .*supplier.*\nnext gate: 2026-07-01T11:10Z, in 10 minutes of the market\n$/);
    expect(bid).toMatch(/^bid: 0\.5 kWh of 2026-07-01T11:15:00\.000Z for 0\.08 per kWh or more: order \d+\n$/);
    expect(limited).toBe("limit: controllable devices of home-1 draw at most 4200 W until 2026-07-01T11:30Z\n");
    expect(watched).toMatch(
      /^watching: 2026-07-01T11:15Z\n(?:price: .* would clear at .*\n)+price: .* cleared at 0\.\d+/,
    );
    expect(watched).toMatch(/\norder: filled, 0\.5 kWh at 0\.\d+ per kWh: 0\.\d+\n$/);
    expect(released).toBe("released: no limit holds for home-1\n");
    expect(again).toBe(registered);

    // the bot has no meter: the slot is settled by those of the others
    street.clock.set(instantMs(slot + 900_000));
    const meters = [reportDelivery(slot, "anne", 800, 0), reportDelivery(slot, "bert", 500, 0)];
    const tie = reportDelivery(slot, street.rules.residual.party, 0, 400);
    const outcomes = street.obey(...meters, reportDelivery(slot, "carl", 0, 900), tie);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true, true]);
    const position = await tellServer("GET", "/api/v1/parties/feeder-bot/position");
    expect(JSON.parse(position.text)).toMatchObject({
      slots: [
        {
          ...{ start_ms: slot, phase: "settled", sold_wh: 500 },
          metered: { imported_wh: 0, exported_wh: 0, deviation_wh: 500, is_estimate: false, basis: "financial" },
        },
      ],
    });
  },
  3 * PATIENCE_MS,
);

test("a step that there is not is refused, with those that there are", async () => {
  const { exit, said } = await run("node docs/examples/node/feeder-bot.mjs dance", "http://127.0.0.1:1");
  expect([exit, said]).toEqual([1, expect.stringContaining("register, look, bid, limit, watch, release")]);
});

test("who registers over the wire has no meter: it delivers nothing, or by schedule where it says so", async () => {
  const { street, tell } = await documentedStreet();
  const register = async (registreePartyId: string, delivery?: string): Promise<number> => {
    const data = { requestId: registreePartyId, registreePartyId, ...(delivery === undefined ? {} : { delivery }) };
    return (await tell("POST", "/api/v1/cts/EiCreatePartyRegistration", data)).status;
  };
  const statuses = [await register("bot"), await register("utility", "scheduled"), await register("home-9", "metered")];
  expect(statuses).toEqual([200, 200, 200]);
  expect(await register("who", "guessed")).toBe(400);
  const slot = instantMs(Date.UTC(2026, 6, 1, 11, 15));
  const refusals = street
    .obey(...["bot", "utility", "home-9", "who"].map((party) => reportDelivery(slot, party, 0, 0)))
    .map((outcome) => (outcome.ok ? null : outcome.refusal));
  expect(refusals).toEqual([
    { code: "DELIVERY_NOT_METERED", party: "bot", delivery: "financial" },
    { code: "DELIVERY_NOT_METERED", party: "utility", delivery: "scheduled" },
    { code: "SLOT_NOT_CLEARED", slot },
    { code: "PARTY_UNKNOWN", party: "who" },
  ]);
});
