/** Saying who one is, at the beginning and again before it ends. */
import type { ClientMessage } from "@micromarket/protocol";
import type { Reply } from "../reply.ts";
import type { Connection } from "./connection.ts";
import { answerChallenge, ChallengeUnfit, type Credential } from "./credential.ts";
import type { Authenticated } from "./session-options.ts";

/** How it went. `failed`: the credential could not be had at the moment, or is not to be given here (`isFinal`). */
export type SignedIn =
  Reply<Authenticated> | { readonly state: "failed"; readonly message: string; readonly isFinal: boolean };

/** Signs in on the connection. */
export async function signIn(connection: Connection, credential: Credential, timeoutMs: number): Promise<SignedIn> {
  if (credential.kind === "certificate") return byCertificate(connection);
  try {
    const shown = await authOf(connection, credential, timeoutMs);
    return shown.state === "answered" ? await connection.request("auth", shown.data, timeoutMs) : shown;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { state: "failed", message, isFinal: error instanceof ChallengeUnfit };
  }
}

function byCertificate({ hello }: Connection): SignedIn {
  if (hello?.principal === undefined || hello.principal === null)
    return { state: "failed", message: "the server has not recognised the connection's certificate", isFinal: true };
  return { state: "answered", data: { ...hello.principal, expires_ms: null }, atMs: hello.server_ms };
}

async function authOf(
  connection: Connection,
  credential: Exclude<Credential, { kind: "certificate" }>,
  timeoutMs: number,
): Promise<Reply<ClientMessage<"auth">["data"]>> {
  const shown = (data: ClientMessage<"auth">["data"]) => ({ state: "answered", data, atMs: 0 }) as const;
  switch (credential.kind) {
    case "bearer": {
      const { token } = credential;
      return shown({ method: "bearer", token: typeof token === "string" ? token : await token() });
    }
    case "ticket":
      return shown({ method: "ticket", ticket: await credential.ticket() });
    case "challenge": {
      const challenge = await connection.request("auth.challenge", {}, timeoutMs);
      return challenge.state === "answered" ? shown(await answerChallenge(challenge.data, credential)) : challenge;
    }
  }
}

/** Whether another attempt may show something better. */
export function isRenewable(credential: Credential): boolean {
  return (
    credential.kind === "challenge" ||
    credential.kind === "ticket" ||
    (credential.kind === "bearer" && typeof credential.token !== "string")
  );
}

/** When to sign in again: well before the end, by the server's own clock. */
export function refreshDelay(expiresMs: number, serverNowMs: number): number {
  const left = Math.max(0, expiresMs - serverNowMs);
  return Math.max(0, left - Math.max(Math.min(30_000, left / 2), left / 10));
}
