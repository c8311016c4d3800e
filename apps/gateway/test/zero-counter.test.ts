/** A counter that stands at 0, or is not there: what is settled by is right, or missing and told, and never a wrong number. */
import { describe, expect, test } from "@jest/globals";
import type { PointName, Reading } from "@micromarket/assets";
import type { CounterFacts } from "@micromarket/device-profiles";
import { instantMs, measured, MINUTE, missing, times, type Measurement } from "@micromarket/kernel";
import type { MeterSpec } from "../src/counter-facts.ts";
import { MeterBoard } from "../src/meter-board.ts";
import { readBoardMemory } from "../src/meter-memory.ts";
import { counterOf, meterOf } from "./counters.ts";

const SLOT = times(MINUTE, 15);
const at = (minutes: number) => instantMs(minutes * 60_000);
const FACTS: CounterFacts = {
  ...{ resolutionWh: 1, widthBits: 32, wrapsAtWh: 2 ** 32, resets: "unknown", balance: "vector" },
};
const SUNSPEC: MeterSpec = meterOf({ ...counterOf(), isTold: true }, { powerMaxAgeMs: 15_000 });
const IMPORT_ONLY: MeterSpec = {
  ...SUNSPEC,
  counters: new Map([["imported_wh", counterOf()]]),
  neverExports: true,
};

/** What a device says at once; `acc` of 0 is a counter that may not be there. */
interface Said {
  readonly watts: number | null;
  readonly imported: number | "acc 0";
  readonly exported: number | "acc 0" | "no place" | "no point";
}

/** Minute by minute, from minute 0 on. */
class Device {
  board: MeterBoard;
  readonly #spec: MeterSpec;
  #minute = 0;

  constructor(spec: MeterSpec) {
    this.#spec = spec;
    this.board = this.#open();
  }

  say(minutes: number, said: (minute: number) => Said): this {
    for (let count = 0; count < minutes; count++) {
      const now = at(this.#minute);
      const { watts, imported, exported } = said(this.#minute);
      this.#minute += 1;
      const reading = (point: PointName, value: Measurement<number>): Reading => ({ point, value, at: now });
      const counter = (point: PointName, shown: Said["exported"]): Reading[] => {
        if (shown === "no point") return [];
        if (typeof shown === "number") return [reading(point, measured(shown))];
        return [reading(point, missing(shown === "acc 0" ? "not-reported" : "not-provided"))];
      };
      const shown = { imported_wh: imported, exported_wh: exported } as const;
      const zeros = Object.entries(shown).flatMap(([point, value]) =>
        value === "acc 0" ? [[point as PointName, FACTS] as const] : [],
      );
      const power = reading("power_w", watts === null ? missing("not-reported") : measured(watts));
      const readings = [power, ...counter("imported_wh", imported), ...counter("exported_wh", exported)];
      this.board.note({ device: "grid", readings, zeros: new Map(zeros) });
    }
    return this;
  }

  restart(): this {
    this.board = this.#open(this.board.memoryText());
    return this;
  }

  /** Imported and exported of a slot, by its number, or why there is nothing. */
  slot(number: number): readonly [number, number] | string {
    const slot = this.board.slotOf("grid", at(15 * number), at(this.#minute));
    if (slot.kind === "pending") return "pending";
    return slot.kind === "missing" ? slot.reason : [slot.imported, slot.exported];
  }

  #open(memory?: string): MeterBoard {
    const read = memory === undefined ? null : readBoardMemory(memory);
    if (read?.ok === false) throw new Error(JSON.stringify(read.error));
    const place = { slotLength: SLOT, gapMax: times(MINUTE, 7), tie: null, stepMaxWh: () => 10 };
    return new MeterBoard({ ...place, meters: new Map([["grid", this.#spec]]) }, read?.value);
  }
}

/** 600 W come in: 10 Wh a minute. */
const imports = (exported: Said["exported"], watts: number | null = 600) => {
  return (minute: number): Said => ({ watts, imported: 5_000 + 10 * minute, exported });
};
/** Import stands still, while power flows out. */
const exports_ = (exported: Said["exported"], watts = -1_200, imported = 5_000) => {
  return (): Said => ({ watts, imported, exported });
};

describe("a counter of SunSpec that stands at 0", () => {
  test("of a home that never exported settles with 0, and is no trouble", () => {
    const device = new Device(SUNSPEC).say(61, imports("acc 0"));
    expect([0, 1, 2, 3].map((slot) => device.slot(slot))).toEqual(Array.from({ length: 4 }, () => [150, 0]));
    expect([device.board.doubtOf("grid"), device.board.flagOf("grid")]).toEqual([null, null]);
    expect(device.board.readingAt("grid", at(15), at(61))).toMatchObject({ imported: 5_150, exported: 0, run: "0 0" });
  });

  test("of a meter that is new settles in both directions", () => {
    const device = new Device(SUNSPEC).say(31, () => ({ watts: 0, imported: "acc 0", exported: "acc 0" }));
    device.say(30, (minute) => ({ watts: 600, imported: 10 * (minute - 30), exported: "acc 0" }));
    expect([0, 1, 2].map((slot) => device.slot(slot))).toEqual([
      [0, 0],
      [0, 0],
      [150, 0],
    ]);
  });

  test("and moves for the first time counts in full", () => {
    const device = new Device(SUNSPEC).say(20, imports("acc 0"));
    device.say(26, (minute) => ({
      watts: -1_200,
      imported: 5_190,
      exported: minute < 21 ? "acc 0" : 20 * (minute - 19),
    }));
    expect([1, 2].map((slot) => device.slot(slot))).toEqual([
      [40, 20 * 11],
      [0, 20 * 15],
    ]);
    expect(device.board.flagOf("grid")).toBeNull();
  });

  test("and moves late, after power had told it, counts in full all the same: its slots are shared out", () => {
    const device = new Device(SUNSPEC).say(16, imports("acc 0")).say(16, exports_("acc 0", -1_200, 5_150));
    expect(device.board.flagOf("grid")).toBe("uncounted");
    device.say(15, (minute) => ({ watts: -1_200, imported: 5_150, exported: 20 * (minute - 15) }));
    expect(device.board.flagOf("grid")).toBeNull();
    const border = (minute: number) => device.board.readingAt("grid", at(minute), at(47));
    expect(border(15)).toMatchObject({ run: "0 0", exported: 0 });
    expect(border(45)).toMatchObject({ run: "0 0", exported: 600 });
  });

  test("while power shows export is a gap that is told, until none has flowed for a slot", () => {
    const device = new Device(SUNSPEC).say(31, imports("acc 0")).say(30, exports_("acc 0", -1_200, 5_300));
    expect([0, 1, 2, 3].map((slot) => device.slot(slot))).toEqual([[150, 0], [150, 0], "uncounted", "pending"]);
    expect(device.board.doubtOf("grid")?.what).toContain("power shows export that exported_wh does not count");
    expect(device.board.flagOf("grid")).toBe("uncounted");
    device.say(45, imports("acc 0"));
    expect([2, 3, 4].map((slot) => device.slot(slot))).toEqual(["gap", "gap", "gap"]);
    expect([5, 6].map((slot) => device.slot(slot))).toEqual(["gap", [150, 0]]);
    expect(device.board.readingAt("grid", at(105), at(106))).toMatchObject({ run: "1 1" });
    expect(device.board.flagOf("grid")).toBeNull();
  });

  test("tells it over a restart as well, and forgets no little flow", () => {
    const held = new Device(SUNSPEC).say(31, exports_("acc 0")).restart();
    expect(held.say(1, exports_("acc 0")).board.flagOf("grid")).toBe("uncounted");
    expect(held.say(23, exports_("acc 0")).slot(2)).toBe("uncounted");
    // 60 W for eleven minutes are 11 Wh, a minute at a time
    const little = new Device(SUNSPEC);
    for (let round = 0; round < 10; round++) little.say(2, exports_("acc 0", -60)).restart();
    expect(little.board.flagOf("grid")).toBeNull();
    for (let round = 0; round < 3; round++) little.say(2, exports_("acc 0", -60)).restart();
    expect(little.board.flagOf("grid")).toBe("uncounted");
  });

  test("is left alone where power only shivers", () => {
    const device = new Device(SUNSPEC).say(24 * 60, (minute) => imports("acc 0", minute % 2 === 0 ? 40 : -19)(minute));
    expect(device.board.flagOf("grid")).toBeNull();
    expect(device.slot(80)).toEqual([150, 0]);
  });

  test("after another reading is a reset once it lasts, and a moment's is none", () => {
    const lasting = new Device(SUNSPEC).say(18, imports(800)).say(43, imports("acc 0"));
    expect([0, 1, 2, 3].map((slot) => lasting.slot(slot))).toEqual([[150, 0], "counter-reset", [150, 0], [150, 0]]);
    const moment = new Device(SUNSPEC).say(18, imports(800)).say(3, imports("acc 0")).say(40, imports(800));
    expect([0, 1, 2, 3].map((slot) => moment.slot(slot))).toEqual(Array.from({ length: 4 }, () => [150, 0]));
  });

  test("of which power cannot say what it is counts nothing, and is told; the operator may say it", () => {
    const blind = new Device(SUNSPEC).say(31, imports("acc 0", null));
    expect([blind.slot(0), blind.board.flagOf("grid")]).toEqual(["gap", "uncounted"]);
    expect(blind.board.doubtOf("grid")?.mend).toContain("exports: never");
    const turned = new Device({ ...SUNSPEC, isAsIs: true }).say(31, imports("acc 0"));
    expect([turned.slot(0), turned.board.flagOf("grid")]).toEqual(["gap", "uncounted"]);
    const stated = new Device({ ...SUNSPEC, neverExports: true }).say(31, imports("acc 0", null));
    expect([stated.slot(0), stated.board.flagOf("grid")]).toEqual([[150, 0], null]);
  });
});

describe("a device that counts no export", () => {
  test("counts none where the operator says that there is none", () => {
    const device = new Device(IMPORT_ONLY).say(31, imports("no point"));
    expect([device.slot(0), device.slot(1), device.board.doubtOf("grid")]).toEqual([[150, 0], [150, 0], null]);
  });

  test("is a gap and told where power says otherwise", () => {
    const device = new Device(IMPORT_ONLY).say(31, imports("no point")).say(15, exports_("no point", -1_200, 5_300));
    expect(device.board.doubtOf("grid")).toMatchObject({
      what: "power shows export, and the file says exports: never",
      mend: expect.stringContaining("take exports: never out"),
    });
    device.say(8, exports_("no point", -1_200, 5_300));
    expect([device.slot(1), device.slot(2)]).toEqual([[150, 0], "uncounted"]);
  });

  test("is a gap and told where it has no place for it", () => {
    const device = new Device(SUNSPEC).say(31, imports("no place")).say(15, exports_("no place", -1_200, 5_300));
    expect([device.slot(1), device.board.flagOf("grid")]).toEqual([[150, 0], "uncounted"]);
  });

  test("by the operator's word alone where it says no power", () => {
    const device = new Device({ ...IMPORT_ONLY, powerMaxAgeMs: null }).say(31, imports("no point", null));
    expect([device.slot(0), device.board.doubtOf("grid")]).toEqual([[150, 0], null]);
  });
});
