/** That the judges of the devices' day take what is right for right, and see what is planted. */
import { describe, expect, test } from "@jest/globals";
import type { DescribedDevice } from "@micromarket/device-simulator";
import { randomStream, type RandomStream } from "@micromarket/kernel";
import { judgeControls, type ControlEvidence } from "../soak/devices/control-judge.ts";
import { judgeBurden, type Burden } from "../soak/devices/burden.ts";
import {
  judgeSettlement,
  type Counters,
  type Day,
  type HomeTruth,
  type Settled,
} from "../soak/devices/settlement-judge.ts";

const SLOT_MS = 900_000;
const HALF_MS = SLOT_MS / 2;
const HOUR_MS = 3_600_000;
const SPEED = 180;
const SLOTS = 24;
const HOME = "home-1";

/** Powers of the halves of each slot, W: power changes inside slots as well. */
function drawnPowers(stream: RandomStream): readonly number[] {
  let power = 0;
  return Array.from({ length: 2 * SLOTS }, () => {
    if (stream.below(3) > 0) power = stream.between(0, 12_000) - 6_000;
    return power;
  });
}

/** What the counters hold at an instant, exactly. */
type ExactCounters = (ms: number) => Counters;

function exactCounters(powers: readonly number[]): ExactCounters {
  const sum = { imported: 0, exported: 0 };
  const before = powers.map((power) => {
    const then = { ...sum };
    sum[power > 0 ? "imported" : "exported"] += (Math.abs(power) * HALF_MS) / HOUR_MS;
    return then;
  });
  return (ms) => {
    const index = Math.min(powers.length - 1, Math.floor(Math.max(0, ms) / HALF_MS));
    const [power = 0, then = sum] = [powers[index], before[index]];
    const since = (Math.abs(power) * (Math.max(0, ms) - index * HALF_MS)) / HOUR_MS;
    return power > 0
      ? { imported: then.imported + since, exported: then.exported }
      : { imported: then.imported, exported: then.exported + since };
  };
}

const shown = ({ imported, exported }: Counters): Counters => {
  return { imported: Math.floor(imported), exported: Math.floor(exported) };
};

function truthOf(powers: readonly number[], lateMs: number): HomeTruth {
  const exactAt = exactCounters(powers);
  return {
    countersAt: (ms) => shown(exactAt(ms)),
    powersIn: (slotMs) => {
      const own = [0, 1].map((half) => powers[(2 * slotMs) / SLOT_MS + half] ?? 0);
      return { leastW: Math.min(...own), mostW: Math.max(...own) };
    },
    lateMsAt: () => lateMs,
  };
}

/** A reading at a border as a gateway makes it of two samples that were on their way for a while. */
function readingAt(exactAt: ExactCounters, borderMs: number, lateMs: number, stream: RandomStream): Counters {
  const span = stream.between(1, HALF_MS);
  const before = stream.below(span);
  const [from, to] = [borderMs - before, borderMs - before + span];
  const sampled = (ms: number): Counters => shown(exactAt(ms - stream.between(0, lateMs * SPEED)));
  const [first, last] = [sampled(from), sampled(to)];
  const on = (name: keyof Counters): number => first[name] + Math.floor(((last[name] - first[name]) * before) / span);
  return { imported: on("imported"), exported: on("exported") };
}

/** A day that a gateway settled; what it reads at the ends of slots is what it charges for. */
function dayOf(seed: number, lateMs = 100): { readonly day: Day; readonly powers: readonly number[] } {
  const stream = randomStream(seed, "devices-judge");
  const powers = drawnPowers(stream);
  const exactAt = exactCounters(powers);
  const readings = Array.from({ length: SLOTS }, (_, slot) => readingAt(exactAt, slot * SLOT_MS, lateMs, stream));
  const settled: Settled[] = [];
  const gaps: { home: string; slotMs: number }[] = [];
  for (let slot = 1; slot < SLOTS - 1; slot++) {
    const [from = { imported: 0, exported: 0 }, until = from] = readings.slice(slot, slot + 2);
    const slotMs = slot * SLOT_MS;
    const [imported, exported] = [until.imported - from.imported, until.exported - from.exported];
    if (stream.below(6) === 0) gaps.push({ home: HOME, slotMs });
    else settled.push({ home: HOME, slotMs, imported, exported });
  }
  const closed = Array.from({ length: SLOTS - 2 }, (_, index) => (index + 1) * SLOT_MS);
  const homes = new Map([[HOME, truthOf(powers, lateMs)]]);
  const throughMs = (SLOTS - 1) * SLOT_MS;
  return {
    day: { slotLengthMs: SLOT_MS, speed: SPEED, homes, closed, missed: new Set(), settled, gaps, throughMs },
    powers,
  };
}

const SEED = Number(process.env["MICROMARKET_SEED"] ?? 1);

describe(`the settlement's judge (MICROMARKET_SEED=${SEED})`, () => {
  test("takes every reading between two samples at most half a slot apart for right, however power changes", () => {
    for (let run = 0; run < 2_000; run++) {
      const { day } = dayOf(SEED * 10_000 + run, run % 300);
      expect([run, judgeSettlement(day).faults]).toEqual([run, []]);
    }
  });

  test("sees a reading whose samples were on their way for longer than was known", () => {
    const found = Array.from({ length: 200 }, (_, run) => {
      const { day, powers } = dayOf(SEED * 10_000 + run, 1_500);
      return judgeSettlement({ ...day, homes: new Map([[HOME, truthOf(powers, 0)]]) }).figures["wrong"] ?? 0;
    });
    expect(found.filter((wrong) => wrong > 0).length).toBeGreaterThan(100);
  });

  const steady = (): Day => {
    const powers = Array.from({ length: 2 * SLOTS }, () => 2_000);
    const { day } = dayOf(SEED);
    const settled = day.closed.map((slotMs) => ({ home: HOME, slotMs, imported: 500, exported: 0 }));
    return { ...day, homes: new Map([[HOME, truthOf(powers, 0)]]), settled, gaps: [] };
  };
  const with_ = (day: Day, slot: number, change: Partial<Settled>): Day => {
    return { ...day, settled: day.settled.map((one, index) => (index === slot ? { ...one, ...change } : one)) };
  };

  test.each<[string, (day: Day) => Day, string]>([
    [
      "a slot that is four Wh off",
      (day) => with_(day, 3, { imported: 504 }),
      "settled numbers are wrong: home-1 imported",
    ],
    ["energy in the wrong direction", (day) => with_(day, 3, { imported: 0, exported: 500 }), "home-1 exported"],
    ["a missing value that became 0", (day) => with_(day, 3, { imported: 0 }), "-500 Wh off"],
    [
      "a Wh that is lost slot by slot",
      (day) => ({ ...day, settled: day.settled.map((one) => ({ ...one, imported: 499 })) }),
      "sums of unbroken slots are wrong",
    ],
    [
      "an open slot that nobody told",
      (day) => ({ ...day, settled: day.settled.slice(1) }),
      "1 open slots were not told",
    ],
    [
      "a slot that is settled and open",
      (day) => ({ ...day, gaps: [{ home: HOME, slotMs: SLOT_MS }] }),
      "1 slots were settled and told as open",
    ],
    [
      "an open slot that was told twice",
      (day) => {
        const gap = { home: HOME, slotMs: SLOT_MS };
        return { ...day, settled: day.settled.slice(1), gaps: [gap, gap] };
      },
      "1 open slots were told twice",
    ],
    [
      "a slot that was settled twice",
      (day) => ({ ...day, settled: [...day.settled, ...day.settled.slice(0, 1)] }),
      "1 slots were settled twice",
    ],
    [
      "a gate that was forgotten",
      (day) => ({ ...day, closed: day.closed.filter((_, index) => index !== 5) }),
      "1 slots were neither closed nor told as passed over",
    ],
    [
      "a day of which next to nothing was settled",
      (day) => ({ ...day, settled: day.settled.slice(0, 2), gaps: day.settled.slice(2) }),
      "only 2 of 22 home slots were settled",
    ],
  ])("sees %s", (_, plant, fault) => {
    expect(judgeSettlement(steady()).faults).toEqual([]);
    expect(judgeSettlement(plant(steady())).faults.join("\n")).toContain(fault);
  });

  test("says how many numbers there are, how far they are off, and what they sum to", () => {
    const off = with_(steady(), 3, { imported: 502 });
    const through = (SLOTS - 2) * 500 + 2;
    expect(judgeSettlement(off)).toMatchObject({
      faults: [],
      figures: {
        deliveries: SLOTS - 2,
        wrong: 0,
        gaps: 0,
        worstOffWh: 2,
        itsBoundWh: 3,
        settledWh: through,
        trueWh: through - 2,
      },
    });
    const passedOver = { ...off, closed: off.closed.filter((_, index) => index !== 5), missed: new Set([6 * SLOT_MS]) };
    expect(judgeSettlement(passedOver)).toMatchObject({ faults: [], figures: { passedOver: 1 } });
  });
});

describe("the burden's judge", () => {
  const day = (plant: (sample: number) => Partial<Burden> = () => ({}), count = 24): readonly Burden[] =>
    Array.from({ length: count }, (_, sample) => {
      const noise = (sample * 7_919) % 1_000;
      const flat = {
        heapKb: 90_000 + noise,
        rssKb: 200_000,
        files: 29 + (sample % 5 === 0 ? 1 : 0),
        sockets: 4,
        timers: 30,
      };
      return { ...flat, ...plant(sample) };
    });

  test("finds nothing where nothing grows, whatever comes and goes", () => {
    expect(judgeBurden(day())).toMatchObject({ faults: [], figures: { files: "29 / 29 / 29" } });
    const restarted = day((sample) => (sample === 9 ? { files: 24, sockets: 3 } : {}));
    expect(judgeBurden(restarted).faults).toEqual([]);
  });

  test.each<[string, (sample: number) => Partial<Burden>, string]>([
    [
      "100 KB a slot that stay on the heap",
      (sample) => ({ heapKb: 90_000 + sample * 400 }),
      "the heap grew by 3200 KB",
    ],
    [
      "a descriptor that is not closed every four hours",
      (sample) => ({ files: 29 + Math.floor(sample / 4) }),
      "open files grew from 29",
    ],
    [
      "sockets that are left after the broker's restart",
      (sample) => ({ sockets: sample > 9 ? 6 : 4 }),
      "open sockets grew from 4 to 6",
    ],
    ["a timer for each slot", (sample) => ({ timers: 30 + 4 * sample }), "open timers grew"],
  ])("sees %s", (_, plant, fault) => {
    expect(judgeBurden(day(plant)).faults.join("\n")).toContain(fault);
  });

  test("says nothing on a few samples but what they are", () => {
    const verdict = judgeBurden(day((sample) => ({ heapKb: 90_000 * (sample + 1) }), 2));
    expect(verdict).toMatchObject({ faults: [], figures: { heapKb: "90000" } });
    expect(judgeBurden([]).faults).toEqual([]);
  });
});

describe("the controls' judge", () => {
  const flaws = ["modbus", "mqtt"].flatMap((device) =>
    (["late", "lost", "reset"] as const).map((kind) => ({ device, kind, at: 0 })),
  );
  const devices = ["modbus", "mqtt"].map((link) => ({
    id: link,
    link,
  })) as unknown as ControlEvidence["description"]["devices"];
  const inverter = { id: "home-1-inverter", kind: "inverter", link: "modbus" } as unknown as DescribedDevice;
  const written = (capability: string, outcome = "verified", count = 3): string =>
    `micromarket_control_writes_total{capability="${capability}",outcome="${outcome}"} ${count}`;
  const control = { device: "home-1-battery", capability: "setpoint_power_w" };
  const good: ControlEvidence = {
    description: { devices, controlled: [inverter] },
    metrics: ["setpoint_power_w", "limit_generation_w", "evse_current_ma"].map((name) => written(name)).join("\n"),
    parts: ["battery", "charger"].map((part) => ({ home: "home-1", part, inWh: 10, outWh: 0 })),
    flaws,
    log: ["TAKEN", "VERIFIED", "RELEASED", "TAKEN", "RELEASE_FAILED"].map((code) => ({ ...control, code })),
    isMqttTold: true,
  };

  test("is content where all kinds of faults struck, and all was told, obeyed and given back", () => {
    const figures = { modbusFaults: "1 late, 1 lost, 1 reset", releasesFailed: 1, batteryWh: 10, chargerWh: 10 };
    expect(judgeControls(good, true)).toMatchObject({ faults: [], figures });
  });

  test.each<[string, Partial<ControlEvidence>, string]>([
    ["a kind of fault that spared a link", { flaws: flaws.slice(0, 5) }, "no reply was reset over mqtt"],
    [
      "a device that was told nothing",
      { metrics: written("limit_generation_w") },
      "nothing was told to any device by setpoint_power_w",
    ],
    ["an inverter that was told nothing", { metrics: written("setpoint_power_w") }, "by limit_generation_w"],
    ["words that nobody confirmed", { metrics: good.metrics.replaceAll("verified", "unknown") }, "by evse_current_ma"],
    ["batteries that stand still", { parts: good.parts.slice(1) }, "no battery moved"],
    ["cars that get nothing", { parts: good.parts.slice(0, 1) }, "no car was charged"],
  ])("sees %s in a whole day, and asks nothing of a part of one", (_, change, fault) => {
    expect(judgeControls({ ...good, ...change }, true).faults.join("\n")).toContain(fault);
    expect(judgeControls({ ...good, ...change }, false).faults).toEqual([]);
  });

  test("sees a control that was never given back", () => {
    const log = ["TAKEN", "RELEASED", "TAKEN", "VERIFIED"].map((code) => ({ ...control, code }));
    expect(judgeControls({ ...good, log }, false).faults).toEqual([
      "home-1-battery setpoint_power_w was not given back",
    ]);
  });

  test("does not wait for chargers where nobody can tell them anything", () => {
    const metrics = good.metrics.replace(written("evse_current_ma"), "");
    expect(judgeControls({ ...good, metrics, isMqttTold: false }, true).faults).toEqual([]);
  });
});
