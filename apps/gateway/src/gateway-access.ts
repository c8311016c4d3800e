/** Who may come in, for one gateway: its registry, its certificates, and that new certificates are taken without a restart. */
import { statSync } from "node:fs";
import { join } from "node:path";
import {
  createAccessRegistry,
  isOriginAllowed,
  keysAtUrl,
  keysInText,
  type AccessEvent,
  type AdministeredRegistry,
  type ApiServer,
  type ListenOptions,
  type TokenIssuer,
} from "@micromarket/api-http";
import { assert, fail, ok, type Result } from "@micromarket/kernel";
import { accessLog } from "./access-log.ts";
import type { GatewayConfig, IssuerConfig, TlsFiles } from "./gateway-config.ts";
import type { GatewayPorts } from "./gateway-ports.ts";
import { RevocationsUnreadable, revocationFile } from "./revocation-file.ts";
import type { StartFailure } from "./start-failure.ts";
import { readTlsFiles } from "./tls-section.ts";

type AccessPorts = Pick<GatewayPorts, "time" | "verify" | "log">;

/** How often the certificate's files are looked at. */
const LOOK_MS = 60_000;

/** What the server is started with, and what begins once it runs. */
export interface GatewayAccess {
  readonly options: Pick<ListenOptions, "access" | "registry" | "tls">;
  /** Follows the running server; the answer ends that. */
  readonly follow: (api: ApiServer) => () => void;
}

/** Reads certificates and revocations. */
export function openAccess(config: GatewayConfig, ports: AccessPorts): Result<GatewayAccess, StartFailure> {
  const { token, allowedOrigins, allowedHosts, isBehindProxy, tls: files } = config.http;
  const tls = files === null ? null : readTlsFiles(files);
  if (tls?.ok === false) return tls;
  const events: { listener: ((event: AccessEvent) => void) | null } = { listener: null };
  const log = accessLog(ports.log, () => ports.time.elapsedMs());
  const registry = openRegistry(config, ports, (event) => {
    log(event);
    events.listener?.(event);
  });
  if (!registry.ok) return registry;
  return ok({
    options: {
      access: { allowedOrigins, allowedHosts, isBehindProxy, ...(token === null ? {} : { token }) },
      registry: registry.value,
      ...(tls === null ? {} : { tls: tls.value }),
    },
    follow: (api) => {
      events.listener = (event) => {
        if (event.type === "refused") api.recorder.accessRefused(event.refusal.reason);
      };
      return files === null ? () => undefined : followFiles(files, api, ports);
    },
  });
}

function openRegistry(
  { api, http, name, dataDirectory }: GatewayConfig,
  { time, verify }: AccessPorts,
  tell: (event: AccessEvent) => void,
): Result<AdministeredRegistry, StartFailure> {
  const now = () => time.wallNow();
  const path = join(dataDirectory, "revoked-principals.json");
  try {
    return ok(
      createAccessRegistry({
        ...{ server: api?.serverName ?? name, principals: api?.principals ?? [], operatorToken: http.token },
        issuers: (api?.issuers ?? []).map((issuer) => openIssuer(issuer, now)),
        allowsOrigin: (origin, host) =>
          isOriginAllowed(origin, host, { allowedOrigins: http.allowedOrigins, isTls: http.tls !== null }),
        ...{ now, verify, tell, revocations: revocationFile(path) },
      }),
    );
  } catch (cause) {
    if (!(cause instanceof RevocationsUnreadable)) throw cause;
    const mend = "restore it from a backup, or write the principals that must stay out into a new one";
    return fail({ code: "REVOCATIONS_UNREADABLE", what: cause.message, mend });
  }
}

function openIssuer({ jwks, ...issuer }: IssuerConfig, now: () => number): TokenIssuer {
  if ("url" in jwks) return { ...issuer, keys: keysAtUrl(new URL(jwks.url), now) };
  const keys = keysInText(jwks.text);
  assert(keys.ok, "the keys were read before");
  return { ...issuer, keys: keys.value };
}

/** Takes other certificates soon after their files have changed; what does not fit together is left and said. */
function followFiles(files: TlsFiles, api: ApiServer, { time, log }: AccessPorts): () => void {
  let seen = stampOf(files);
  let cancel = (): void => undefined;
  const look = (): void => {
    const stamp = stampOf(files);
    if (stamp !== seen) {
      seen = stamp;
      const tls = readTlsFiles(files);
      const renewed = tls.ok ? api.renewTls(tls.value) : tls;
      if (renewed.ok) log.info("the certificates of the API were renewed");
      else log.error({ code: renewed.error.code }, "the new certificates do not serve: the old ones stay");
    }
    cancel = time.after(LOOK_MS, look);
  };
  cancel = time.after(LOOK_MS, look);
  return () => cancel();
}

/** Changes with the files. */
function stampOf({ certificate, key, clientCa }: TlsFiles): string {
  const stamps = [certificate, key, clientCa].map((path) => {
    const stats = path === null ? undefined : statSync(path, { throwIfNoEntry: false });
    return stats === undefined ? "" : `${stats.mtimeMs}/${stats.ino}/${stats.size}`;
  });
  return stamps.join(" ");
}
