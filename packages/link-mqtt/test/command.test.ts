import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { durationMs } from "@micromarket/kernel";
import { CommandReceiver, commandText, NumberText } from "@micromarket/link-mqtt";
import { createVirtualClock } from "@micromarket/testkit";
import { message, NOON, secondsAfterNoon } from "./message.ts";

function receiverAtNoon(rememberedMax = 1_000) {
  const clock = createVirtualClock(NOON);
  const receiver = new CommandReceiver({ now: clock.now, rememberedMax });
  return { clock, receiver };
}

function command(id: string, issued = 0, until = 10): string {
  const stamp = { id, issuedAt: secondsAfterNoon(issued), validUntil: secondsAfterNoon(until) };
  return commandText({ kind: "limit_import_w", value: 4200 }, stamp);
}

describe("a command", () => {
  test("says when it was issued and until when it may be done", () => {
    expect(JSON.parse(command("c1"))).toEqual({
      kind: "limit_import_w",
      value: 4200,
      id: "c1",
      issued_at: "2026-07-01T12:00Z",
      valid_until: "2026-07-01T12:00:10Z",
    });
  });

  test("is done once, and its numbers are as they were written", () => {
    const { receiver } = receiverAtNoon();
    const first = receiver.accept(message("cmd", command("c1")));
    expect(first).toMatchObject({ ok: true, value: { id: "c1", validUntil: secondsAfterNoon(10) } });
    expect(first.ok ? first.value.body["value"] : null).toEqual(new NumberText("4200"));
    expect(receiver.accept(message("cmd", command("c1")))).toEqual({ ok: false, error: "REPEATED" });
  });
});

describe("refusals, in their order", () => {
  const good = JSON.parse(command("c1")) as Record<string, unknown>;
  test.each([
    ["RETAINED", message("cmd", "rubbish", true)],
    ["MALFORMED", message("cmd", "rubbish")],
    ["MALFORMED", message("cmd", "[]")],
    ["MALFORMED", message("cmd", Buffer.alloc(10_000_000, " "))],
    ["MALFORMED", message("cmd", command("c1").replace("{", '{"id":"c0",'))],
    ["ID_INVALID", message("cmd", { ...good, id: 5, valid_until: null })],
    ["ID_INVALID", message("cmd", { ...good, id: "" })],
    ["TIMES_INVALID", message("cmd", { ...good, valid_until: undefined })],
    ["TIMES_INVALID", message("cmd", { ...good, valid_until: "2026-07-01T12:00:10" })],
    ["TIMES_INVALID", message("cmd", { ...good, issued_at: 1_782_907_200 })],
    ["TIMES_INVALID", message("cmd", command("c1", 5, 4))],
    ["FROM_THE_FUTURE", message("cmd", command("c1", 6, 1_000))],
    ["VALID_TOO_LONG", message("cmd", command("c1", 0, 61))],
    ["EXPIRED", message("cmd", command("c1", -10, 0))],
  ])("%s", (error, from) => {
    expect(receiverAtNoon().receiver.accept(from)).toEqual({ ok: false, error });
  });

  test("TOO_MANY, until the first of them has expired", () => {
    const { clock, receiver } = receiverAtNoon(2);
    expect(receiver.accept(message("cmd", command("c1", 0, 5))).ok).toBe(true);
    expect(receiver.accept(message("cmd", command("c2"))).ok).toBe(true);
    expect(receiver.accept(message("cmd", command("c3")))).toEqual({ ok: false, error: "TOO_MANY" });
    clock.advance(durationMs(5_000));
    expect(receiver.accept(message("cmd", command("c3"))).ok).toBe(true);
    expect(receiver.accept(message("cmd", command("c1", 0, 5)))).toEqual({ ok: false, error: "EXPIRED" });
  });

  test("whatever comes when, nothing is done after its time or twice", () => {
    const arrival = fc.record({
      id: fc.constantFrom("a", "b", "c"),
      issued: fc.integer({ min: -60, max: 60 }),
      validFor: fc.integer({ min: 1, max: 60 }),
      wait: fc.integer({ min: 0, max: 20_000 }),
    });
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 30 }), (arrivals) => {
        const { clock, receiver } = receiverAtNoon();
        const done = new Map<string, number>();
        for (const { id, issued, validFor, wait } of arrivals) {
          clock.advance(durationMs(wait));
          const text = command(`${id}${issued}`, issued, issued + validFor);
          const accepted = receiver.accept(message("cmd", text));
          if (!accepted.ok) continue;
          expect(clock.now() < accepted.value.validUntil).toBe(true);
          const before = done.get(accepted.value.id);
          expect(before === undefined || before <= clock.now()).toBe(true); // only a second command of that name
          done.set(accepted.value.id, accepted.value.validUntil);
        }
      }),
    );
  });
});
