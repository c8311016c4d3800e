/** Schemas as tables of fields, with units. */
import { Amount, ChannelName, ClientId, Duration, Instant } from "@micromarket/protocol";
import { anchor, prose, table, text } from "./html.ts";
import type { JsonSchema } from "./json-schema.ts";

const DEPTH_MAX = 6;
/** Forms that have a name: nobody wants to read their patterns a hundred times. */
const FORMS: ReadonlyMap<unknown, string> = new Map([
  [Instant.pattern, "instant, ISO 8601 in UTC"],
  [Amount.pattern, "whole number as a text of digits"],
  [Duration.pattern, "duration, ISO 8601"],
  [ClientId.pattern, "id of the client: 1 to 36 of A-Z a-z 0-9 . _ : -"],
  [ChannelName.pattern, "channel"],
]);
const SAFE = Number.MAX_SAFE_INTEGER;

/** The fields of a schema; of one that is no object what it is, in words. */
export function schemaTable(schema: JsonSchema): string {
  const rows = fieldRows(schema, "", 0);
  if (rows.length > 0) return table(["field", "type", "unit", "bounds"], rows);
  return `<p>${typeText(schema)}</p>`;
}

function fieldRows(schema: JsonSchema, prefix: string, depth: number): readonly (readonly string[])[] {
  if (depth > DEPTH_MAX) return [];
  const properties = propertiesOf(schema);
  const required = new Set((schema["required"] ?? []) as readonly string[]);
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const shown = `<code>${text(path)}</code>${required.has(name) ? "" : ' <span class="optional">optional</span>'}`;
    const row = [shown, typeText(field), text(field["x-unit"] ?? ""), boundsText(field)];
    const inner = innerOf(field);
    return [row, ...(inner === null ? [] : fieldRows(inner.schema, `${path}${inner.mark}`, depth + 1))];
  });
}

function propertiesOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return (schema["properties"] ?? {}) as Readonly<Record<string, JsonSchema>>;
}

/** The object that a field holds, itself or in a list. */
function innerOf(field: JsonSchema): { readonly schema: JsonSchema; readonly mark: string } | null {
  if (field["properties"] !== undefined) return { schema: field, mark: "" };
  const items = field["items"];
  if (typeof items !== "object" || items === null || Array.isArray(items)) return null;
  const inner = innerOf(items as JsonSchema);
  return inner === null ? null : { schema: inner.schema, mark: `[]${inner.mark}` };
}

/** The type in words, as HTML. */
export function typeText(schema: JsonSchema): string {
  const { $ref, const: only, enum: choices, anyOf, type, prefixItems } = schema;
  if (typeof $ref === "string") return schemaLink($ref.split("/").at(-1) ?? "");
  if (only !== undefined) return `<code>${text(JSON.stringify(only))}</code>`;
  if (Array.isArray(choices))
    return choices.map((choice) => `<code>${text(JSON.stringify(choice))}</code>`).join(" · ");
  if (Array.isArray(anyOf)) return (anyOf as readonly JsonSchema[]).map(typeText).join(" or ");
  const tuple = prefixItems ?? (Array.isArray(schema["items"]) ? schema["items"] : undefined);
  if (Array.isArray(tuple)) return `[${(tuple as readonly JsonSchema[]).map(typeText).join(", ")}]`;
  const names = [type].flat().map((name) => typeName(typeof name === "string" ? name : "anything", schema));
  return names.join(" or ");
}

function typeName(name: string, schema: JsonSchema): string {
  if (name === "array" && typeof schema["items"] === "object")
    return `list of ${typeText(schema["items"] as JsonSchema)}`;
  const values = schema["additionalProperties"];
  if (name === "object" && typeof values === "object") return `object of ${typeText(values as JsonSchema)}`;
  return name === "string" ? text(FORMS.get(schema["pattern"]) ?? "text") : text(name);
}

/** A link to a schema's own table. */
export function schemaLink(name: string): string {
  return `<a href="#${anchor("schema", name)}">${text(name)}</a>`;
}

function boundsText(schema: JsonSchema): string {
  const bounds: string[] = [];
  const say = (keyword: string, form: (value: unknown) => string): void => {
    const value = schema[keyword];
    if (value !== undefined && Math.abs(Number(value)) !== SAFE) bounds.push(form(value));
  };
  say("minimum", (value) => `≥ ${text(value)}`);
  say("maximum", (value) => `≤ ${text(value)}`);
  say("minLength", (value) => (value === 1 ? "not empty" : `${text(value)} characters or more`));
  say("maxLength", (value) => `≤ ${text(value)} characters`);
  say("minItems", (value) => `${text(value)} or more`);
  say("maxItems", (value) => `≤ ${text(value)}`);
  const { pattern, default: otherwise } = schema;
  if (otherwise !== undefined) bounds.push(`default ${text(otherwise)}`);
  if (typeof pattern === "string" && !FORMS.has(pattern)) bounds.push(`<code class="pattern">${text(pattern)}</code>`);
  return bounds.join(", ");
}

/** All named schemas of both documents; where both have one, it is the same. */
export function schemaSections(schemas: Readonly<Record<string, JsonSchema>>): string {
  return Object.entries(schemas)
    .map(
      ([name, schema]) =>
        `<article id="${anchor("schema", name)}"><h3>${text(name)}</h3><p>${prose(schema["description"] ?? "")}</p>
${schemaTable(schema)}</article>`,
    )
    .join("");
}
