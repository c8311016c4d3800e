/** Sockets by `ws`: for a Node that has no WebSocket, and for what only Node can: client certificates, own authorities. */
import { request as plainRequest } from "node:http";
import { request as tlsRequest, type RequestOptions } from "node:https";
import { WebSocket } from "ws";
import { GLOBAL_SURROUNDINGS, type Surroundings } from "../surroundings.ts";

/** What the connection shows and trusts: texts in PEM. */
export interface NodeTls {
  readonly certificate?: string;
  readonly key?: string;
  /** Who signs the server's certificate, where that is none of the known authorities. */
  readonly authority?: string;
}

/** Time, chance, and sockets by `ws`. */
export function nodeSurroundings(tls: NodeTls = {}): Surroundings {
  const options = tlsOptions(tls);
  const openSocket: Surroundings["openSocket"] = (url, protocols) => {
    const socket = new WebSocket(url, [...protocols], { ...options, perMessageDeflate: false });
    return socket;
  };
  return { ...GLOBAL_SURROUNDINGS, openSocket };
}

/** `fetch` as far as `HttpTwin` needs it, with a client's certificate. */
export function nodeFetch(tls: NodeTls = {}): typeof fetch {
  const own = async (url: unknown, { method = "GET", headers = {}, body }: RequestInit = {}): Promise<Response> => {
    const address = new URL(String(url));
    const send = address.protocol === "https:" ? tlsRequest : plainRequest;
    const options: RequestOptions = {
      method,
      headers: headers as Record<string, string>,
      agent: false,
      ...tlsOptions(tls),
    };
    return new Promise((resolve, reject) => {
      const asked = send(address, options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          const pairs = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const);
          const status = answer.statusCode ?? 0;
          const text = Buffer.concat(chunks).toString("utf8");
          resolve(new Response(text === "" ? null : text, { status, headers: Object.fromEntries(pairs) }));
        });
      });
      asked.on("error", reject);
      asked.end(typeof body === "string" ? body : undefined);
    });
  };
  return own;
}

function tlsOptions({ certificate, key, authority }: NodeTls) {
  return {
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
    ...(authority === undefined ? {} : { ca: authority }),
  };
}
