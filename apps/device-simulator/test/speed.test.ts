/** Real time, accelerated: what a client reads in the middle of a slot is what the meters count at that instant. */
import { expect, test } from "@jest/globals";
import { DAY, instantMs, MINUTE, times } from "@micromarket/kernel";
import { monotonicNow } from "../src/accelerated-clock.ts";
import { DEFAULT_EPOCH } from "../src/simulator.ts";
import { buildStreet } from "../src/street.ts";
import { modbusClient, readSdm630, start } from "./started.ts";

test.each([180, 10_000, 100_000])(
  "at %d times real time every reading lies between its question and its answer",
  async (speed) => {
    const simulator = await start({ speed, anchor: instantMs(Math.floor(monotonicNow())) });
    const client = await modbusClient(simulator, 20_000);
    const count = (at: ReturnType<typeof simulator.virtualNow>) => simulator.street.read("home-1", "grid", at);
    for (let reading = 0; reading < 60; reading++) {
      const before = count(simulator.virtualNow());
      const shown = await readSdm630(client, 1);
      const after = count(simulator.virtualNow());
      for (const [name, value] of [
        ["imported", shown.importedWh],
        ["exported", shown.exportedWh],
      ] as const) {
        const ulp = 2 ** Math.ceil(Math.log2(Math.max(1, value) / 2 ** 23)); // a float32's step, as the meter has it
        expect(value).toBeGreaterThanOrEqual(before[name] - ulp);
        expect(value).toBeLessThanOrEqual(after[name] + ulp);
      }
    }
  },
);

test("power and counters of one answer are of one instant, wherever in a slot it falls", async () => {
  const simulator = await start({ speed: 10_000, anchor: instantMs(Math.floor(monotonicNow())) });
  const client = await modbusClient(simulator, 20_000);
  const quarterMs: number = times(MINUTE, 15);
  for (let reading = 0; reading < 60; reading++) {
    client.setID(1);
    const from = simulator.virtualNow();
    const { buffer } = await client.readInputRegisters(0x0034, 24);
    const until = simulator.virtualNow();
    const [power, imported, exported] = [0, 40, 44].map((at) => buffer.readFloatBE(at)) as [number, number, number];
    // The slots that the answer may be of: in one of them all three values must have been true at once.
    const first = Math.floor((from - DEFAULT_EPOCH) / quarterMs);
    const last = Math.floor((until - DEFAULT_EPOCH) / quarterMs);
    const slots = Array.from({ length: last - first + 1 }, (_, index) => DEFAULT_EPOCH + (first + index) * quarterMs);
    const isOfOneSlot = slots.some((slot) => {
      const [opening, closing] = [slot, slot + quarterMs - 1].map((at) =>
        simulator.street.read("home-1", "grid", instantMs(at)),
      );
      const isBetween = (value: number, low = 0, high = 0): boolean =>
        Math.round(value * 1_000) >= low - 1 && Math.round(value * 1_000) <= high + 1;
      return (
        power === opening?.power &&
        isBetween(imported, opening.imported, closing?.imported) &&
        isBetween(exported, opening.exported, closing?.exported)
      );
    });
    expect({ isOfOneSlot, power, imported, exported }).toMatchObject({ isOfOneSlot: true });
  }
});

test("a street of a year is the street that grew to it, in leaps of any size", () => {
  const options = { homes: 3, seed: 5, epoch: DEFAULT_EPOCH, slotLength: times(MINUTE, 15) };
  const [grown, leapt] = [buildStreet(options), buildStreet(options)];
  for (const days of [1, 13, 14, 15, 27, 90, 200])
    grown.read("home-1", "grid", instantMs(DEFAULT_EPOCH + times(DAY, days)));
  for (const days of [3.3, 20.7, 363.9, 364.1, 800.5]) {
    const at = instantMs(DEFAULT_EPOCH + Math.round(days * 86_400_000));
    expect(grown.read("home-2", "grid", at)).toEqual(leapt.read("home-2", "grid", at));
  }
});
