/** The page of the interface's documents in a browser: nothing overflows, nothing is asked of others, everything is readable. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { createReadModel, startApi, type ApiServer } from "@micromarket/api-http";
import { marketRules, NOON } from "@micromarket/testkit";
import { keepPicture, noBrowser, openWindow, type Window } from "./browser.ts";
import { contrastsBelow } from "./contrast.ts";

const inBrowser = noBrowser === null ? test : test.skip;
const title = (text: string): string => (noBrowser === null ? text : `${text} (skipped: ${noBrowser})`);
const works = { status: "pass", detail: "works" } as const;

/** The page is long, and every text of it is looked at. */
const PATIENCE_MS = 300_000;

let server: ApiServer;
let open: Window | null = null;

beforeAll(async () => {
  const model = createReadModel({ rules: marketRules(), since: NOON });
  const probes = { store: () => works, clock: () => works };
  const started = await startApi({ model, clock: { now: () => NOON, factor: null }, probes, version: "1", port: 0 });
  if (!started.ok) throw new Error(started.error.message);
  server = started.value;
});

afterEach(async () => {
  await open?.close();
  open = null;
});

afterAll(() => server.close());

describe.each([
  ["desk", { viewport: { width: 1_280, height: 900 } }],
  ["phone", { viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme: "dark" }],
] as const)("at a %s", (name, options) => {
  inBrowser(
    title("the page fits, stands on its own, and can be read"),
    async () => {
      open = await openWindow(server.url, options);
      const { page, complaints } = open;
      await page.goto(`${server.url}/api/v1/docs`);
      await page.getByRole("heading", { name: "What this gateway says and hears" }).waitFor();
      const width = await page.evaluate("document.documentElement.scrollWidth");
      expect(width).toBe(options.viewport.width);
      expect(await contrastsBelow(page, 4.5)).toEqual([]);
      await page
        .getByText("HTTP: controls")
        .first()
        .locator("xpath=ancestor::details")
        .locator("summary")
        .click({ position: { x: 4, y: 20 } });
      await page.getByRole("link", { name: "post /homes/{home}/dim" }).click();
      await page.getByText("The grid operator's limit").first().waitFor();
      expect(
        await page.evaluate("Math.abs(document.getElementById('route-dimHome').getBoundingClientRect().top) < 60"),
      ).toBe(true);
      await keepPicture(page, `documents-${name}`);
      expect(complaints).toEqual([]);
    },
    PATIENCE_MS,
  );
});
