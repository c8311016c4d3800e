/** The same messages over HTTP: for who does not hold a socket, and for tickets. */
import type { ClientMessage, OrderView } from "@micromarket/protocol";
import type { AnswerData, AskedType } from "./reply.ts";

/** How the server is asked. */
export interface HttpTwinOptions {
  /** A bearer token; on loopback without principals none is needed. */
  readonly token?: string;
  /** @default the global one */
  readonly fetch?: typeof fetch;
}

/** An answer, whatever it says. */
export interface HttpAnswer<Data> {
  readonly status: number;
  readonly headers: Headers;
  /** Of an answer in JSON; `null`: it is none. */
  readonly data: Data | null;
}

type CtsType = Extract<AskedType, `Ei${string}`>;

/** Asks a server at `http(s)://HOST[:PORT]`. */
export class HttpTwin {
  readonly #base: string;
  readonly #token: string | undefined;
  readonly #fetch: typeof fetch;

  constructor(base: string, { token, fetch: own = globalThis.fetch }: HttpTwinOptions = {}) {
    this.#base = `${base.replace(/\/+$/, "")}/api/v1`;
    this.#token = token;
    this.#fetch = (...asked) => own(...asked);
  }

  /** A message of CTS. */
  send<Type extends CtsType>(type: Type, data: ClientMessage<Type>["data"]): Promise<HttpAnswer<AnswerData<Type>>> {
    return this.ask(`/cts/${type}`, data);
  }

  /** One order. */
  order(party: string, id: string): Promise<HttpAnswer<OrderView>> {
    return this.ask(`/parties/${encodeURIComponent(party)}/orders/${encodeURIComponent(id)}`);
  }

  /** A ticket with which a page opens a socket. */
  async ticket(): Promise<string> {
    const { status, data } = await this.ask<{ readonly ticket?: string }>("/ws-ticket", {});
    if (status !== 200 || data?.ticket === undefined) throw new Error(`no ticket: the server says ${status}`);
    return data.ticket;
  }

  /** Any path below `/api/v1`; with a body it is posted. */
  async ask<Data>(path: string, body?: unknown): Promise<HttpAnswer<Data>> {
    const response = await this.#fetch(`${this.#base}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, data: jsonOf<Data>(text) };
  }
}

function jsonOf<Data>(text: string): Data | null {
  try {
    return JSON.parse(text) as Data;
  } catch {
    return null;
  }
}

/** The socket of a server at `http(s)://HOST[:PORT]`, or of one that is named as a socket already. */
export function socketUrl(base: string): string {
  if (/^wss?:/.test(base)) return base;
  return `${base.replace(/^http/, "ws").replace(/\/+$/, "")}/api/v1/ws`;
}
