import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import { DAY, durationMs, HOUR, instantMs, MINUTE, times } from "@micromarket/kernel";
import { startSimulator } from "@micromarket/device-simulator";
import { buildStreet } from "../src/street.ts";
import { DEFAULT_EPOCH } from "../src/simulator.ts";
import { ANCHOR, listener, modbusClient, readSdm630, setTime, start } from "./started.ts";

const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP")).length;

/** Sockets close in turns of the event loop; one that stays open beyond `count` makes the test run out of its time. */
async function socketsFallTo(count: number): Promise<void> {
  while (sockets() > count) await setTimeout(5);
}

describe("a simulator", () => {
  test("started again with the same anchor goes on where it would be", async () => {
    const time = setTime();
    const options = { speed: 180, realNow: time.realNow };
    const first = await start(options);
    time.advance(100_000);
    const client = await modbusClient(first);
    const before = await readSdm630(client, 3);
    await first.stop();

    const again = await start(options);
    expect(again.description.clock).toEqual(first.description.clock);
    expect(await readSdm630(await modbusClient(again), 3)).toEqual(before);
    time.advance(100_000);
    const reading = again.street.read("home-3", "grid", instantMs(DEFAULT_EPOCH + 180 * 200_000));
    expect(await readSdm630(await modbusClient(again), 3)).toMatchObject({
      importedWh: reading.imported,
      exportedWh: reading.exported,
      power: reading.power,
    });
    expect(reading.imported).toBeGreaterThan(before.importedWh);
  });

  test("two hundred hours in fast-forward leave no handle behind", async () => {
    const time = setTime();
    const simulator = await start({ realNow: time.realNow, publishEvery: durationMs(20) });
    const heard = await listener(simulator.description.mqtt.url);
    const client = await modbusClient(simulator);
    const pass = async (hours: number): Promise<number> => {
      for (let hour = 0; hour < hours; hour++) {
        time.advance(HOUR);
        const { importedWh } = await readSdm630(client, 1);
        const expected = simulator.street.read("home-1", "grid", simulator.virtualNow()).imported;
        expect(importedWh).toBe(expected);
        const passing = await modbusClient(simulator);
        await readSdm630(passing, 3);
        await new Promise<void>((resolve) => {
          passing.close(() => {
            resolve();
          });
        });
      }
      await heard.next("shellypro3em-home-4/status/em:0");
      return sockets();
    };
    const early = await pass(10);
    expect(await pass(190)).toBeLessThanOrEqual(early);
    expect(simulator.virtualNow()).toBe(DEFAULT_EPOCH + times(HOUR, 200));
  });

  test("leaves nothing open when it is stopped", async () => {
    const before = sockets(); // the process may hold others that are not this test's
    const simulator = await startSimulator({ homes: 6, seed: 2 });
    expect(sockets()).toBeGreaterThan(before + 2);
    await simulator.stop();
    await simulator.stop();
    await socketsFallTo(before);
  });

  test("that finds a port taken opens nothing", async () => {
    const before = sockets();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await expect(start({ modbusPort: port })).rejects.toThrow("EADDRINUSE");
    await expect(start({ mqttPort: port })).rejects.toThrow("EADDRINUSE");
    await expect(start({ broker: "mqtt://127.0.0.1:1" })).rejects.toThrow("ECONNREFUSED");
    await socketsFallTo(before + 1);
    taken.close();
  });

  test.each([
    ["no home", { homes: 0 }, "1 to 246 homes"],
    ["more homes than unit ids", { homes: 247 }, "1 to 246 homes"],
    ["a clock that stands", { speed: 0 }, "positive"],
    ["an epoch inside a slot", { epoch: instantMs(DEFAULT_EPOCH + 1) }, "start of a slot"],
  ])("refuses %s", async (_, options, message) => {
    await expect(startSimulator({ homes: 1, seed: 1, anchor: ANCHOR, ...options })).rejects.toThrow(message);
  });
});

describe("a street", () => {
  const options = { homes: 2, seed: 2, epoch: DEFAULT_EPOCH, slotLength: times(MINUTE, 15) };
  const later = (ms: number) => instantMs(DEFAULT_EPOCH + ms);

  test("grows without changing what was there", () => {
    const street = buildStreet(options);
    const early = street.read("home-1", "grid", later(times(DAY, 3) + 1_234_567));
    const far = street.read("home-1", "grid", later(times(DAY, 100)));
    expect(street.read("home-1", "grid", later(times(DAY, 3) + 1_234_567))).toEqual(early);
    expect(buildStreet(options).read("home-1", "grid", later(times(DAY, 100)))).toEqual(far);
  });

  test("has the same year again after 52 weeks, and counts on", () => {
    const street = buildStreet(options);
    const [day, year, dayOfNextYear] = [40, 364, 404].map((days) =>
      street.read("home-1", "grid", later(times(DAY, days))),
    );
    expect(dayOfNextYear?.power).toBe(day?.power);
    expect(dayOfNextYear?.imported).toBe((day?.imported ?? NaN) + (year?.imported ?? NaN));
    expect(dayOfNextYear?.exported).toBe((day?.exported ?? NaN) + (year?.exported ?? NaN));
  });

  test("has no PV where none is", () => {
    const street = buildStreet({ ...options, homes: 3 });
    expect(["home-1", "home-2", "home-3"].map((home) => street.hasPv(home))).toEqual([true, true, false]);
    expect(() => street.read("home-3", "pv", DEFAULT_EPOCH)).toThrow("home-3 has no pv meter");
  });
});
