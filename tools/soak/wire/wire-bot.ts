/** A client with no goodwill and no help: bare frames over a socket, and each answer by its id. */
import { challengeText } from "@micromarket/api-http";
import { instantMs } from "@micromarket/kernel";
import { SUBPROTOCOL } from "@micromarket/protocol";
import { WebSocket } from "ws";
import { OPERATOR_TOKEN, SERVER_NAME } from "./market-words.ts";
import { signChallenge, type WireKey } from "./wire-key.ts";

/** A frame of the server. */
export interface HeardFrame {
  readonly type: string;
  readonly id?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One connection. */
export class WireBot {
  readonly socket: WebSocket;
  /** Close code; `null` while it is open. */
  closed: number | null = null;
  hear: (frame: HeardFrame) => void = () => undefined;
  hearBytes: (bytes: Buffer) => void = () => undefined;
  #count = 0;
  readonly #waiting = new Map<string, (frame: HeardFrame | null) => void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (isBinary) return this.hearBytes(data);
      const frame = JSON.parse(data.toString("utf8")) as HeardFrame;
      const settle = frame.id === undefined ? undefined : this.#waiting.get(frame.id);
      if (settle !== undefined && frame.id !== undefined) {
        this.#waiting.delete(frame.id);
        settle(frame);
      } else this.hear(frame);
    });
    socket.on("close", (code) => {
      this.closed = code;
      for (const settle of this.#waiting.values()) settle(null);
      this.#waiting.clear();
    });
    socket.on("error", () => undefined); // a close follows
  }

  /** Connects, and signs in with the key, as the operator, or not at all. */
  static async open(port: number, who: WireKey | "operator" | "nobody"): Promise<WireBot> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/ws`, SUBPROTOCOL, { perMessageDeflate: false });
    const bot = new WireBot(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("close", (code) => reject(new Error(`the socket was closed with ${code}`)));
    });
    if (who === "operator") await bot.#signIn({ method: "bearer", token: OPERATOR_TOKEN });
    else if (who !== "nobody") await bot.#answerChallenge(who);
    return bot;
  }

  /** Sends a request: its answer, or `null` where the connection ended before it. */
  ask(type: string, data: unknown): Promise<HeardFrame | null> {
    const id = `q${(this.#count += 1)}`;
    return new Promise((resolve) => {
      if (this.closed !== null) return resolve(null);
      this.#waiting.set(id, resolve);
      this.socket.send(JSON.stringify({ type, id, data }));
    });
  }

  async #answerChallenge(key: WireKey): Promise<void> {
    const answer = await this.ask("auth.challenge", {});
    const { nonce, at_ms: atMs } = answer?.data as { nonce: string; at_ms: number };
    const text = challengeText({
      ...{ purpose: "micromarket/auth/v1", server: SERVER_NAME, nonce },
      ...{ at: instantMs(atMs), expires: instantMs(atMs) },
    });
    await this.#signIn({ method: "challenge", key: key.did, nonce, signature: signChallenge(key, text) });
  }

  async #signIn(data: object): Promise<void> {
    const answer = await this.ask("auth", data);
    if (answer?.type !== "authenticated") throw new Error(`nobody let in: ${JSON.stringify(answer)}`);
  }
}
