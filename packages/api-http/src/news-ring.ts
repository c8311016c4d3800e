/** The latest news, numbered, in a ring of fixed size; and who is told. */
import type { InstantMs } from "@micromarket/kernel";
import type { News, NewsListener, NumberedNews } from "./read-model.ts";

/** A bounded list of news that tells its listeners. */
export class NewsRing {
  readonly #size: number;
  readonly #ring: NumberedNews[] = [];
  readonly #listeners = new Set<NewsListener>();
  #last: number;

  constructor(size: number, lastSequence: number) {
    this.#size = size;
    this.#last = lastSequence;
  }

  get last(): number {
    return this.#last;
  }

  publish(event: News, at: InstantMs): void {
    this.#last += 1;
    const news = { sequence: this.#last, at, event };
    this.#ring[this.#last % this.#size] = news;
    for (const listener of [...this.#listeners]) listener(news);
  }

  /** What came after `sequence`; `null` where it cannot be told without a gap. */
  after(sequence: number): readonly NumberedNews[] | null {
    if (!Number.isSafeInteger(sequence) || sequence > this.#last || this.#last - sequence > this.#size) return null;
    const found: NumberedNews[] = [];
    for (let wanted = sequence + 1; wanted <= this.#last; wanted += 1) {
      const news = this.#ring[wanted % this.#size];
      if (news?.sequence !== wanted) return null;
      found.push(news);
    }
    return found;
  }

  subscribe(listener: NewsListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
