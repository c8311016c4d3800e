/** Which devices stand where, what a simulator says of them, and that nothing else changes. */
import { describe, expect, test } from "@jest/globals";
import { instantMs, MINUTE, times } from "@micromarket/kernel";
import { parseCommandLine } from "../src/command-line.ts";
import { listControlled } from "../src/controlled-devices.ts";
import type { SlotFlow } from "../src/plant/home-plant.ts";
import { DEFAULT_EPOCH } from "../src/simulator.ts";
import { buildStreet } from "../src/street.ts";
import { ANCHOR, modbusClient, readSdm630, setTime, start } from "./started.ts";

const street = buildStreet({ homes: 4, seed: 2, epoch: DEFAULT_EPOCH, slotLength: times(MINUTE, 15) });

describe("devices under control", () => {
  test("stand in the first homes; one battery in three speaks the models of IEEE 1547", () => {
    const devices = listControlled(street, { batteries: 3, inverters: 2, chargers: 1, plugs: 1 });
    expect(devices.map(({ id, profile, ...of }) => [id, profile, of.link === "modbus" ? of.unit : of.topicId])).toEqual(
      [
        ["home-1-battery", "sunspec-storage", 1],
        ["home-1-inverter", "sunspec-inverter", 2],
        ["home-1-charger", "go-e", "000001"],
        ["home-1-plug", "tasmota-plug", "tasmota-home-1-plug"],
        ["home-2-battery", "sunspec-storage", 3],
        ["home-2-inverter", "sunspec-inverter", 4],
        ["home-3-battery", "sunspec-storage", 5],
      ],
    );
    const models = devices.flatMap((of) => (of.kind === "battery" ? [of.models.join(" ")] : []));
    const older = "1 103 120 121 123 124 160 802";
    expect(models).toEqual([older, "1 701 702 704 713 715", older]);
  });

  test("stand in homes of a name, or in as many as there are", () => {
    const ids = (places: Parameters<typeof listControlled>[1]): readonly string[] =>
      listControlled(street, places).map(({ id }) => id);
    expect(ids({ batteries: ["home-3"], chargers: ["home-4", "home-2"] })).toEqual([
      ...["home-2-charger", "home-3-battery", "home-4-charger"],
    ]);
    expect(ids({ inverters: { atMost: 1 } })).toEqual(["home-1-inverter"]);
    expect(ids({ inverters: { atMost: 9 } })).toHaveLength(3);
  });

  test.each([
    [{ batteries: ["home-9"] }, "batteries stand in homes of the street, and home-9 is none"],
    [{ inverters: ["home-3"] }, "inverters stand in homes with PV of the street, and home-3 is none"],
    [{ batteries: 5 }, "5 batteries need as many homes: 4"],
    [{ inverters: 4 }, "4 inverters need as many homes with PV: 3"],
    [{ chargers: -1 }, "-1 chargers"],
  ])("%j are refused", (counts, message) => {
    expect(() => listControlled(street, counts)).toThrow(message);
  });

  test("are described where there are some, and leave the meters' list as it is", async () => {
    const [without, with1] = [await start(), await start({ batteries: 1, chargers: 1 })];
    expect(Object.keys(without.description)).toEqual(["modbus", "mqtt", "clock", "slotMinutes", "devices"]);
    expect(with1.description.devices).toEqual(without.description.devices);
    expect(with1.description.controlled).toMatchObject([
      { id: "home-1-battery", kind: "battery", host: "127.0.0.1", port: expect.any(Number) },
      { id: "home-1-charger", kind: "charger", presence: { topic: "go-eCharger/000001/mcc" } },
    ]);
  });

  test("that nobody tells anything leave the meters of their home as they are", async () => {
    const time = setTime();
    const both = { realNow: time.realNow, timerNow: time.realNow };
    const simulator = await start({ batteries: 2, inverters: 2, plugs: 1, ...both });
    const client = await modbusClient(simulator);
    for (const ms of [1, 899_999, 5_000_123, 30_000_000]) {
      time.advance(ms);
      for (const [place, unit] of [
        ["grid", 1],
        ["pv", 2],
      ] as const) {
        const { imported, exported, power } = simulator.street.read("home-1", place, simulator.virtualNow());
        const shown = await readSdm630(client, unit);
        expect([place, shown.power]).toEqual([place, power]);
        expect([imported - shown.importedWh, exported - shown.exportedWh].every((off) => Math.abs(off) <= 1)).toBe(
          true,
        );
      }
    }
  });

  test("make the counters of their home what the parts sum to, to the Wh", async () => {
    const time = setTime();
    const both = { realNow: time.realNow, timerNow: time.realNow };
    const simulator = await start({
      batteries: 1,
      inverters: 1,
      chargers: 1,
      batteryRule: "self-consumption",
      ...both,
    });
    const client = await modbusClient(simulator);
    for (let hour = 0; hour < 48; hour++) {
      time.advance(3_600_000);
      const { importedWh, exportedWh } = await readSdm630(client, 1);
      const balance = simulator.balance("home-1");
      if (balance === null) throw new Error("home-1 is under control");
      const { grid, load, parts } = balance;
      const net = [load, ...parts.values()].reduce((sum, { inWms, outWms }) => sum + inWms - outWms, 0);
      expect(grid.inWms - grid.outWms).toBe(net);
      expect([importedWh, exportedWh]).toEqual([grid.inWms, grid.outWms].map((wms) => Math.floor(wms / 3_600_000)));
    }
  });

  test("never let a counter go back while time goes on between two looks at the clock", async () => {
    let now: number = ANCHOR;
    const realNow = (): number => (now += 40); // each look finds it later
    const options = { batteries: 1, batteryRule: "self-consumption", realNow, timerNow: realNow } as const;
    const simulator = await start({ speed: 20, ...options });
    const client = await modbusClient(simulator);
    now += (39 * 3_600_000) / 20; // an evening on which the battery gives what the home would draw
    let before = await readSdm630(client, 1);
    for (let look = 0; look < 2_000; look++) {
      const after = await readSdm630(client, 1);
      expect(after.importedWh).toBeGreaterThanOrEqual(before.importedWh);
      expect(after.exportedWh).toBeGreaterThanOrEqual(before.exportedWh);
      before = after;
    }
  });

  test("go on where an earlier simulator of the same street stood: counters, content, session, what they were told", async () => {
    const time = setTime();
    const options = {
      batteries: 2,
      inverters: 1,
      chargers: 1,
      batteryRule: "self-consumption",
      timerNow: time.realNow,
    } as const;
    const told: Record<"parts" | "whole", SlotFlow[]> = { parts: [], whole: [] };
    const tell =
      (of: keyof typeof told) =>
      (home: string, flow: SlotFlow): unknown =>
        home === "home-2" && told[of].push(flow);
    const [first, whole] = [
      await start({ ...options, realNow: time.realNow, onSlotEnd: tell("parts") }),
      await start({ ...options, realNow: time.realNow, onSlotEnd: tell("whole") }),
    ];
    time.advance(15 * 3_600_000 + 123);
    for (const one of [first, whole]) one.inject({ fault: "foreign-limit", device: "home-2-battery", percent: 30 });
    const memory = first.memory();
    await first.stop();
    const second = await start({ ...options, realNow: time.realNow, memory, onSlotEnd: tell("parts") });
    expect(second.memory()).toBe(memory);
    for (let hour = 0; hour < 30; hour++) {
      time.advance(3_600_000);
      for (const home of ["home-1", "home-2"]) expect(second.balance(home)).toEqual(whole.balance(home));
    }
    expect(JSON.parse(second.memory())).toEqual(JSON.parse(whole.memory()));
    expect(told.parts).toEqual(told.whole); // the slot of the restart as well, once
    expect(told.whole).toHaveLength(45 * 4);
    const { parts } = second.balance("home-1") ?? {};
    expect(parts?.get("charger")?.inWms).toBeGreaterThan(0);
    const fresh = await start({ ...options, realNow: time.realNow });
    expect(fresh.memory()).not.toBe(second.memory());
  });

  test.each(["", "{}", '{"format":2,"homes":[]}', '{"format":1,"homes":[["home-1",{}]]}'])(
    "leave a memory aside that is none: %j",
    async (memory) => {
      const time = setTime();
      const fresh = await start({ batteries: 1, realNow: time.realNow, timerNow: time.realNow });
      const other = await start({ batteries: 1, realNow: time.realNow, timerNow: time.realNow, memory });
      expect(other.memory()).toBe(fresh.memory());
    },
  );

  test("need a slot that divides an hour", async () => {
    const slotLength = times(MINUTE, 45);
    const epoch = instantMs(Date.UTC(2026, 5, 1));
    await expect(start({ batteries: 1, slotLength, epoch })).rejects.toThrow("divides an hour");
  });
});

describe("a command line for them", () => {
  test("names how many, and the rule", () => {
    const words = ["--batteries", "3", "--inverters", "2", "--chargers", "1", "--plugs", "4", "--sunspec-port", "1502"];
    expect(parseCommandLine([...words, "--battery-rule", "self-consumption"])).toMatchObject({
      ok: true,
      value: {
        simulator: {
          batteries: 3,
          inverters: 2,
          chargers: 1,
          plugs: 4,
          sunspecPort: 1_502,
          batteryRule: "self-consumption",
        },
      },
    });
  });

  test.each([
    [["--batteries", "124"], "--batteries takes an integer from 0 to 123"],
    [["--plugs", "x"], "--plugs takes an integer"],
    [["--battery-rule", "greedy"], "--battery-rule takes idle or self-consumption"],
  ])("is refused with %j", (words, message) => {
    expect(parseCommandLine(words)).toEqual({ ok: false, error: expect.stringContaining(message) });
  });
});
