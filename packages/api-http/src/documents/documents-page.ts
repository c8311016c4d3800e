/** Both documents as one page: HTML of our own, without a script, so that it reads the same on a phone and on paper. */
import { anchor, prose, table, text } from "./html.ts";
import type { JsonSchema } from "./json-schema.ts";
import { channelSections, messageKeys, messageSections } from "./page-messages.ts";
import { operationsByTag, operationSections } from "./page-operations.ts";
import { schemaSections } from "./page-schemas.ts";

type Named = Readonly<Record<string, JsonSchema>>;

interface Chapter {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly links: readonly (readonly [href: string, label: string])[];
  readonly body: string;
}

/** The page. */
export function documentsPage(openApi: JsonSchema, asyncApi: JsonSchema): string {
  const chapters = [
    ...routeChapters(openApi),
    ...socketChapters(asyncApi),
    schemaChapter(openApi, asyncApi),
    codeChapter(openApi, asyncApi),
  ];
  const { version, description } = openApi["info"] as JsonSchema;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Micromarket: interface</title>
<link rel="stylesheet" href="docs.css">
</head>
<body>
<a class="skip" href="#content">To the content</a>
<header><p class="name">Micromarket</p>
<p>Interface ${text(version)} · <a href="openapi.json">openapi.json</a> · <a href="asyncapi.json">asyncapi.json</a></p></header>
<div class="sides">
<nav aria-label="Contents">${chapters.map(navigation).join("")}</nav>
<main id="content">
<h1>What this gateway says and hears</h1>
<p class="lead">${prose(description)}</p>
${chapters.map(chapterSection).join("\n")}
</main>
</div>
</body>
</html>
`;
}

function navigation({ id, title, links }: Chapter): string {
  const items = links.map(([href, label]) => `<li><a href="#${href}">${label}</a></li>`).join("");
  return `<details><summary><a href="#${id}">${text(title)}</a></summary><ul>${items}</ul></details>`;
}

function chapterSection({ id, title, lead, body }: Chapter): string {
  return `<section id="${id}"><h2>${text(title)}</h2><p class="lead">${prose(lead)}</p>${body}</section>`;
}

function routeChapters(openApi: JsonSchema): readonly Chapter[] {
  const words = openApi["tags"] as readonly { readonly name: string; readonly description: string }[];
  const byTag = operationsByTag(openApi);
  return words.map(({ name, description }) => {
    const shown = byTag.get(name) ?? [];
    const links = shown.map(({ method, path, operation }) => {
      const label = `<span class="method ${method}">${text(method)}</span> ${text(path.replace("/api/v1", ""))}`;
      return [anchor("route", String(operation["operationId"])), label] as const;
    });
    return {
      id: anchor("http", name),
      title: `HTTP: ${name}`,
      lead: description,
      links,
      body: operationSections(shown, openApi),
    };
  });
}

function socketChapters(asyncApi: JsonSchema): readonly Chapter[] {
  const keys = messageKeys(asyncApi);
  const { description } = asyncApi["info"] as JsonSchema;
  const link = (key: string) => [anchor("message", key), text(key.replace(/^(?:client|server)\./, ""))] as const;
  const channels = Object.entries(asyncApi["channels"] as Named).filter(([name]) => name !== "session");
  return [
    {
      ...{ id: "socket-client", title: "Socket: what a client says", lead: String(description) },
      links: keys.client.map(link),
      body: messageSections(asyncApi, keys.client),
    },
    {
      ...{ id: "socket-server", title: "Socket: what the server says" },
      lead: "Answers carry the request's `id`; the rest is said of the server's own accord.",
      links: keys.server.map(link),
      body: messageSections(asyncApi, keys.server),
    },
    {
      ...{ id: "socket-channels", title: "Socket: channels" },
      lead: "`subscribe` names a channel; its frames carry `ch`, `seq` and `prev`.",
      links: channels.map(([name, { address }]) => [anchor("channel", name), text(address)] as const),
      body: channelSections(asyncApi),
    },
  ];
}

function schemaChapter(openApi: JsonSchema, asyncApi: JsonSchema): Chapter {
  const of = (document: JsonSchema): Named => (document["components"] as { readonly schemas: Named }).schemas;
  const all = Object.entries({ ...of(asyncApi), ...of(openApi) }).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...{ id: "schemas", title: "Schemas", lead: "What has a name, once. The unit of a number is in its field's name." },
    links: all.map(([name]) => [anchor("schema", name), text(name)] as const),
    body: schemaSections(Object.fromEntries(all)),
  };
}

function codeChapter(openApi: JsonSchema, asyncApi: JsonSchema): Chapter {
  const code = (name: string): string => `<code>${text(name)}</code>`;
  const errors = Object.entries(asyncApi["x-error-codes"] as Named).map(([name, kind]) => [
    ...[
      code(name),
      text(kind["class"]),
      text(kind["status"]),
      kind["retryable"] === true ? "yes" : "no",
      prose(kind["meaning"]),
    ],
  ]);
  const problems = Object.entries(openApi["x-problem-codes"] as Named).map(([name, { status, means }]) => [
    ...[code(name), text(status), prose(means)],
  ]);
  const closes = Object.entries(asyncApi["x-close-codes"] as Named).map(([number, { means }]) => [
    code(number),
    prose(means),
  ]);
  const parts = [
    ["codes-wire", "Codes of the wire", table(["code", "class", "HTTP", "again?", "means"], errors)],
    ["codes-problems", "Codes of other routes", table(["code", "HTTP", "means"], problems)],
    ["codes-close", "Close codes of the socket", table(["code", "means"], closes)],
  ] as const;
  return {
    ...{ id: "codes", title: "Codes" },
    lead: "The lists only grow: who does not know a code goes by its class, and by whether the same may be said again.",
    links: parts.map(([id, title]) => [id, text(title)] as const),
    body: parts.map(([id, title, body]) => `<article id="${id}"><h3>${text(title)}</h3>${body}</article>`).join(""),
  };
}
