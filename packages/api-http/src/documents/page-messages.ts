/** Messages and channels of AsyncAPI as HTML. */
import { anchor, example, prose, text } from "./html.ts";
import type { JsonSchema } from "./json-schema.ts";
import { schemaTable } from "./page-schemas.ts";

type Named = Readonly<Record<string, JsonSchema>>;

/** Keys of messages: what a client says, what the server says, and what is said in channels. */
export function messageKeys(
  asyncApi: JsonSchema,
): Readonly<Record<"client" | "server" | "channel", readonly string[]>> {
  const keys = Object.keys(messagesOf(asyncApi));
  const of = (side: string): readonly string[] => keys.filter((key) => key.startsWith(`${side}.`));
  const channel = keys.filter((key) => !key.startsWith("client.") && !key.startsWith("server."));
  return { client: of("client"), server: of("server"), channel };
}

function messagesOf(asyncApi: JsonSchema): Named {
  return (asyncApi["components"] as { readonly messages: Named }).messages;
}

/** The messages of these keys. */
export function messageSections(asyncApi: JsonSchema, keys: readonly string[]): string {
  const operations = asyncApi["operations"] as Named;
  return keys.map((key) => messageSection(key, messagesOf(asyncApi)[key] ?? {}, operations[key])).join("");
}

function messageSection(key: string, message: JsonSchema, operation: JsonSchema | undefined): string {
  const examples = (message["examples"] ?? []) as readonly JsonSchema[];
  const shown = examples.map((each) =>
    example(`Example${each["summary"] === undefined ? "" : `: ${text(each["summary"])}`}`, each["payload"]),
  );
  return `<article id="${anchor("message", key)}"><h3><code>${text(message["name"])}</code>${ofChannel(key)}</h3>
<p class="lead">${prose(message["summary"])}</p>${answersOf(operation)}
${dataTable(message["payload"] as JsonSchema)}${shown.join("")}</article>`;
}

function ofChannel(key: string): string {
  const [channel = ""] = key.split(".");
  return channel === "client" || channel === "server" ? "" : ` <span class="optional">in ${text(channel)}</span>`;
}

function answersOf(operation: JsonSchema | undefined): string {
  const reply = operation?.["reply"] as { readonly messages: readonly { readonly $ref: string }[] } | undefined;
  if (operation?.["action"] !== "receive") return "";
  if (reply === undefined) return "<p>Nothing answers it.</p>";
  const links = reply.messages.map(({ $ref }) => {
    const key = $ref.split("/").at(-1) ?? "";
    return `<a href="#${anchor("message", key)}"><code>${text(key.replace(/^server\./, ""))}</code></a>`;
  });
  return `<p>Answered by ${links.join(" or ")}.</p>`;
}

/** The frame is the same everywhere: what differs is its data. */
function dataTable(payload: JsonSchema): string {
  const data = (payload["properties"] as Named | undefined)?.["data"];
  if (data === undefined) return "";
  const isEmpty = JSON.stringify(data["properties"] ?? null) === "{}";
  return isEmpty ? "<p>Its data is an empty object.</p>" : `<h4>Data</h4>${schemaTable(data)}`;
}

/** Channels and what is said in each. */
export function channelSections(asyncApi: JsonSchema): string {
  const channels = Object.entries(asyncApi["channels"] as Named).filter(([name]) => name !== "session");
  return channels
    .map(([name, channel]) => {
      const keys = Object.keys(channel["messages"] as Named);
      return `<article id="${anchor("channel", name)}"><h3><code>${text(channel["address"])}</code></h3>
<p class="lead">${prose(channel["description"])}</p></article>${messageSections(asyncApi, keys)}`;
    })
    .join("");
}
