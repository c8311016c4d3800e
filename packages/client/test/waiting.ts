/** Waiting for what is to happen, however long the machine takes; the test's own deadline is the only one. */

/** Settles once `holds` is true, which is looked at again and again. */
export async function until(holds: () => boolean, what: string, deadlineMs = 50_000, lookMs = 5): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`it never came to be: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

const closing: (() => unknown)[] = [];

/** Has something closed at the end of the test, the last one first. */
export function atEnd(close: () => unknown): void {
  closing.push(close);
}

/** Closes everything. */
export async function closeAll(): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close();
}
