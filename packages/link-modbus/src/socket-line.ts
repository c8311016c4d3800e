/** A line over TCP, with or without TLS. The link owns its socket: after a reset the library tells nobody. */
import { connect, Socket, type TcpNetConnectOpts } from "node:net";
import { connect as connectTls } from "node:tls";
import { freshClient, type Line, type LineEvents } from "./line.ts";
import { MbapFrames, type Transactions } from "./mbap-frames.ts";
import type { Framing } from "./reply-guard.ts";

const KEEP_ALIVE_DELAY_MS = 30_000;

/** Who may be at the other end, and who this end is. Texts in PEM. */
export interface TlsIdentity {
  /** The authorities that may have signed the other end's certificate; no others are trusted. */
  readonly ca: string;
  /** This end's certificate, with the chain that the other end needs. */
  readonly cert: string;
  readonly key: string;
  /** The name in the other end's certificate, where it is not the host. @default the host */
  readonly serverName?: string;
}

/** Where a device or its gateway listens. */
export interface SocketEndpoint {
  readonly host: string;
  readonly port: number;
  readonly framing: Framing;
  /** `null` for plain TCP. */
  readonly tls: TlsIdentity | null;
}

/** Starts to connect. */
export function openSocketLine(endpoint: SocketEndpoint, transactions: Transactions, events: LineEvents): Line {
  const { framing, tls } = endpoint;
  const socket = openSocket(endpoint);
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
  let isSilent = tls !== null;
  socket.once("data", () => (isSilent = false));
  socket.on("data", (bytes) => events.received(bytes)); // ahead of the library's own listener, added on connecting
  socket.on("error", (error) => events.lost(tls === null ? error.message : tlsFault(error)));
  socket.on("end", () => events.lost(isSilent ? SILENT_END : "closed by the other end"));
  socket.on("close", () => events.lost("closed"));
  socket.once(tls === null ? "connect" : "secureConnect", () => events.opened());
  return {
    closed,
    drop: () => void socket.destroy(),
    client: (refused) => {
      const linked = (error?: Error | null): void => {
        if (error) refused(error.message);
      };
      if (framing === "tcp") {
        const frames = new MbapFrames(transactions, (bytes) => void socket.write(bytes));
        socket.on("data", (bytes) => {
          if (!socket.destroyed) frames.take(bytes);
        });
        const client = freshClient(frames);
        client.open(linked);
        return client;
      }
      const client = freshClient();
      client.linkTelnet(socket, {}, linked);
      return client;
    },
  };
}

function openSocket({ host, port, tls }: SocketEndpoint): Socket {
  const keepAlive = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS };
  const target: TcpNetConnectOpts = { host, port, noDelay: true, ...keepAlive };
  if (tls === null) return connect(target);
  const { ca, cert, key, serverName } = tls;
  const name = serverName === undefined ? {} : { servername: serverName };
  try {
    return connectTls({ ...target, ca, cert, key, ...name, minVersion: "TLSv1.2", rejectUnauthorized: true });
  } catch (error) {
    // What is no PEM, or a key of another certificate, throws; here it ends the line like anything else.
    return new Socket().destroy(new Error(`tls.ca, tls.cert or tls.key cannot be used: ${String(error)}`));
  }
}

/** Some servers, those of Node among them, shake hands with whoever comes and then close without a word. */
const SILENT_END = "closed by the other end without a word: it may refuse this link's certificate";
const UNTRUSTED = /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_SIGNATURE_FAILURE)$/;
/** Alerts of the other end; OpenSSL names them by the version in which each came up. */
const REFUSED = /ALERT_(CERTIFICATE_\w+|\w*CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE|ACCESS_DENIED)$/;

/** What went wrong in words of this link's options. */
function tlsFault({ code = "", message }: NodeJS.ErrnoException): string {
  if (UNTRUSTED.test(code)) return `the other end's certificate is signed by no authority in tls.ca (${message})`;
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return `the other end's certificate is not valid now, or this machine's clock is wrong (${message})`;
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `the other end's certificate is another's: correct the host, or name it in tls.serverName (${message})`;
  }
  if (REFUSED.test(code)) {
    return `the other end refuses this link's certificate: it must be signed by an authority it trusts (${message})`;
  }
  return message;
}
