/**
 * What must be published now and then so that a device speaks, or goes on obeying: its first payload when a connection
 * begins, and the later one as often as the profile says, while it lasts.
 */
import type { WakeProfile } from "./profile.ts";

/** Publishes one wake message. */
export class Waker {
  readonly #wake: WakeProfile;
  readonly #publish: (payload: string) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(wake: WakeProfile, publish: (payload: string) => void) {
    this.#wake = wake;
    this.#publish = publish;
  }

  /** A connection has begun. */
  start(): void {
    this.stop();
    this.#publish(this.#wake.payload);
    this.#timer = setInterval(() => {
      this.#publish(this.#wake.again);
    }, this.#wake.everyMs);
  }

  /** The connection has ended, or nobody wants it any more. */
  stop(): void {
    clearInterval(this.#timer);
  }
}
