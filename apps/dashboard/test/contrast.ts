/** The contrast of every text on the page, by the formula of WCAG 2.2 (relative luminance). */
import type { Page } from "playwright-core";

/** Texts whose contrast with what lies behind them is lower than `least`. Disabled controls are exempt. */
export async function contrastsBelow(page: Page, least: number): Promise<string[]> {
  const pairs = await page.evaluate(() => {
    const opaque = (colour: string): boolean => !/^rgba\(.*, 0\)$|transparent/.test(colour);
    const behind = (element: Element | null): string => {
      if (element === null) return "rgb(255, 255, 255)";
      const { backgroundColor } = getComputedStyle(element);
      return opaque(backgroundColor) ? backgroundColor : behind(element.parentElement);
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found: { text: string; front: string; back: string }[] = [];
    while (walker.nextNode()) {
      const text = walker.currentNode.textContent?.trim() ?? "";
      const element = walker.currentNode.parentElement;
      if (text === "" || element === null || element.closest(":disabled, noscript") !== null) continue;
      const style = getComputedStyle(element);
      const front = element instanceof SVGElement ? style.fill : style.color;
      found.push({ text, front, back: behind(element) });
    }
    return found;
  });
  const low = pairs.filter(({ front, back }) => contrast(front, back) < least);
  return low.map(({ text, front, back }) => `${text}: ${front} on ${back}`);
}

function contrast(front: string, back: string): number {
  const [lighter = 1, darker = 1] = [luminance(front), luminance(back)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => {
    const share = Number(part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
