/**
 * Tells listeners what has changed of the controls.
 *
 * Invariants: at most once in `everyMs` of the wall clock, and at once after something was done through the API; the desk
 * is asked only while somebody listens; a listener that begins gets everything, and then every change from there on; a desk
 * that fails takes no stream with it.
 */
import type { ControlDesk } from "./control-desk.ts";
import { controlList, controlNews, type ToldControls } from "./control-view.ts";
import type { ControlNews } from "@micromarket/protocol";

/** A timer over the desk. */
export class ControlsTicker {
  readonly #desk: ControlDesk;
  readonly #isHeard: () => boolean;
  readonly #tell: (news: ControlNews) => void;
  readonly #onError: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  /** Some listener could not be told everything when it began. */
  #isOwed = false;
  #told: ToldControls = { list: { stopped: null, controls: [], limits: [] }, wallMs: 0 };

  constructor(
    desk: ControlDesk,
    everyMs: number,
    isHeard: () => boolean,
    tell: (news: ControlNews) => void,
    onError: (error: unknown) => void,
  ) {
    this.#desk = desk;
    this.#isHeard = isHeard;
    this.#tell = tell;
    this.#onError = onError;
    this.#timer = setInterval(() => this.tick(), everyMs);
    this.#timer.unref();
  }

  /** Tells what has changed since the last time. What goes wrong reaches `onError` only. */
  tick(): void {
    try {
      if (this.#isHeard()) this.#tellChange();
    } catch (error) {
      this.#onError(error);
    }
  }

  /**
   * What a listener begins with. Others hear what has changed up to now, so that all know the same. `null`: the desk cannot
   * say; everything is told to all as soon as it can.
   */
  opening(): ControlNews | null {
    try {
      this.#tellChange();
      return this.#everything();
    } catch (error) {
      this.#isOwed = true;
      this.#onError(error);
      return null;
    }
  }

  #everything(): ControlNews {
    return { full: true, ...this.#told.list, gone: [] };
  }

  #tellChange(): void {
    const now = { list: controlList(this.#desk), wallMs: performance.now() };
    const change = controlNews(this.#told, now);
    this.#told = now;
    const news = this.#isOwed ? this.#everything() : change;
    this.#isOwed = false;
    if (news !== null && this.#isHeard()) this.#tell(news);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
