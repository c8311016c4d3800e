/** A stream that outlives its request ends with the pass that opened it: at a revocation at once, at its expiry soon. */
import type { ServerResponse } from "node:http";
import type { AccessRegistry, Pass } from "./principal.ts";

/** How often a stream's pass is looked at, in milliseconds. */
const LOOK_MS = 5_000;

/** Ends the response when the pass is over. Nothing is left of this once the response is closed. */
export function endWithPass(
  registry: Pick<AccessRegistry, "check" | "onRevoked">,
  pass: Pass,
  response: ServerResponse,
): void {
  const endIfOver = (): void => {
    if (registry.check(pass) !== null) response.destroy();
  };
  const stopListening = registry.onRevoked(endIfOver);
  const looking = setInterval(endIfOver, LOOK_MS);
  looking.unref();
  response.on("close", () => {
    clearInterval(looking);
    stopListening();
  });
}
