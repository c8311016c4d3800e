import type { JsonSchema } from "./json-schema.ts";
export function documentsPage(_: JsonSchema, __: JsonSchema): string {
  return "";
}
