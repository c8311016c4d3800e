/** Texts that the browser keeps for this page. A browser that keeps nothing makes the page forget, not fail. */

/** `tab`: until the tab is closed; `browser`: until somebody clears it. */
type Keeper = "tab" | "browser";

/** The text kept under `key`, or null. */
export function recall(keeper: Keeper, key: string): string | null {
  try {
    return storageOf(keeper).getItem(`micromarket.${key}`);
  } catch {
    return null;
  }
}

/** Keeps `text` under `key`, where the browser lets it. */
export function remember(keeper: Keeper, key: string, text: string): void {
  try {
    storageOf(keeper).setItem(`micromarket.${key}`, text);
  } catch {
    // a choice that is made again next time is no reason to stop
  }
}

function storageOf(keeper: Keeper): Storage {
  return keeper === "tab" ? sessionStorage : localStorage;
}
