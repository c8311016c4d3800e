/** What a link promises while nothing goes wrong, and how it waits. */
import { describe, expect, test } from "@jest/globals";
import { instantMs } from "@micromarket/kernel";
import type { Framing, LinkClock, ReadRequest } from "../src/index.ts";
import { linkTo, rawServer } from "./open-ends.ts";
import { frame, ownAddresses, type Asked } from "./raw-server.ts";

const range = (address: number, count = 1): ReadRequest => ({ unit: 1, function: 4, address, count });
const answer = (asked: Asked): void => void asked.socket.write(frame("tcp", asked, ownAddresses(asked)));

/** Time stands still until the test moves it; timers run when they are due. */
function manualClock(): LinkClock & { advance(ms: number): void } {
  let present = 0;
  const timers = new Map<object, { readonly due: number; readonly action: () => void }>();
  return {
    now: () => instantMs(1_000_000 + present),
    elapsedMs: () => present,
    after: (delayMs, action) => {
      const key = {};
      timers.set(key, { due: present + delayMs, action });
      return () => void timers.delete(key);
    },
    advance: (ms) => {
      present += ms;
      for (const [key, { due, action }] of [...timers]) if (due <= present && timers.delete(key)) action();
    },
  };
}

describe("a link", () => {
  test("reads input and holding registers of any unit", async () => {
    const server = await rawServer({ onAsked: answer });
    const link = linkTo(server.port);
    expect(await link.read({ unit: 1, function: 4, address: 7, count: 3 })).toEqual({ ok: true, value: [7, 8, 9] });
    expect(await link.read({ unit: 247, function: 3, address: 0, count: 125 })).toMatchObject({ ok: true });
    expect(server.asked).toMatchObject([
      { unit: 1, function: 4, address: 7, count: 3 },
      { unit: 247, function: 3, address: 0, count: 125 },
    ]);
    expect(link.metrics).toMatchObject({ requests: 2, answers: 2, failures: {}, connects: 1, reconnects: 0 });
    expect(link.state).toEqual({ kind: "connected", lastFailure: null });
  });

  test.each<Framing>(["tcp", "rtu-over-tcp"])(
    "%s: one question at a time, in the order of the calls",
    async (framing) => {
      let [open, openMax] = [0, 0];
      const server = await rawServer({
        framing,
        onAsked: (asked) => {
          openMax = Math.max(openMax, ++open);
          setImmediate(() => {
            open -= 1;
            asked.socket.write(frame(framing, asked, ownAddresses(asked)));
          });
        },
      });
      const link = linkTo(server.port, { framing });
      const addresses = Array.from({ length: 40 }, (_, index) => index * 3);
      const outcomes = await Promise.all(addresses.map((address) => link.read(range(address))));
      expect(outcomes).toEqual(addresses.map((address) => ({ ok: true, value: [address] })));
      expect(server.asked.map(({ address }) => address)).toEqual(addresses);
      expect(openMax).toBe(1);
    },
  );

  test("puts an answer together that comes byte by byte, in both framings", async () => {
    for (const framing of ["tcp", "rtu-over-tcp"] as const) {
      const server = await rawServer({
        framing,
        onAsked: (asked) => {
          asked.socket.setNoDelay(true);
          const bytes = [...frame(framing, asked, ownAddresses(asked))];
          const writeNext = (): void => {
            const byte = bytes.shift();
            if (byte !== undefined) asked.socket.write(Buffer.from([byte]), () => setImmediate(writeNext));
          };
          writeNext();
        },
      });
      const link = linkTo(server.port, { framing });
      for (const address of [5, 600]) {
        expect(await link.read(range(address, 4))).toEqual({ ok: true, value: ownAddresses({ address, count: 4 }) });
      }
    }
  });

  test.each([
    ["unit", { unit: 256 }],
    ["unit", { unit: Number.NaN }],
    ["function", { function: 6 }],
    ["function", { function: 16 }],
    ["address", { address: Number.NaN }],
    ["address", { address: 1.7 }],
    ["address", { address: -5 }],
    ["address", { address: 70_000 }],
    ["count", { count: 0 }],
    ["count", { count: 126 }],
    ["count", { count: Number.NaN }],
    ["range", { address: 65_535, count: 2 }],
  ])("refuses a wrong %s before the library sees it: %j", async (word, wrong) => {
    const server = await rawServer({ onAsked: answer });
    const link = linkTo(server.port);
    const outcome = await link.read({ ...range(0), ...wrong } as ReadRequest);
    expect(outcome).toMatchObject({ ok: false, error: { code: "REQUEST_INVALID" } });
    expect(JSON.stringify(outcome)).toContain(word);
    expect(server.asked).toEqual([]);
  });
});

describe("waiting", () => {
  test("rests after connecting and between questions as long as the device needs", async () => {
    const clock = manualClock();
    const server = await rawServer({ onAsked: answer });
    const link = linkTo(server.port, { clock });
    const request = { ...range(1), connectDelayMs: 1_000, gapMs: 50 };
    const first = link.read(request);
    await connected(link);
    clock.advance(999);
    expect(link.metrics.requests).toBe(0);
    clock.advance(1);
    expect(link.metrics.requests).toBe(1);
    await first;
    const second = link.read(request);
    clock.advance(49);
    expect(link.metrics.requests).toBe(1);
    clock.advance(1);
    expect(await second).toEqual({ ok: true, value: [1] });
  });

  test("a call that never gets its turn ends at its deadline, and is never sent", async () => {
    const clock = manualClock();
    const server = await rawServer({ onAsked: () => undefined });
    const link = linkTo(server.port, { clock, timeoutMs: 60_000, deadlineMs: 500 });
    const first = link.read(range(1));
    await connected(link);
    clock.advance(100);
    const second = link.read({ ...range(2), unit: 2 });
    clock.advance(399);
    expect(link.metrics.failures).toEqual({});
    clock.advance(1);
    expect(await first).toEqual({ ok: false, error: { code: "TIMEOUT" } });
    clock.advance(100);
    expect(await second).toEqual({ ok: false, error: { code: "DEADLINE" } });
    expect(link.metrics).toMatchObject({ requests: 1, failures: { TIMEOUT: 1, DEADLINE: 1 } });
  });

  test("says until when it waits, draws that from the jitter, and refuses what cannot be in time", async () => {
    const clock = manualClock();
    const draws: [number, number][] = [];
    const jitter = {
      between: (low: number, high: number): number => {
        draws.push([low, high]);
        return high;
      },
    };
    const server = await rawServer({
      onAsked: (asked) => {
        if (asked.address === 5) answer(asked);
      },
    });
    const backOff = { firstMs: 500, maxMs: 60_000 };
    const link = linkTo(server.port, { clock, jitter, backOff, timeoutMs: 80, deadlineMs: 900 });
    await connected(link);
    const read = link.read(range(1));
    clock.advance(80);
    await read;
    expect(draws.shift()).toEqual([0, 0xffff]); // where its questions are numbered from
    expect(draws).toEqual([[500, 1_000]]);
    expect(link.state).toEqual({ kind: "waiting", until: 1_001_080, lastFailure: { code: "TIMEOUT" } });
    expect(await link.read(range(1))).toEqual({ ok: false, error: { code: "OFFLINE", cause: { code: "TIMEOUT" } } });
    clock.advance(1_000);
    await connected(link);
    const again = link.read(range(1));
    clock.advance(80);
    await again;
    expect(draws).toEqual([
      [500, 1_000],
      [1_000, 2_000],
    ]);
    clock.advance(2_000);
    await connected(link);
    expect(await link.read(range(5))).toEqual({ ok: true, value: [5] });
    const silentAgain = link.read(range(1));
    clock.advance(80);
    await silentAgain;
    expect(draws.slice(2)).toEqual([[500, 1_000]]);
  });
});

async function connected(link: { readonly state: { readonly kind: string } }): Promise<void> {
  while (link.state.kind !== "connected") await new Promise((resolve) => void setImmediate(resolve));
}
