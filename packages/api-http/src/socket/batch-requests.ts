/** Binary batches: the same as an `EiCreateTender` of as many limit orders, all or none. */
import { fail, instantMs, ok, partyId, type Result } from "@micromarket/kernel";
import {
  decodeBatch,
  encodeBatchAnswer,
  errorBody,
  ERROR_CODES,
  type ErrorBody,
  type ErrorCode,
} from "@micromarket/protocol";
import type { SessionContext } from "./session-context.ts";
import type { Identity } from "./answer.ts";
import type { SessionOrders } from "./session-orders.ts";
import { errorOfFailure } from "./wire-failure.ts";

/** The answer's bytes; fails where the frame cannot be read, and nobody knows what it was. */
export async function answerBatch(
  { orders }: SessionContext,
  session: { readonly orders: SessionOrders },
  identity: Identity,
  bytes: Uint8Array,
): Promise<Result<Uint8Array, ErrorBody>> {
  const read = decodeBatch(bytes);
  if (!read.ok) return fail(errorBody(read.error.code, read.error.detail));
  const { requestId, party, slotMs, ...rows } = read.value;
  const head = { requestId, rows: rows.prices.length };
  try {
    const batch = { requestId, party: partyId(party), slot: instantMs(slotMs), ...rows };
    const placed = await orders.createBatch(identity, batch);
    if (placed.ok) {
      if (placed.isNew) session.orders.addBatch(batch.party, requestId, head.rows);
      return ok(encodeBatchAnswer({ ...head, status: 200, refusedRow: null, code: "OK", entry: placed.entry }));
    }
    return ok(refusal(head, placed.error, placed.row));
  } catch (failure) {
    return ok(refusal(head, errorOfFailure(failure), null));
  }
}

function refusal(head: { requestId: string; rows: number }, { code }: ErrorBody, row: number | null): Uint8Array {
  const status = Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as ErrorCode].status : 500;
  return encodeBatchAnswer({ ...head, status, refusedRow: row, code, entry: null });
}
