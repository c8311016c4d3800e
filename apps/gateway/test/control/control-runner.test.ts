import { expect, test } from "@jest/globals";
import { phaseOf } from "../../src/control/control-view.ts";
import { memoryOf, rulesOf, runnerOf, settle, TestTime, toldDevice } from "./told-device.ts";

const RULES = rulesOf("setpoint_power_w");

test("told, refreshed from memory after a kill without a write, and given back", async () => {
  const [told, memory, time] = [toldDevice(RULES), memoryOf(), new TestTime()];
  const first = runnerOf(told, memory, time);
  expect(phaseOf(first, false)).toBe("idle");
  first.want(1_000);
  expect(phaseOf(first, false)).toBe("reading");
  await time.pass(10);
  expect([phaseOf(first, false), told.value]).toEqual(["holding", 1_000]);
  first.close();

  const second = runnerOf(told, memory, time);
  second.want(1_000);
  await time.pass(10);
  expect(second.seen.value).toBe(1_000);
  expect([told.sent, told.events.map(({ code }) => code)]).toEqual([[1_000], ["TAKEN", "VERIFIED"]]);
  second.release("test");
  await second.settled();
  expect([told.value, told.isActive, told.sent.at(-1)]).toEqual([0, false, "restored"]);
});

test("what keeps a value up ends when the device is given back, however that came about", async () => {
  const [told, memory, time] = [toldDevice(RULES), memoryOf(), new TestTime()];
  let hushed = 0;
  const hush = (): boolean => (hushed += 1) > 0;
  const runner = runnerOf({ ...told, control: { ...told.control, hush } }, memory, time);
  runner.want(1_000);
  await settle();
  expect([told.value, hushed]).toEqual([1_000, 0]);
  [told.value, told.isActive] = [0, false]; // it has let go by itself: there is nothing to put back
  runner.release("test");
  await runner.settled();
  expect([told.sent, hushed]).toEqual([[1_000], 1]);
});

test("a device that does not say so is known to revert when its timer, told with the last write, runs out", async () => {
  const reversion = { kind: "timer", afterMs: 90_000, refreshMs: 30_000, fallsBackTo: null } as const;
  const [told, time] = [toldDevice({ ...RULES, reversion }), new TestTime()];
  const runner = runnerOf(told, memoryOf(), time);
  expect(runner.seen.revertsInMs).toBeNull();
  runner.want(1_000);
  await settle();
  expect(runner.seen.revertsInMs).toBe(90_000);
  await time.pass(20_000);
  expect(runner.seen.revertsInMs).toBe(70_000);
  await time.pass(20_000); // written again meanwhile
  expect(runner.seen.revertsInMs).toBeGreaterThan(70_000);
  runner.release("test");
  await runner.settled();
  expect(runner.seen.revertsInMs).toBeNull();
});

test("what an earlier run left is given back by a release, though nothing was wanted since", async () => {
  const [told, memory, time] = [toldDevice(RULES), memoryOf(), new TestTime()];
  const first = runnerOf(told, memory, time);
  first.want(1_000);
  await settle();
  first.close();
  const second = runnerOf(told, memory, time);
  second.release("test");
  await second.settled();
  expect([told.value, told.isActive]).toEqual([0, false]);
});

test("a memory that cannot be written: nothing is told, and it is tried again once it can", async () => {
  const [told, memory, time] = [toldDevice(RULES), memoryOf(), new TestTime()];
  memory.isFull = true;
  const runner = runnerOf(told, memory, time);
  runner.want(1_000);
  await time.pass(60_000);
  expect(told.sent).toEqual([]);
  expect(told.events.map(({ code }) => code)).toContain("WRITE_NOT_DONE");
  memory.isFull = false;
  await time.pass(900_000);
  expect([told.value, phaseOf(runner, false)]).toEqual([1_000, "holding"]);
});

test.each(["release", "stop"] as const)("a memory that cannot be written holds up no %s", async (way) => {
  const [told, memory, time] = [toldDevice(RULES), memoryOf(), new TestTime()];
  const runner = runnerOf(told, memory, time);
  runner.want(1_000);
  await settle();
  memory.isFull = true;
  runner[way]("test");
  await runner.settled();
  expect([told.value, told.isActive]).toEqual([0, false]);
  expect(phaseOf(runner, false)).toBe(way === "stop" ? "stopped" : "idle");
});

test("a damaged memory of it is told, and its value counts as somebody else's", async () => {
  const [told, time] = [toldDevice(RULES), new TestTime()];
  const runner = runnerOf(told, memoryOf(new Map([["device", "{"]])), time);
  await settle();
  expect(told.events).toMatchObject([{ code: "VALUE_UNKNOWN" }]);
  expect(runner.controller.hold).toBeNull();
});

test("phases: locked, lost, stopped", async () => {
  const [told, time] = [toldDevice(RULES), new TestTime()];
  const runner = runnerOf(told, memoryOf(), time);
  told.isUnlocked = false;
  runner.want(5);
  await time.pass(10);
  expect([phaseOf(runner, true), told.sent]).toEqual(["refused", []]);
  runner.device(false);
  expect(phaseOf(runner, true)).toBe("device-lost");
  runner.device(true);
  runner.stop("test");
  await settle();
  expect(phaseOf(runner, true)).toBe("stopped");
  runner.reset();
  expect(phaseOf(runner, true)).toBe("idle");
});
