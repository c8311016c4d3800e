/** Reads server-sent events from a real socket, the way a browser does. */
import { request, type IncomingMessage } from "node:http";
import type { ListeningServer, LiveEvent } from "@micromarket/api-http";

export interface StreamReader {
  readonly response: IncomingMessage;
  /** Waits until `count` events have come in all, and gives them. */
  readonly events: (count: number) => Promise<readonly ReadEvent[]>;
  /** Waits until the text so far matches. */
  readonly text: (pattern: RegExp) => Promise<string>;
  /** Resolves when the connection is over. */
  readonly ended: Promise<void>;
  readonly close: () => void;
}

interface ReadEvent {
  readonly id: string | undefined;
  readonly type: string | undefined;
  readonly data: LiveEvent;
}

/** Opens a stream; the response must be a stream. */
export function openStream(
  server: ListeningServer,
  headers: Readonly<Record<string, string>> = {},
): Promise<StreamReader> {
  return new Promise((resolve, reject) => {
    const asked = request(`${server.url}/api/v1/events`, { headers, agent: false }, (response) => {
      if (response.statusCode === 200) return resolve(readerOf(response));
      response.resume();
      reject(new Error(`no stream: ${response.statusCode}`));
    });
    asked.on("error", reject);
    asked.end();
  });
}

function readerOf(response: IncomingMessage): StreamReader {
  let text = "";
  const waiting = new Set<() => void>();
  const wake = (): void => [...waiting].forEach((look) => look());
  const ended = new Promise<void>((resolve) => response.on("close", resolve));
  response.setEncoding("utf8");
  response.on("error", () => undefined); // a stream that is cut off; `close` follows
  response.on("data", (chunk: string) => {
    text += chunk;
    wake();
  });
  const until = <Found>(find: () => Found | null): Promise<Found> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = find();
        if (found === null) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      void ended.then(() => reject(new Error(`the stream ended after ${JSON.stringify(text.slice(-200))}`)));
      look();
    });
  return {
    response,
    events: (count) => until(() => (parse(text).length >= count ? parse(text) : null)),
    text: (pattern) => until(() => (pattern.test(text) ? text : null)),
    ended,
    close: () => void response.destroy(),
  };
}

function parse(text: string): readonly ReadEvent[] {
  return text
    .split("\n\n")
    .slice(0, -1)
    .filter((block) => /^data:/m.test(block))
    .map((block) => ({
      id: /^id: (.*)$/m.exec(block)?.[1],
      type: /^event: (.*)$/m.exec(block)?.[1],
      data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "null") as LiveEvent,
    }));
}
