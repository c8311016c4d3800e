/** What a client needs of the machine that it runs on: time, chance, sockets. Tests bring their own. */

/** What is used of a WebSocket: the browser's, Node 22's and that of `ws` have it. */
export interface ClientSocket {
  binaryType: string;
  /** The sub-protocol that the server chose. */
  readonly protocol: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  /** Cuts it at once, without goodbye; where it is missing, `close` has to do. */
  terminate?(): void;
}

/** Opens a socket that offers these sub-protocols. */
export type OpenSocket = (url: string, protocols: readonly string[]) => ClientSocket;

/** Time, chance and sockets. */
export interface Surroundings {
  /** Milliseconds of the wall clock. */
  readonly nowMs: () => number;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
  /** Runs something once, later; the answer calls that off. */
  readonly after: (ms: number, run: () => void) => () => void;
  readonly openSocket: OpenSocket;
}

interface WebSocketConstructor {
  new (url: string, protocols: string[]): ClientSocket;
}

/** Those of a browser, or of a Node that has WebSocket; for older ones see `@micromarket/client/node`. */
export const GLOBAL_SURROUNDINGS: Surroundings = {
  nowMs: () => Date.now(),
  random: () => Math.random(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  openSocket: (url, protocols) => {
    const { WebSocket: Socket } = globalThis as unknown as { WebSocket?: WebSocketConstructor };
    if (Socket === undefined)
      throw new Error("this Node has no WebSocket: take `nodeSurroundings` of @micromarket/client/node");
    return new Socket(url, [...protocols]);
  },
};

/** The end of something that many wait in: an `AbortSignal` warns of a leak from the eleventh on. */
export class Halt {
  readonly #waiting = new Set<() => void>();
  #isCalled = false;

  get isCalled(): boolean {
    return this.#isCalled;
  }

  call(): void {
    this.#isCalled = true;
    for (const run of [...this.#waiting]) run();
    this.#waiting.clear();
  }

  /** Runs something when it is called; the answer calls that off. */
  onCall(run: () => void): () => void {
    this.#waiting.add(run);
    return () => void this.#waiting.delete(run);
  }
}

/** Waits, unless it is called off; whether the time has passed. */
export function pause({ after }: Pick<Surroundings, "after">, ms: number, halt: Halt): Promise<boolean> {
  if (halt.isCalled) return Promise.resolve(false);
  return new Promise((resolve) => {
    const forget = halt.onCall(() => {
      cancel();
      resolve(false);
    });
    const cancel = after(ms, () => {
      forget();
      resolve(true);
    });
  });
}
