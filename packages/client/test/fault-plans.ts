/** Plans of a proxy that change one thing of what a server says, or hears. */
import type { AnyFrame } from "@micromarket/protocol";
import type { HttpReply, Link, LinkPlan, ProxyPlan } from "./socket-proxy.ts";

/** A fault, and the check that names it. */
export interface PlantedFault {
  readonly fault: string;
  readonly check: string;
  /** A plan of its own for each run: some count. */
  readonly plan: () => ProxyPlan;
}

export interface Frame extends Omit<AnyFrame, "data"> {
  readonly data: Record<string, unknown>;
}

/** What is sent in a frame's place: nothing, one, or several. */
export type Changed = object | readonly object[] | null;

export function sent(link: Link, changed: Changed): void {
  const all: readonly object[] = changed === null ? [] : Array.isArray(changed) ? (changed as object[]) : [changed];
  for (const frame of all) link.toClient(JSON.stringify(frame));
}

/** Changes text frames of the server. */
export function fromServer(change: (frame: Frame, link: Link) => Changed): () => ProxyPlan {
  return () => ({
    link: (link): LinkPlan => ({
      fromServer: (data) => {
        if (typeof data === "string") sent(link, change(JSON.parse(data) as Frame, link));
        else link.toClient(data);
      },
    }),
  });
}

/** Changes what the server says of that type. */
export function saying(type: string, change: (frame: Frame, link: Link) => Changed): () => ProxyPlan {
  return fromServer((frame, link) => (frame.type === type ? change(frame, link) : frame));
}

/** Changes text frames of the client; `null`: the server never gets them. */
export function fromClient(change: (frame: Frame, link: Link) => object | null): () => ProxyPlan {
  return () => ({
    link: (link): LinkPlan => ({
      fromClient: (data) => {
        if (typeof data !== "string" || !data.startsWith("{") || data.length < 10) return link.toServer(data);
        const changed = change(JSON.parse(data) as Frame, link);
        if (changed !== null) link.toServer(JSON.stringify(changed));
      },
    }),
  });
}

/** Changes answers over HTTP. */
export function overHttp(change: (reply: HttpReply, path: string) => HttpReply): () => ProxyPlan {
  return () => ({ http: ({ path }, reply) => change(reply, path) });
}

export function withData(frame: Frame, data: Record<string, unknown>): object {
  return { ...frame, data: { ...frame.data, ...data } };
}

/** The frame without a field. */
export function without(frame: object, name: string): object {
  return Object.fromEntries(Object.entries(frame).filter(([each]) => each !== name));
}
