/**
 * The process of the street. Usage: street-script ORDER as JSON. Says, each as a line of JSON: what it is, then what its
 * flaky lines did, what flowed in the homes under control, and how late it is; and at its end what flowed in all.
 * A line on standard input is a fault.
 */
import { parseFault, startSimulator, type SimulatorOptions } from "@micromarket/device-simulator";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { realNow, reportLag } from "./lag.ts";
import type { StreetOrder, StreetWord } from "./street-words.ts";

const order = JSON.parse(process.argv[2] ?? "") as StreetOrder;

function say(word: StreetWord): void {
  process.stdout.write(`${JSON.stringify(word)}\n`);
}

const simulator = await startSimulator({
  ...(order.options as SimulatorOptions),
  onFlaw: (device, kind) => say({ word: "flaw", device, kind, at: realNow() }),
  onSlotEnd: (home, flow) => say({ word: "flow", home, ...flow }),
});
say({ word: "description", description: simulator.description });
const stopLag = reportLag(order.lagEveryMs, (lag) => say({ word: "lag", ...lag }));
const lines = createInterface(process.stdin);
lines.on("line", (line) => {
  const fault = parseFault(line);
  say({ word: "fault", ok: fault.ok && simulator.inject(fault.value).ok });
});
await once(process, "SIGTERM");
lines.close();
stopLag();
for (const home of simulator.street.homes) {
  for (const [part, { inWms, outWms }] of simulator.balance(home)?.parts ?? []) {
    say({ word: "part", home, part, inWh: Math.round(inWms / 3_600_000), outWh: Math.round(outWms / 3_600_000) });
  }
}
await simulator.stop();
