/** Debian's Chromium, driven by Playwright: one browser with a profile of its own that asks no other machine for anything. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";

const PLACES = (process.env["PATH"] ?? "").split(":").map((folder) => join(folder, "chromium"));
const CHROMIUM = [...PLACES, "/usr/bin/chromium"].find((path) => existsSync(path));
const APP = fileURLToPath(new URL("..", import.meta.url));
/** Where pictures of the page are kept for people to look at. */
const SCREENSHOTS = process.env["MICROMARKET_SCREENSHOTS"] ?? join(APP, "out", "screenshots");

/** Why pages cannot be opened here, with the mend; null where they can. A missing browser fails in CI. */
export const noBrowser: string | null =
  CHROMIUM !== undefined || process.env["CI"] === "true"
    ? null
    : "no chromium; run: apt-get install chromium && npm run jest -- apps/dashboard";

/** Builds the page into a new folder. */
export function buildPage(): string {
  const folder = mkdtempSync(join(tmpdir(), "micromarket-page-"));
  execFileSync(process.execPath, [join(APP, "build.mjs"), folder]);
  return folder;
}

/** A browser window. */
export interface Window {
  readonly page: Page;
  /** Requests to other servers than the page's own, dialogs, and messages of the browser about errors. */
  readonly complaints: readonly string[];
  readonly close: () => Promise<void>;
}

/** Opens a window with a new profile. Times are shown in UTC. */
export async function openWindow(origin: string, options: BrowserContextOptions): Promise<Window> {
  const profile = mkdtempSync(join(tmpdir(), "micromarket-chromium-"));
  const flags = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking";
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
    headless: true,
    args: [...flags.split(" "), "--disable-component-update", "--disable-sync"],
    timezoneId: "UTC",
    ...options,
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const complaints: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(origin)) complaints.push(`asked ${request.url()}`);
  });
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    const isOwn = message.type() === "error" && !message.text().startsWith("Failed to load resource");
    if (isOwn) complaints.push(message.text());
  });
  const close = async (): Promise<void> => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { page, complaints, close };
}

/** Keeps a picture of the whole page. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}
