/** Routes of OpenAPI as HTML. */
import { anchor, example, prose, table, text } from "./html.ts";
import type { JsonSchema } from "./json-schema.ts";
import { schemaTable, typeText } from "./page-schemas.ts";

type Answers = Readonly<Record<string, JsonSchema>>;

interface Shown {
  readonly method: string;
  readonly path: string;
  readonly operation: JsonSchema;
}

/** Every route, by tag. */
export function operationsByTag(openApi: JsonSchema): ReadonlyMap<string, readonly Shown[]> {
  const paths = openApi["paths"] as Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
  const found = new Map<string, Shown[]>();
  for (const [path, methods] of Object.entries(paths))
    for (const [method, operation] of Object.entries(methods)) {
      const [tag = ""] = operation["tags"] as readonly string[];
      found.set(tag, [...(found.get(tag) ?? []), { method, path, operation }]);
    }
  return found;
}

/** The routes of one tag. */
export function operationSections(shown: readonly Shown[], openApi: JsonSchema): string {
  const { responses } = openApi["components"] as { readonly responses: Answers };
  return shown.map((each) => operationSection(each, responses)).join("");
}

function operationSection({ method, path, operation }: Shown, common: Answers): string {
  const { operationId, summary, description, parameters, requestBody } = operation;
  const asked = operation["x-example-request"] as { readonly path: string; readonly body?: unknown };
  const line = `${method.toUpperCase()} ${asked.path}`;
  const request =
    asked.body === undefined
      ? line
      : `${line}\nContent-Type: application/json\n\n${JSON.stringify(asked.body, null, 2)}`;
  return `<article id="${anchor("route", String(operationId))}">
<h3><span class="method ${method}">${text(method)}</span> <code>${breakable(path)}</code></h3>
<p class="lead">${prose(summary)}</p><p>${prose(description)}</p>
${parametersTable((parameters ?? []) as readonly JsonSchema[])}${bodySection(requestBody as JsonSchema | undefined)}
${answerSection(operation["responses"] as Answers)}${example("Example: asked", request)}${answerExample(operation["responses"] as Answers)}
${refusals(operation["responses"] as Answers, common)}</article>`;
}

/** A path may be broken after each of its slashes. */
function breakable(path: string): string {
  return text(path).replaceAll("/", "/<wbr>");
}

function parametersTable(parameters: readonly JsonSchema[]): string {
  if (parameters.length === 0) return "";
  const rows = parameters.map((parameter) => {
    const { name, in: place, required, description, schema } = parameter;
    const optional = required === true ? "" : ' <span class="optional">optional</span>';
    const { default: otherwise } = schema as JsonSchema;
    const said = `${prose(description)}${otherwise === undefined ? "" : ` Default ${text(otherwise)}.`}`;
    return [`<code>${text(name)}</code>${optional}`, text(place), typeText(schema as JsonSchema), said];
  });
  return `<h4>Parameters</h4>${table(["parameter", "in", "type", "what"], rows)}`;
}

function mediaOf({ content }: JsonSchema): readonly [string, JsonSchema] | null {
  return Object.entries((content ?? {}) as Answers)[0] ?? null;
}

function bodySection(body: JsonSchema | undefined): string {
  const media = body === undefined ? null : mediaOf(body);
  if (media === null) return "";
  const schema = media[1]["schema"] as JsonSchema;
  const isEmpty = JSON.stringify(schema["properties"] ?? null) === "{}";
  return `<h4>Body</h4>${isEmpty ? "<p>An empty object, or nothing.</p>" : schemaTable(schema)}`;
}

/** The first answer that is none of a refusal. */
function successOf(responses: Answers): readonly [string, JsonSchema] | null {
  return Object.entries(responses).find(([status]) => /^[12]\d\d$/.test(status)) ?? null;
}

function answerSection(responses: Answers): string {
  const success = successOf(responses);
  if (success === null) return "";
  const [status, response] = success;
  const media = mediaOf(response);
  const each = media?.[1]["schema"] as JsonSchema | undefined;
  const type = media === null || media[0] === "application/json" ? "" : ` <code>${text(media[0])}</code>`;
  const content = each?.["contentSchema"] as JsonSchema | undefined;
  const shown = content === undefined ? each : content;
  const isText = shown?.["type"] === "string";
  const isEmpty = JSON.stringify(shown?.["properties"] ?? null) === "{}";
  const fields = shown === undefined || isText || isEmpty ? "" : schemaTable(shown);
  return `<h4>Answer ${text(status)}${type}</h4><p>${prose(response["description"])}</p>${fields}`;
}

function answerExample(responses: Answers): string {
  const success = successOf(responses);
  const media = success === null ? null : mediaOf(success[1]);
  return media === null ? "" : example("Example: answered", media[1]["example"]);
}

function refusals(responses: Answers, common: Answers): string {
  const rows = Object.entries(responses)
    .filter(([status]) => /^[45]/.test(status))
    .map(([status, response]) => {
      const { $ref: place } = response;
      const name = typeof place === "string" ? (place.split("/").at(-1) ?? "") : "";
      return [text(status), prose((common[name] ?? response)["description"])];
    });
  if (rows.length === 0) return "";
  return `<details><summary>Refusals</summary>${table(["status", "codes"], rows)}</details>`;
}
