/**
 * Many orders of one party and one slot in one binary frame, for programs that send thousands: the same request as an
 * `EiCreateTender` with one limit order a row, all or none, whose ids are `REQUEST.0`, `REQUEST.1`, … Little endian.
 *
 * ```text
 * request  0 u8  version 1
 *          1 u8  kind 1
 *          2 u16 rows, 1 to 1000
 *          4 u32 place in the signed session, 0: there is none
 *          8 f64 start of the slot, milliseconds
 *         16 u8  length of the request's id, then of the party's name: ASCII
 *         18     request id, party, then 0 to 3 bytes of 0, so that what follows begins at a multiple of 4
 *          .     rows of 12 bytes: f64 price, 10^-6 of the currency per kWh, NaN: at any price; u32 Wh, bit 31 set: sell
 *          .     32 bytes: the message's authentication code, where there is a session
 * answer   0 u8  version 1
 *          1 u8  kind 2
 *          2 u16 rows
 *          4 u16 status as of HTTP: 200 all are accepted
 *          6 u16 the first row that was refused, 65535: none, or the whole was
 *          8 f64 number of the journal's entry, 0: none
 *         16 u8  length of the request's id, then of the code
 *         18     request id, code
 * ```
 */
import { fail, ok, type Result } from "@micromarket/kernel";

/** Most rows of a frame. */
export const BATCH_ROWS_MAX = 1_000;
const VERSION = 1;
const REQUEST = 1;
const ANSWER = 2;
const HEAD = 18;
const ROW = 12;
const MAC = 32;
const SELL = 0x8000_0000;
const NO_ROW = 0xffff;

/** A batch as it is sent. */
export interface BatchFrame {
  readonly requestId: string;
  readonly party: string;
  readonly slotMs: number;
  /** `null`: at any price. */
  readonly prices: readonly (number | null)[];
  /** Wh; as many as prices. */
  readonly energies: readonly number[];
  readonly sides: readonly ("buy" | "sell")[];
  /** Place and code of the message in the signed session. */
  readonly said: { readonly sequence: number; readonly mac: Uint8Array } | null;
}

/** A batch as it is answered. */
export interface BatchAnswer {
  readonly requestId: string;
  readonly rows: number;
  readonly status: number;
  /** `null`: all are accepted, or it is no single row's matter. */
  readonly refusedRow: number | null;
  readonly code: string;
  /** `null`: nothing was written. */
  readonly entry: number | null;
}

/** What is wrong with the bytes. */
export type BatchFailure = { readonly code: "BAD_FRAME" | "TOO_LARGE"; readonly detail: string };

const ID = /^[A-Za-z0-9._:-]{1,36}$/;
const PARTY = /^[\x21-\x2e\x30-\x7e]{1,128}$/;

/** The bytes of a batch; throws on one that no frame can say. */
export function encodeBatch({ requestId, party, slotMs, prices, energies, sides, said }: BatchFrame): Uint8Array {
  const rows = prices.length;
  const start = rowsStart(requestId.length + party.length);
  const bytes = new Uint8Array(start + rows * ROW + (said === null ? 0 : MAC));
  const view = new DataView(bytes.buffer);
  if (rows < 1 || rows > BATCH_ROWS_MAX || energies.length !== rows || sides.length !== rows)
    throw new RangeError(`a batch has 1 to ${BATCH_ROWS_MAX} rows, each with price, energy and side`);
  if (!ID.test(requestId) || !PARTY.test(party)) throw new RangeError("the id or the party's name cannot be sent");
  bytes[0] = VERSION;
  bytes[1] = REQUEST;
  view.setUint16(2, rows, true);
  view.setUint32(4, said?.sequence ?? 0, true);
  view.setFloat64(8, slotMs, true);
  writeNames(bytes, requestId, party);
  for (let row = 0; row < rows; row++) {
    const at = start + row * ROW;
    view.setFloat64(at, prices[row] ?? Number.NaN, true);
    view.setUint32(at + 8, ((energies[row] ?? 0) | (sides[row] === "sell" ? SELL : 0)) >>> 0, true);
  }
  if (said !== null) bytes.set(said.mac, start + rows * ROW);
  return bytes;
}

/** Reads a batch. Whether prices and energies are what the market takes is the market's to say. */
export function decodeBatch(bytes: Uint8Array): Result<BatchFrame, BatchFailure> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEAD) return broken("it is shorter than its head");
  if (bytes[0] !== VERSION || bytes[1] !== REQUEST) return broken(`version ${bytes[0]}, kind ${bytes[1]} is not known`);
  const rows = view.getUint16(2, true);
  if (rows > BATCH_ROWS_MAX) return fail({ code: "TOO_LARGE", detail: `${rows} rows: at most ${BATCH_ROWS_MAX}` });
  if (rows === 0) return broken("it has no row");
  const [requestId, party] = readNames(bytes);
  if (!ID.test(requestId) || !PARTY.test(party)) return broken("the request's id or the party's name is malformed");
  const sequence = view.getUint32(4, true);
  const start = rowsStart(requestId.length + party.length);
  const end = start + rows * ROW;
  if (bytes.length !== end + (sequence === 0 ? 0 : MAC))
    return broken(`${rows} rows do not fill ${bytes.length} bytes`);
  const slotMs = view.getFloat64(8, true);
  if (!Number.isSafeInteger(slotMs)) return broken("the slot's start is no whole number of milliseconds");
  const prices: (number | null)[] = [];
  const energies: number[] = [];
  const sides: ("buy" | "sell")[] = [];
  for (let at = start; at < end; at += ROW) {
    const price = view.getFloat64(at, true);
    if (!Number.isNaN(price) && !Number.isSafeInteger(price)) return broken("a price is no integer");
    const word = view.getUint32(at + 8, true);
    prices.push(Number.isNaN(price) ? null : price === 0 ? 0 : price);
    energies.push((word & ~SELL) >>> 0);
    sides.push((word & SELL) === 0 ? "buy" : "sell");
  }
  const said = sequence === 0 ? null : { sequence, mac: bytes.slice(end, end + MAC) };
  return ok({ requestId, party, slotMs, prices, energies, sides, said });
}

/** The bytes of an answer. */
export function encodeBatchAnswer({ requestId, rows, status, refusedRow, code, entry }: BatchAnswer): Uint8Array {
  const bytes = new Uint8Array(HEAD + requestId.length + code.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = VERSION;
  bytes[1] = ANSWER;
  view.setUint16(2, rows, true);
  view.setUint16(4, status, true);
  view.setUint16(6, refusedRow ?? NO_ROW, true);
  view.setFloat64(8, entry ?? 0, true);
  writeNames(bytes, requestId, code);
  return bytes;
}

/** Reads an answer. */
export function decodeBatchAnswer(bytes: Uint8Array): Result<BatchAnswer, BatchFailure> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEAD) return broken("it is shorter than its head");
  if (bytes[0] !== VERSION || bytes[1] !== ANSWER) return broken(`version ${bytes[0]}, kind ${bytes[1]} is not known`);
  const [requestId, code] = readNames(bytes);
  if (bytes.length !== HEAD + requestId.length + code.length) return broken("its length is not what its head says");
  const [row, entry] = [view.getUint16(6, true), view.getFloat64(8, true)];
  return ok({
    ...{ requestId, code },
    rows: view.getUint16(2, true),
    status: view.getUint16(4, true),
    refusedRow: row === NO_ROW ? null : row,
    entry: entry === 0 ? null : entry,
  });
}

function rowsStart(names: number): number {
  return (HEAD + names + 3) & ~3;
}

function writeNames(bytes: Uint8Array, first: string, second: string): void {
  bytes[16] = first.length;
  bytes[17] = second.length;
  for (let at = 0; at < first.length; at++) bytes[HEAD + at] = first.charCodeAt(at);
  for (let at = 0; at < second.length; at++) bytes[HEAD + first.length + at] = second.charCodeAt(at);
}

/** Of bytes that end too early, what there is. */
function readNames(bytes: Uint8Array): readonly [string, string] {
  const [first = 0, second = 0] = [bytes[16], bytes[17]];
  const text = (from: number, length: number): string => String.fromCharCode(...bytes.subarray(from, from + length));
  return [text(HEAD, first), text(HEAD + first, second)];
}

function broken(detail: string): Result<never, BatchFailure> {
  return fail({ code: "BAD_FRAME", detail });
}
