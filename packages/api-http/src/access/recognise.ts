/**
 * Who makes a request: by the Authorization header, by the connection's certificate, or by nothing. Sockets ask the same at
 * their upgrade.
 */
import type { IncomingMessage } from "node:http";
import { fail, type Result } from "@micromarket/kernel";
import { authRefusal } from "./auth-refusal.ts";
import { shownCertificate } from "./certificate.ts";
import { OPERATOR_ID, type AccessRegistry, type AuthRefusal, type Pass, type ShownCertificate } from "./principal.ts";

/** What a request shows of who makes it. */
export interface Shown {
  readonly authorization: string | undefined;
  readonly certificate: ShownCertificate | null;
  /** The peer's address, for the log. */
  readonly from: string;
}

/** What the request shows. */
export function shownBy({ headers, socket }: Pick<IncomingMessage, "headers" | "socket">): Shown {
  return {
    authorization: headers.authorization,
    certificate: shownCertificate(socket),
    from: socket.remoteAddress ?? "",
  };
}

/**
 * Who it is. A certificate that is shown must be good, whatever else is shown; one of a trusted authority that is
 * nobody's does not stand in the way of a bearer. Two principals at once are refused: one of them is a mistake.
 */
export async function recognise(
  registry: Pick<AccessRegistry, "authenticate">,
  { authorization, certificate, from }: Shown,
): Promise<Result<Pass, AuthRefusal>> {
  const byCertificate =
    certificate === null ? null : await registry.authenticate({ kind: "certificate", certificate }, from);
  if (authorization === undefined) return byCertificate ?? registry.authenticate({ kind: "nothing" }, from);
  if (byCertificate?.ok === false && byCertificate.error.reason !== "CERTIFICATE_UNKNOWN") return byCertificate;
  const byBearer = await registry.authenticate({ kind: "bearer", token: bearerOf(authorization) }, from);
  if (!byBearer.ok || byBearer.value.principal.id === OPERATOR_ID || byCertificate?.ok !== true) return byBearer;
  const [one, other] = [byCertificate.value.principal.id, byBearer.value.principal.id];
  return one === other ? byBearer : fail(authRefusal("CREDENTIALS_DISAGREE", `${one} and ${other}`));
}

/** The token behind `Bearer`; empty where the header holds something else, which is nobody's token. */
function bearerOf(header: string): string {
  const [, token = ""] = /^Bearer +(\S+)$/i.exec(header) ?? [];
  return token;
}
