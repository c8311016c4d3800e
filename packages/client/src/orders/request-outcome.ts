/** What the answer to a request about orders means to the client's own book. */
import {
  ERROR_CODES,
  type BatchAnswer,
  type ErrorBody,
  type ErrorCode,
  type ServerMessage,
} from "@micromarket/protocol";
import type { Reply } from "../reply.ts";
import type { AnsweredOrder, KeptRequest } from "./order-journal.ts";
import { ordersOf } from "./requested-orders.ts";

/** What became of a request. */
export type Outcome =
  | {
      readonly state: "done";
      readonly code: "OK";
      readonly isDuplicate: boolean;
      readonly orders: readonly AnsweredOrder[];
    }
  | {
      readonly state: "refused";
      readonly code: string;
      readonly message: string;
      readonly orders: readonly AnsweredOrder[];
    }
  /** Nobody knows; it is sent again. `retryAfterMs`: not before. */
  | { readonly state: "unknown"; readonly retryAfterMs: number | null };

/** Codes that say that nothing happened, although their class leaves it open. */
const NOTHING_HAPPENED: ReadonlySet<string> = new Set(["OVERLOADED", "SHUTTING_DOWN", "MARKET_PAUSED"]);

/**
 * What the reply says. A request that may have been heard before (`isAgain`) is not refused by a limit, a pause or a lack of
 * access: those say nothing of what became of it the first time.
 */
export function outcomeOf(
  request: KeptRequest,
  reply: Reply<ServerMessage<"EiCreatedTender">["data"] | ServerMessage<"EiCanceledTender">["data"] | BatchAnswer>,
  isAgain: boolean,
): Outcome {
  switch (reply.state) {
    case "unknown":
    case "unsent":
      return { state: "unknown", retryAfterMs: null };
    case "refused":
      return refusal(request, reply.error, isAgain);
    case "answered":
      return answered(request, reply.data, isAgain);
  }
}

function answered(
  request: KeptRequest,
  data: ServerMessage<"EiCreatedTender">["data"] | ServerMessage<"EiCanceledTender">["data"] | BatchAnswer,
  isAgain: boolean,
): Outcome {
  if ("rows" in data) {
    const { status, code, entry } = data;
    if (status !== 200) return refusal(request, bodyOf(code, `row ${data.refusedRow ?? "-"}`), isAgain);
    const orders = ordersOf(request).map(({ id }, row) => ({ id, marketOrderId: marketIdOf(entry, row), code: "OK" }));
    return { state: "done", code: "OK", isDuplicate: isAgain, orders };
  }
  const { responseCode, code = "INTERNAL", responseDescription, details } = data.response;
  if (responseCode !== 200) {
    const wait = details?.["retry_after_ms"];
    return refusal(
      request,
      { ...bodyOf(code, responseDescription), ...(typeof wait === "number" ? { retry_after_ms: wait } : {}) },
      isAgain,
    );
  }
  if (!("tenders" in data)) return { state: "done", code: "OK", isDuplicate: isAgain, orders: [] };
  const orders = data.tenders.map(({ tenderId: id, marketOrderId, response }) => ({
    ...{ id, marketOrderId },
    code: response.responseCode === 200 ? "OK" : (response.code ?? "REFUSED"),
  }));
  const isOpenStill = orders.find((order) => order.code !== "OK" && leavesOpen(bodyOf(order.code, ""), isAgain));
  if (isOpenStill !== undefined) return { state: "unknown", retryAfterMs: null };
  return { state: "done", code: "OK", isDuplicate: data.duplicate, orders };
}

function marketIdOf(entry: number | null, row: number): string | null {
  return entry === null ? null : `${entry}/${row}`;
}

function refusal(request: KeptRequest, error: ErrorBody, isAgain: boolean): Outcome {
  if (leavesOpen(error, isAgain)) return { state: "unknown", retryAfterMs: error.retry_after_ms ?? null };
  const orders = ordersOf(request).map(({ id }) => ({ id, marketOrderId: null, code: error.code }));
  return { state: "refused", code: error.code, message: error.message, orders };
}

/** Whether the request may have been taken, although it is refused now. */
function leavesOpen({ code, class: errorClass, retryable }: ErrorBody, isAgain: boolean): boolean {
  if (isAgain) return retryable || errorClass === "limit" || errorClass === "server" || errorClass === "access";
  return errorClass === "server" && !NOTHING_HAPPENED.has(code);
}

function bodyOf(code: string, message: string): ErrorBody {
  const known = Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as ErrorCode] : null;
  return { code, class: known?.class ?? "server", retryable: known?.retryable ?? false, message };
}
