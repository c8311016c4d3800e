import { expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  BATCH_ROWS_MAX,
  decodeBatch,
  decodeBatchAnswer,
  encodeBatch,
  encodeBatchAnswer,
  type BatchFrame,
} from "@micromarket/protocol";

const id = fc.stringMatching(/^[A-Za-z0-9._:-]{1,36}$/);
const party = fc.stringMatching(/^[A-Za-z0-9.-]{1,128}$/);
const row = fc.record({
  price: fc.option(fc.maxSafeInteger()),
  energy: fc.integer({ min: 0, max: 0x7fff_ffff }),
  side: fc.constantFrom("buy" as const, "sell" as const),
});
const frame = fc
  .record({
    requestId: id,
    party,
    slotMs: fc.maxSafeInteger(),
    rows: fc.array(row, { minLength: 1, maxLength: 40 }),
    said: fc.option(
      fc.record({
        sequence: fc.integer({ min: 1, max: 0xffff_ffff }),
        mac: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      }),
    ),
  })
  .map(({ rows, ...head }): BatchFrame => ({
    ...head,
    prices: rows.map(({ price }) => (price === 0 ? 0 : price)),
    energies: rows.map(({ energy }) => energy),
    sides: rows.map(({ side }) => side),
  }));

test("a batch is read as it was written, wherever its bytes lie in a buffer", () => {
  fc.assert(
    fc.property(frame, fc.integer({ min: 0, max: 9 }), (batch, offset) => {
      const bytes = encodeBatch(batch);
      const buffer = new Uint8Array(bytes.length + offset);
      buffer.set(bytes, offset);
      expect(decodeBatch(buffer.subarray(offset))).toEqual({ ok: true, value: batch });
    }),
    { numRuns: 500 },
  );
});

test("bytes that were cut off, lengthened or changed are refused or are another batch, and never throw", () => {
  fc.assert(
    fc.property(frame, fc.nat(), fc.nat({ max: 255 }), fc.integer({ min: -40, max: 40 }), (batch, at, value, more) => {
      const bytes = encodeBatch(batch);
      const changed = new Uint8Array(Math.max(0, bytes.length + more));
      changed.set(bytes.subarray(0, changed.length));
      if (changed.length > 0) changed[at % changed.length] = value;
      const read = decodeBatch(changed);
      if (!read.ok) expect(["BAD_FRAME", "TOO_LARGE"]).toContain(read.error.code);
      else expect(encodeBatch(read.value).length).toBe(changed.length);
    }),
    { numRuns: 2_000 },
  );
});

test("an answer is read as it was written", () => {
  fc.assert(
    fc.property(
      id,
      fc.integer({ min: 1, max: BATCH_ROWS_MAX }),
      fc.option(fc.integer({ min: 0, max: 999 })),
      fc.option(fc.integer({ min: 1 })),
      (requestId, rows, refusedRow, entry) => {
        const answer = { requestId, rows, status: 200, refusedRow, code: "OK", entry };
        expect(decodeBatchAnswer(encodeBatchAnswer(answer))).toEqual({ ok: true, value: answer });
      },
    ),
  );
});

const one: BatchFrame = {
  requestId: "r1",
  party: "bot",
  slotMs: 0,
  prices: [1],
  energies: [1],
  sides: ["buy"],
  said: null,
};

test.each([
  ["no row", { ...one, prices: [], energies: [], sides: [] }],
  ["a row without energy", { ...one, energies: [] }],
  ["an id with a blank", { ...one, requestId: "r 1" }],
  ["a party with a slash", { ...one, party: "a/b" }],
])("%s cannot be sent", (_, batch) => {
  expect(() => encodeBatch(batch)).toThrow(RangeError);
});

test.each([
  ["an answer's kind", 1, 2, "BAD_FRAME"],
  ["another version", 0, 9, "BAD_FRAME"],
  ["too many rows", 3, 0xff, "TOO_LARGE"],
])("%s is refused", (_, at, value, code) => {
  const bytes = encodeBatch(one);
  bytes[at] = value;
  expect(decodeBatch(bytes)).toMatchObject({ ok: false, error: { code } });
});
