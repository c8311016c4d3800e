/** The engine's refusals in the codes of the wire. The engine's own code goes along in `details.refusal`. */
import type { Refusal, RefusalCode } from "@micromarket/engine";
import { ERROR_CODES, errorBody, type ErrorBody, type ErrorCode } from "./wire/error-code.ts";

const CODES: { readonly [Code in RefusalCode]?: ErrorCode } = {
  PARTY_UNKNOWN: "NOT_FOUND",
  PARTY_SUSPENDED: "FORBIDDEN",
  PARTY_LEFT: "FORBIDDEN",
  PARTY_RESERVED: "FORBIDDEN",
  SLOT_MISALIGNED: "SLOT_UNKNOWN",
  SLOT_BEYOND_HORIZON: "SLOT_UNKNOWN",
  GATE_CLOSED: "GATE_CLOSED",
  GATE_ALREADY_CLOSED: "GATE_CLOSED",
  TENDER_ALREADY_EXISTS: "ID_REUSED",
  TENDER_ID_RESERVED: "ID_REUSED",
  BOOK_FULL: "BOOK_FULL",
  QUANTITY_NOT_POSITIVE: "QTY_LOT",
  ENERGY_TOO_LARGE: "QTY_LIMIT",
  PRICE_OUT_OF_BAND: "PRICE_OUT_OF_BAND",
  PRICE_TOO_LARGE: "PRICE_OUT_OF_BAND",
  PRICE_OFF_TICK: "PRICE_TICK",
  FUNDS_INSUFFICIENT: "CREDIT_LIMIT",
  BATCH_NAME_USED: "ID_REUSED",
  BATCH_TOO_LARGE: "TOO_LARGE",
  TENDER_UNKNOWN: "NOT_FOUND",
  TENDER_NOT_OWN: "NOT_FOUND",
  UNSIGNED: "SIGNATURE_REQUIRED",
};

/** What the sender of a command is told of its refusal. */
export function errorOfRefusal(refusal: Refusal): ErrorBody {
  if (refusal.code === "BATCH_REFUSED") {
    const first = errorOfRefusal(refusal.refusal);
    return { ...first, details: { ...first.details, index: refusal.index } };
  }
  const code = CODES[refusal.code] ?? "ORDER_REFUSED";
  return errorBody(code, `${ERROR_CODES[code].meaning} (${refusal.code})`, { details: { refusal: plainOf(refusal) } });
}

/** As JSON takes it: money, which may leave the safe integers, as digits. */
function plainOf(refusal: Refusal): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(refusal).map(([name, value]) => [name, typeof value === "bigint" ? String(value) : value]),
  );
}
