/** What the routes of access answer. */
import type { BearerView, ChallengeView, PassView, PrincipalList, TicketView } from "../../access/access-schema.ts";

/** A nonce. */
export const EXAMPLE_CHALLENGE: ChallengeView = {
  purpose: "micromarket/auth/v1",
  server: "street.example",
  nonce: "AaIaYybAQRRh8AbYKjHi68EoHjCYEwdL5KLOO1AWQJqBIpFwGiY",
  at: "2026-07-01T11:00Z",
  at_ms: 1_782_903_600_000,
  expires: "2026-07-01T11:00:05Z",
  expires_ms: 1_782_903_605_000,
};

/** A bearer. */
export const EXAMPLE_BEARER: BearerView = {
  token: "rE6gqVQm2kTnYb4uQf0sVw",
  token_type: "Bearer",
  principal: "utility",
  expires: "2026-07-01T11:15Z",
  expires_ms: 1_782_904_500_000,
};

/** A ticket. */
export const EXAMPLE_TICKET: TicketView = {
  ticket: "wYx0cN5l9gk2fVnq3hTq7Q",
  expires: "2026-07-01T11:00:30Z",
  expires_ms: 1_782_903_630_000,
};

/** The operator. */
export const EXAMPLE_PASS: PassView = {
  principal: "operator",
  method: "operator",
  grants: [{ party: "*", scopes: ["read", "trade", "admin"] }],
  sessions_max: 64,
  rates: null,
  expires: null,
  expires_ms: null,
};

/** A utility that may read. */
export const EXAMPLE_PRINCIPALS: PrincipalList = {
  principals: [
    { id: "utility", grants: [{ party: "*", scopes: ["read"] }], sessions: 0, sessions_max: 4, revoked: null },
  ],
};

/** The same, revoked. */
export const EXAMPLE_REVOKED: PrincipalList = {
  principals: [
    {
      id: "utility",
      grants: [{ party: "*", scopes: ["read"] }],
      sessions: 0,
      sessions_max: 4,
      revoked: { at: "2026-07-01T11:00Z", at_ms: 1_782_903_600_000, by: "operator: Ada" },
    },
  ],
};
