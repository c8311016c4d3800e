/** Routes by which one makes oneself known, and by which an operator sees who is. */
import { ByBody, EmptyBody } from "@micromarket/protocol";
import { AnswerBody, BearerView, ChallengeView, PassView, PrincipalList, TicketView } from "../access/access-schema.ts";
import {
  EXAMPLE_BEARER,
  EXAMPLE_CHALLENGE,
  EXAMPLE_PASS,
  EXAMPLE_PRINCIPALS,
  EXAMPLE_REVOKED,
  EXAMPLE_TICKET,
} from "./examples/access-answers.ts";
import type { Operation } from "./operation.ts";

const BODY = ["REQUEST_MALFORMED", "BODY_TOO_LARGE", "CONTENT_TYPE_UNSUPPORTED"] as const;
const OPERATOR = { tag: "access", needs: "admin of all" } as const;
const PRINCIPAL = { principal: "The principal's name in the gateway's file." };

/** Keys, tickets, principals. */
export const ACCESS_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "post", path: "/api/v1/auth/challenge", id: "askChallenge", tag: "access", needs: "open" },
    summary: "A nonce to sign",
    body: EmptyBody,
    answer: { schema: ChallengeView, says: "What is to be signed within five seconds." },
    refusals: BODY,
    example: { ask: "/api/v1/auth/challenge", body: {}, answer: EXAMPLE_CHALLENGE },
  },
  {
    ...{ method: "post", path: "/api/v1/auth/answer", id: "answerChallenge", tag: "access", needs: "open" },
    summary: "The signed nonce for a bearer",
    body: AnswerBody,
    answer: { schema: BearerView, says: "A bearer for the header Authorization." },
    refusals: [...BODY, "AUTH_FAILED", "CLOCK_SKEW", "SESSIONS_EXHAUSTED"],
    example: {
      ask: "/api/v1/auth/answer",
      body: {
        key: "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
        nonce: EXAMPLE_CHALLENGE.nonce,
        signature: "1f".repeat(64),
      },
      answer: EXAMPLE_BEARER,
    },
  },
  {
    ...{ method: "post", path: "/api/v1/ws-ticket", id: "askTicket", tag: "access", needs: "known" },
    summary: "A ticket for a page's socket",
    description: "It serves once, within 30 seconds, from the same origin.",
    body: EmptyBody,
    answer: { schema: TicketView, says: "The ticket, for the message `auth`." },
    refusals: [...BODY, "SESSIONS_EXHAUSTED"],
    example: { ask: "/api/v1/ws-ticket", body: {}, answer: EXAMPLE_TICKET },
  },
  {
    ...{ method: "get", path: "/api/v1/auth/me", id: "getMe", tag: "access", needs: "known" },
    summary: "Who am I, and what may I do",
    answer: { schema: PassView, says: "The sender as it is known." },
    example: { ask: "/api/v1/auth/me", answer: EXAMPLE_PASS },
  },
  {
    ...{ ...OPERATOR, method: "get", path: "/api/v1/principals", id: "listPrincipals" },
    summary: "All principals, their sessions, who is revoked",
    answer: { schema: PrincipalList, says: "All but the operator." },
    example: { ask: "/api/v1/principals", answer: EXAMPLE_PRINCIPALS },
  },
  {
    ...{ ...OPERATOR, method: "post", path: "/api/v1/principals/{principal}/revoke", id: "revokePrincipal" },
    summary: "Let a principal in no more; its sessions end at once",
    parameters: PRINCIPAL,
    body: ByBody,
    answer: { schema: PrincipalList, says: "All principals after it." },
    refusals: [...BODY, "PRINCIPAL_UNKNOWN"],
    example: { ask: "/api/v1/principals/utility/revoke", body: { by: "Ada" }, answer: EXAMPLE_REVOKED },
  },
  {
    ...{ ...OPERATOR, method: "post", path: "/api/v1/principals/{principal}/restore", id: "restorePrincipal" },
    summary: "Let a principal in again",
    parameters: PRINCIPAL,
    body: ByBody,
    answer: { schema: PrincipalList, says: "All principals after it." },
    refusals: [...BODY, "PRINCIPAL_UNKNOWN", "NOT_REVOKED"],
    example: { ask: "/api/v1/principals/utility/restore", body: { by: "Ada" }, answer: EXAMPLE_PRINCIPALS },
  },
];
