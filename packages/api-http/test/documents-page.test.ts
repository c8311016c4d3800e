import { expect, test } from "@jest/globals";
import { CLIENT_MESSAGES, CLOSE_CODES, ERROR_CODES, SERVER_MESSAGES } from "@micromarket/protocol";
import { asyncApiDocument } from "../src/documents/asyncapi-document.ts";
import { documentsPage } from "../src/documents/documents-page.ts";
import { prose, text } from "../src/documents/html.ts";
import { NAMED_SCHEMAS } from "../src/documents/named-schemas.ts";
import { openApiDocument } from "../src/documents/openapi-document.ts";
import { OPERATIONS } from "../src/documents/operations.ts";

const page = documentsPage(openApiDocument(), asyncApiDocument());
const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);

test("the page has every route, message, schema and code, each at an address of its own", () => {
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  for (const { id } of OPERATIONS) expect(ids).toContain(`route-${id}`);
  for (const type of Object.keys(CLIENT_MESSAGES)) expect(ids).toContain(`message-client-${type.replaceAll(".", "-")}`);
  for (const type of Object.keys(SERVER_MESSAGES)) expect(page).toContain(`<code>${type}</code>`);
  for (const name of Object.keys(NAMED_SCHEMAS)) expect(ids).toContain(`schema-${name}`);
  for (const code of [...Object.keys(ERROR_CODES), ...Object.values(CLOSE_CODES)])
    expect(page).toContain(`<code>${code}</code>`);
});

test("every link within the page leads somewhere", () => {
  const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  expect(links.length).toBeGreaterThan(OPERATIONS.length);
  expect(links.filter((id) => !ids.includes(id))).toEqual([]);
});

test("nothing in it comes from elsewhere or needs more than a strict policy allows", () => {
  expect(page).not.toMatch(/<script|<style|style="|javascript:| on\w+="/i);
  expect([...page.matchAll(/(?:src|href)="(https?:)?\/\/[^"]*"/g)]).toEqual([]);
});

test("texts are escaped", () => {
  expect(text('<a href="x">&')).toBe("&lt;a href=&quot;x&quot;&gt;&amp;");
  expect(prose("`<b>` & c")).toBe("<code>&lt;b&gt;</code> &amp; c");
});
