/** The front door: an address and a credential, and there is a session. */
import { socketUrl } from "./http-twin.ts";
import { MarketSession } from "./session/market-session.ts";
import type { SessionOptions } from "./session/session-options.ts";

/**
 * Begins a session with the market at `url`: `https://HOST[:PORT]` or `wss://HOST[:PORT]/api/v1/ws`. It connects and goes on
 * connecting until it is closed, or given up for good; `ready()` says when one can ask.
 */
export function connect(url: string, options: SessionOptions): MarketSession {
  return new MarketSession(socketUrl(url), options);
}
