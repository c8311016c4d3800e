/**
 * Server-sent events out of a text that comes in pieces (WHATWG HTML, section 9.2.6). The page reads its stream with
 * fetch and not with EventSource, which can send no Authorization header and hides the heartbeats.
 */

/** One event, or the wish of the server how long to wait before coming back. */
export type Frame =
  | { readonly kind: "event"; readonly id: string | null; readonly data: string }
  | { readonly kind: "retry"; readonly ms: number };

/** Collects pieces of text and gives what is whole. */
export class EventText {
  #rest = "";
  #id: string | null = null;
  #data: string[] = [];

  /** The frames that `piece` completes, in order. Comments complete none. */
  read(piece: string): readonly Frame[] {
    const text = this.#rest + piece;
    const end = text.endsWith("\r") ? text.length - 1 : text.length; // its \n may still come
    const lines = text.slice(0, end).split(/\r\n|\r|\n/);
    this.#rest = (lines.pop() ?? "") + text.slice(end);
    return lines.flatMap((line) => this.#readLine(line));
  }

  #readLine(line: string): readonly Frame[] {
    if (line === "") return this.#finish();
    const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (name === "data") this.#data.push(value);
    if (name === "id") this.#id = value;
    return name === "retry" && /^\d{1,7}$/.test(value) ? [{ kind: "retry", ms: Number(value) }] : [];
  }

  #finish(): readonly Frame[] {
    const data = this.#data.join("\n");
    this.#data = [];
    return data === "" ? [] : [{ kind: "event", id: this.#id, data }];
  }
}
