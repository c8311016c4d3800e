import { expect, test } from "@jest/globals";
import { instantMs, watts } from "@micromarket/kernel";
import { ControlRoom } from "../../src/control/control-room.ts";
import { HOMES } from "../memory-street.ts";
import { marketRules } from "@micromarket/testkit";
import { memoryOf, rulesOf, settle, TestTime, toldDevice, type TestMemory, type Told } from "./told-device.ts";

const PLANT = "plant";

function roomOf(told: Told, memory: TestMemory, time: TestTime, isProgramOpen = true): ControlRoom {
  return new ControlRoom({
    noteDim: () => undefined,
    config: {
      name: "site",
      homes: [{ ...HOMES[0], pv: PLANT, meter: "grid" } as (typeof HOMES)[number]],
      devices: [{ id: PLANT, poll: 1_000, control: ["limit_generation_w"] }] as never,
      rules: marketRules(),
      isControlEnabled: true,
    },
    controls: new Map([[PLANT, [told.control]]]),
    clock: { now: () => instantMs(time.ms), factor: null },
    time: { wallNow: () => instantMs(time.ms), elapsedMs: () => time.ms, after: time.after },
    ...{ memory, isProgramOpen, tell: (_, __, event) => told.events.push(event) },
  });
}

const plant = (): Told => toldDevice(rulesOf("limit_generation_w", { min: 0, max: 10_000, step: 1 }), 10_000);
const codeOf = (done: { readonly ok: boolean; readonly error?: { readonly code: string } }): string | null =>
  done.ok ? null : (done.error?.code ?? "");

test("what the desk refuses", async () => {
  const time = new TestTime();
  const room = roomOf(plant(), memoryOf(), time);
  const until = instantMs(time.ms + 60_000);
  expect(codeOf(await room.release("stranger"))).toBe("DEVICE_UNKNOWN");
  expect(codeOf(await room.release(PLANT))).toBe("NOTHING_TO_RELEASE");
  expect(codeOf(room.dim("stranger", watts(5_000), until))).toBe("HOME_UNKNOWN");
  expect(codeOf(room.undim("stranger"))).toBe("HOME_UNKNOWN");
  expect(codeOf(room.undim("home-1"))).toBe("NOT_DIMMED");
  expect(codeOf(room.dim("home-1", watts(5_000), until))).toBeNull();
  expect(room.limits()).toMatchObject([{ home: "home-1", dimmed: { importLimit: 5_000, until } }]);
  expect(codeOf(room.undim("home-1"))).toBeNull();
  expect(room.limits()).toEqual([]); // a plant, and a connection that bears all of it
});

test("a stop is latched over restarts until it is reset, and tells who", async () => {
  const [told, memory, time] = [plant(), memoryOf(), new TestTime()];
  const stopping = roomOf(told, memory, time).emergencyStop("Ada Lovelace");
  await time.pass(10);
  await stopping;
  const again = roomOf(told, memory, time);
  expect(again.isStopped()).toMatchObject({ by: "Ada Lovelace" });
  expect(again.list()).toMatchObject([{ device: PLANT, phase: "stopped", locked: null }]);
  await again.resetStop();
  expect(roomOf(told, memory, time).isStopped()).toBeNull();
  expect(told.sent).toEqual([]);
});

test("a stop that cannot be remembered is done, and rejects", async () => {
  const [told, memory, time] = [plant(), memoryOf(), new TestTime()];
  const room = roomOf(told, memory, time);
  memory.isFull = true;
  const stopping = room.emergencyStop("Ada").catch((error: unknown) => String(error));
  await time.pass(10);
  expect(await stopping).toContain("a restart would not know of it");
  expect(room.isStopped()).toMatchObject({ by: "Ada" });
  const lifting = room.resetStop();
  await expect(lifting).rejects.toThrow("a restart would not know of it");
});

test("a closed lock is told with its mend; of devices that were not heard of nothing is undone, and an end waits for none", async () => {
  const [told, memory, time] = [plant(), memoryOf(), new TestTime()];
  const open = roomOf(told, memory, time);
  open.start();
  await time.pass(20_000); // nobody was heard of: only what was left is looked after
  expect(told.sent).toEqual([]);
  const locked = roomOf(told, memory, time, false);
  expect(locked.list()).toMatchObject([
    { locked: { lock: "program", mend: expect.stringContaining("--allow-control") } },
  ]);
  let isClosed = false;
  void locked.close().then(() => (isClosed = true));
  await settle();
  expect(isClosed).toBe(true);
  await open.close();
});
