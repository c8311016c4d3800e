/** How requests of CTS are answered: `EiResponse`, 200 or a status as of HTTP with a code of ours and what is violated. */
import { formatInstant, type InstantMs } from "@micromarket/kernel";
import { ERROR_CODES, type ErrorBody, type ErrorCode } from "../wire/error-code.ts";
import type { EiResponse, MarketAttributeViolation } from "./objects.ts";

/** All is well. */
export function acceptedResponse(refId: string, at: InstantMs): EiResponse {
  return { responseCode: 200, responseDescription: "OK", refId, createdDateTime: formatInstant(at) };
}

/** It is refused for `error`. */
export function refusedResponse(refId: string, at: InstantMs, error: ErrorBody): EiResponse {
  const { code, message, path, details } = error;
  const kind = Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as ErrorCode] : null;
  return {
    responseCode: kind?.status ?? 500,
    responseDescription: message,
    refId,
    createdDateTime: formatInstant(at),
    ...(path === undefined
      ? {}
      : { responseTermsViolated: [{ attributeViolated: path, responseDescription: message }] }),
    code,
    ...(details === undefined ? {} : { details }),
  };
}

/** It is against the market's terms in all these attributes. */
export function violatedResponse(
  refId: string,
  at: InstantMs,
  violations: readonly MarketAttributeViolation[],
): EiResponse {
  const [first] = violations;
  return {
    responseCode: ERROR_CODES.BAD_SCHEMA.status,
    responseDescription: first === undefined ? "" : `${first.attributeViolated}: ${first.responseDescription}`,
    refId,
    createdDateTime: formatInstant(at),
    responseTermsViolated: [...violations],
    code: "BAD_SCHEMA",
  };
}
