/** What is wrong, in words, where nobody can overlook it. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { RequestFailure } from "../api.ts";
import { dashboard } from "../dashboard.ts";
import { sinceText } from "../market-clock.ts";

/** What a gateway says to who shows no token; of one with principals, too. */
const MISSING: ReadonlySet<string> = new Set(["TOKEN_REQUIRED", "AUTH_REQUIRED"]);
/** And to who shows one that is worth nothing, or no longer. */
const WRONG: ReadonlySet<string> = new Set(["TOKEN_WRONG", "AUTH_FAILED", "TOKEN_EXPIRED"]);

export function Notices(): JSX.Element {
  const [connection, failure, fault] = [
    dashboard.connection.value,
    dashboard.streamFailure.value,
    dashboard.fault.value,
  ];
  const asksForToken = failure !== null && (MISSING.has(failure.code) || WRONG.has(failure.code));
  return (
    <div class="notices" role="alert">
      {connection.kind === "stale" && connection.cause === "market" && (
        <p class="notice">The market stands still: a gate was due more than a slot ago and is not closed.</p>
      )}
      {connection.kind === "stale" && connection.cause === "silent" && (
        <p class="notice">
          Nothing heard from the gateway: the numbers below are from{" "}
          {sinceText(connection.sinceMs, dashboard.now.value)}.
        </p>
      )}
      {connection.kind === "disconnected" && (
        <p class="notice">
          The numbers below are from {sinceText(connection.sinceMs, dashboard.now.value)}. The page comes back by itself
          when the gateway does{failure === null ? "" : ` (${failure.message})`}.
        </p>
      )}
      {connection.kind === "connecting" && failure !== null && !asksForToken && <p class="notice">{failure.message}</p>}
      {asksForToken && <TokenForm failure={failure} />}
      {fault !== null && <p class="notice">Something in this page went wrong: {fault}. Reload it.</p>}
    </div>
  );
}

function TokenForm({ failure }: { readonly failure: RequestFailure }): JSX.Element {
  const [token, setToken] = useState("");
  return (
    <form
      class="notice"
      onSubmit={(event) => {
        event.preventDefault();
        dashboard.giveToken(token.trim());
      }}
    >
      <label>
        {WRONG.has(failure.code) ? "That was not the token. " : ""}This gateway asks for its token{" "}
        <input
          type="password"
          autocomplete="off"
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <button type="submit">Open</button>
    </form>
  );
}

/** Why a part of the page could not be loaded, and a way to try again. */
export function LoadFailure(props: {
  readonly what: string;
  readonly failure: RequestFailure | null;
  readonly retry: () => void;
}): JSX.Element | null {
  if (props.failure === null) return null;
  return (
    <div class="notice" role="alert">
      {props.what} could not be loaded: {props.failure.message}. <button onClick={props.retry}>Try again</button>
    </div>
  );
}
