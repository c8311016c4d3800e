/** Whatever a peer sends, in whatever pieces: the right value or a failure, never a wrong value, a hang or a crash. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Framing } from "../src/index.ts";
import type { RegisterRange } from "../src/question.ts";
import { ReplyGuard } from "../src/reply-guard.ts";
import { linkTo, rawServer } from "./open-ends.ts";
import { exceptionFrame, frame, ownAddresses, type Asked } from "./raw-server.ts";

const FRAMINGS: readonly Framing[] = ["tcp", "rtu-over-tcp"];

/** One thing that a peer does to a question. */
type Move =
  | { readonly kind: "right" | "twice" | "stale" | "reset" | "end" | "exception" }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "bent"; readonly at: number; readonly bits: number };

const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ kind: fc.constantFrom("right", "twice", "stale", "reset", "end", "exception") }),
  fc.record({ kind: fc.constant("bytes"), bytes: fc.uint8Array({ maxLength: 300 }) }),
  fc.record({ kind: fc.constant("cut"), at: fc.nat(12) }),
  // The head only: nothing in Modbus TCP protects the data themselves.
  fc.record({ kind: fc.constant("bent"), at: fc.nat(8), bits: fc.integer({ min: 1, max: 255 }) }),
);
const script = fc.array(fc.array(move, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });

/** What goes out for one move. `before` is an earlier question of another length, whose answer may come again. */
function bytesOf(framing: Framing, asked: Asked, before: Asked | null, what: Move): Buffer {
  const right = frame(framing, asked, ownAddresses(asked));
  switch (what.kind) {
    case "right":
      return right;
    case "twice":
      return Buffer.concat([right, right]);
    case "stale":
      return before === null ? right : frame(framing, before, ownAddresses(before));
    case "exception":
      return exceptionFrame(framing, asked, 4);
    case "bytes":
      return Buffer.from(what.bytes);
    case "cut":
      return right.subarray(0, what.at);
    case "bent": {
      const bent = Buffer.from(right);
      const at = what.at % right.length;
      bent.writeUInt8(bent.readUInt8(at) ^ what.bits, at);
      return bent;
    }
    default:
      return Buffer.alloc(0);
  }
}

describe.each(FRAMINGS)("%s", (framing) => {
  test("a peer that does anything: every read settles, with the right words or none; the next honest answer is right", async () => {
    let moves: readonly Move[] = [];
    let before: Asked | null = null;
    const server = await rawServer({
      framing,
      onAsked: (asked) => {
        const honest: Move = { kind: "right" };
        // On TCP nothing protects the data: what follows the beginning of a right answer would become its data.
        const cut = framing === "tcp" ? moves.findIndex(({ kind }) => kind === "cut") : -1;
        const played = cut < 0 ? moves : moves.slice(0, cut + 1);
        for (const what of played.length === 0 ? [honest] : played) {
          if (what.kind === "reset") asked.socket.resetAndDestroy();
          else if (what.kind === "end") asked.socket.end();
          else if (asked.socket.writable) {
            const bytes = bytesOf(framing, asked, before, what);
            asked.socket.write(bytes.subarray(0, 5));
            asked.socket.write(bytes.subarray(5));
          }
        }
        moves = [];
        before = asked;
      },
    });
    const link = linkTo(server.port, { framing, timeoutMs: 40, backOff: { firstMs: 1, maxMs: 2 } });
    let address = 0;
    const ask = async () => {
      address += 16; // no two questions of this test have the same answer, no two in a row the same length
      const count = 1 + ((address / 16) % 5);
      return { outcome: await link.read({ unit: 1, function: 4, address, count }), address, count };
    };
    await fc.assert(
      fc.asyncProperty(script, async (questions) => {
        for (const each of questions) {
          moves = each;
          const { outcome, ...asked } = await ask();
          if (outcome.ok) expect(outcome.value).toEqual(ownAddresses(asked));
          else expect(outcome.error.code).toMatch(/^(TIMEOUT|CONNECTION_LOST|REPLY_INVALID|EXCEPTION|CONNECT_FAILED)$/);
        }
        moves = [];
        let honest = await ask();
        for (let attempt = 0; !honest.outcome.ok && attempt < 20; attempt++) honest = await ask();
        expect(honest.outcome).toEqual({ ok: true, value: ownAddresses(honest) });
      }),
      { numRuns: 40 },
    );
  });
});

describe("the guard", () => {
  const asked: RegisterRange = { unit: 7, function: 3, address: 5, count: 3 };
  const question = {
    ...asked,
    transaction: 9,
    index: 0,
    connection: 0,
    socket: undefined as never,
  } as unknown as Asked;
  const verdict = (framing: Framing, pieces: readonly Buffer[]): string | null => {
    const guard = new ReplyGuard(framing);
    guard.ask(asked);
    for (const piece of pieces) {
      const found = guard.take(piece);
      if (found !== null) return found.fault;
    }
    return null;
  };

  test.each(FRAMINGS)("%s: accepts a right answer in any pieces, and nothing after it", (framing) => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 3, maxLength: 3 }),
        fc.array(fc.integer({ min: 1, max: 9 })),
        (value, cuts) => {
          let rest = frame(framing, question, value);
          const pieces: Buffer[] = [];
          for (const cut of cuts) {
            pieces.push(rest.subarray(0, cut));
            rest = rest.subarray(cut);
          }
          const whole = [...pieces, rest].filter(({ length }) => length > 0);
          expect(verdict(framing, whole)).toBeNull();
          expect(verdict(framing, [...whole, Buffer.from([0])])).toBe("surplus");
        },
      ),
    );
  });

  test.each(FRAMINGS)("%s: of any bytes it accepts only what begins a right answer", (framing) => {
    const mutated = fc.tuple(fc.nat(20), fc.integer({ min: 1, max: 255 })).map(([at, bits]) => {
      const bytes = frame(framing, question, [1, 2, 3]);
      bytes.writeUInt8(bytes.readUInt8(at % bytes.length) ^ bits, at % bytes.length);
      return bytes;
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
          mutated,
        ),
        (bytes) => {
          if (verdict(framing, [bytes]) !== null || (framing === "tcp" && bytes.length < 9)) return;
          const body = framing === "tcp" ? bytes.subarray(6) : bytes;
          const [unit = 7, code = 3, third] = body;
          expect([unit, [3, 0x83].includes(code)]).toEqual([7, true]);
          if (framing === "tcp")
            expect([bytes.readUInt16BE(2), bytes.readUInt16BE(4)]).toEqual([0, code === 3 ? 9 : 3]);
          if (code === 3 && third !== undefined) expect(third).toBe(6);
          expect(body.length).toBeLessThanOrEqual((code === 3 ? 9 : 3) + (framing === "tcp" ? 0 : 2));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
