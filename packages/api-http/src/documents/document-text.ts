/** The documents as they are served and published. */
import { asyncApiDocument } from "./asyncapi-document.ts";
import { openApiDocument } from "./openapi-document.ts";

/** OpenAPI 3.1 of every route, as a text. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(), null, 1)}\n`;
}

/** AsyncAPI 3.0 of every message of the socket, as a text. */
export function asyncApiText(): string {
  return `${JSON.stringify(asyncApiDocument(), null, 1)}\n`;
}
