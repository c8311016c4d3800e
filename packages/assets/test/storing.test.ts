import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  instantMs,
  MINUTE,
  partsPerMillion,
  priceMicro,
  slotAfter,
  slotAt,
  times,
  wattHours,
  watts,
} from "@micromarket/kernel";
import {
  batteryAt,
  batteryRoom,
  chargerCurrent,
  chargerPower,
  reserveMicroWh,
  stepBattery,
  stepCharger,
  type BatterySpec,
  type ChargingSession,
} from "@micromarket/assets";

const quarter = times(MINUTE, 15);
const spec: BatterySpec = {
  capacity: wattHours(10_000),
  chargeMax: watts(4_000),
  dischargeMax: watts(3_000),
  chargeEfficiency: partsPerMillion(950_000),
  dischargeEfficiency: partsPerMillion(900_000),
  selfDischargePerDay: partsPerMillion(0),
  reserve: partsPerMillion(100_000),
  cycleCost: priceMicro(0),
};

describe("battery", () => {
  test.each([
    { name: "charges with its loss", share: 500_000, asked: 800, energy: 800, stored: 5_760_000_000, lost: 40_000_000 },
    {
      name: "no faster than it can",
      share: 500_000,
      asked: 5_000,
      energy: 1_000,
      stored: 5_950_000_000,
      lost: 50_000_000,
    },
    { name: "no fuller than full", share: 990_000, asked: 800, energy: 105, stored: 9_999_750_000, lost: 5_250_000 },
    {
      name: "discharges with its loss",
      share: 500_000,
      asked: -720,
      energy: -720,
      stored: 4_200_000_000,
      lost: 80_000_000,
    },
    {
      name: "an uneven discharge loses the rest",
      share: 500_000,
      asked: -100,
      energy: -100,
      stored: 4_888_888_888,
      lost: 11_111_112,
    },
    { name: "down to its reserve", share: 120_000, asked: -720, energy: -180, stored: 1_000_000_000, lost: 20_000_000 },
    { name: "below its reserve it rests", share: 50_000, asked: -720, energy: 0, stored: 500_000_000, lost: 0 },
  ])("$name", ({ share, asked, energy, stored, lost }) => {
    const flow = stepBattery(spec, batteryAt(spec, partsPerMillion(share)), wattHours(asked), quarter);
    expect(flow).toEqual({ energy, state: { storedMicroWh: stored }, lostMicroWh: lost });
  });

  test("rests with its loss", () => {
    const leaky = { ...spec, selfDischargePerDay: partsPerMillion(9_600) };
    const flow = stepBattery(leaky, batteryAt(leaky, partsPerMillion(500_000)), wattHours(0), quarter);
    expect(flow).toEqual({ energy: 0, state: { storedMicroWh: 4_999_500_000 }, lostMicroWh: 500_000 });
  });

  test("conserves energy to the last micro-watt-hour and stays within its bounds", () => {
    const ppm = fc.integer({ min: 1, max: 1_000_000 }).map(partsPerMillion);
    const specs = fc.record({
      chargeEfficiency: ppm,
      dischargeEfficiency: ppm,
      selfDischargePerDay: ppm,
      reserve: ppm,
    });
    const asks = fc.array(fc.integer({ min: -5_000, max: 5_000 }), { maxLength: 30 });
    fc.assert(
      fc.property(specs, ppm, asks, (parts, share, list) => {
        const one = { ...spec, ...parts };
        let state = batteryAt(one, share);
        for (const asked of list) {
          const room = batteryRoom(one, state, quarter);
          const flow = stepBattery(one, state, wattHours(asked), quarter);
          const energyWh: number = flow.energy;
          expect(energyWh * 1_000_000).toBe(flow.state.storedMicroWh - state.storedMicroWh + flow.lostMicroWh);
          expect(flow.lostMicroWh).toBeGreaterThanOrEqual(0);
          expect(flow.state.storedMicroWh <= 10_000_000_000 && -flow.energy <= room.outOf).toBe(true);
          if (flow.energy < 0) expect(flow.state.storedMicroWh).toBeGreaterThanOrEqual(reserveMicroWh(one));
          state = flow.state;
        }
      }),
    );
  });

  test("a state that cannot be is a bug", () => {
    expect(() => stepBattery(spec, { storedMicroWh: -1 }, wattHours(0), quarter)).toThrow("a battery holds between");
  });
});

describe("charger", () => {
  const slot = slotAt(instantMs(0), quarter);
  const session: ChargingSession = {
    ...{ arrival: instantMs(300_000), departure: instantMs(2_700_000), needed: wattHours(4_000) },
    ...{ powerMin: watts(4_140), powerMax: watts(11_040) },
  };
  test.each([
    { name: "from its arrival on", index: 0, had: 0, offered: 9_000, energy: 1_840 },
    { name: "what it is offered", index: 1, had: 0, offered: 2_000, energy: 2_000 },
    { name: "at most what it can", index: 1, had: 0, offered: 9_000, energy: 2_760 },
    { name: "below its least power nothing", index: 1, had: 0, offered: 1_034, energy: 0 },
    { name: "a last small rest", index: 1, had: 3_900, offered: 500, energy: 100 },
    { name: "after its departure nothing", index: 3, had: 0, offered: 2_000, energy: 0 },
    { name: "when it has all, nothing", index: 1, had: 4_000, offered: 2_000, energy: 0 },
  ])("$name", ({ index, had, offered, energy }) => {
    const flow = stepCharger(session, wattHours(had), wattHours(offered), slotAfter(slot, index));
    expect(flow).toEqual({ energy, delivered: had + energy });
  });

  test("power and current", () => {
    expect([chargerPower(6_000, 1, 230_000), chargerPower(16_000, 3, 230_000)]).toEqual([1_380, 11_040]);
    expect(chargerCurrent(watts(7_000), 3, 230_000)).toBe(10_144);
    expect(() => stepCharger(session, wattHours(0), wattHours(-1), slot)).toThrow("a charger does not give");
  });
});
