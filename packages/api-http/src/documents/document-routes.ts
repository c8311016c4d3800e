/** Serves the documents and their page. They say nothing of a market's data, so they are open like the page's own files. */
import type { FastifyInstance } from "fastify";
import { pageFile, serveFiles } from "../page-files.ts";
import { asyncApiDocument } from "./asyncapi-document.ts";
import { asyncApiText, openApiText } from "./document-text.ts";
import { documentsPage } from "./documents-page.ts";
import { DOCUMENTS_STYLE } from "./documents-style.ts";
import { openApiDocument } from "./openapi-document.ts";

/** Adds the routes below the prefix of `app`. */
export function addDocumentRoutes(app: FastifyInstance): void {
  serveFiles(app, [
    lazily("/openapi.json", "application/json; charset=utf-8", openApiText),
    lazily("/asyncapi.json", "application/json; charset=utf-8", asyncApiText),
    lazily("/docs", "text/html; charset=utf-8", () => documentsPage(openApiDocument(), asyncApiDocument())),
    lazily("/docs.css", "text/css; charset=utf-8", () => DOCUMENTS_STYLE),
  ]);
}

/** Written when it is asked for first: most gateways are never asked. */
function lazily(path: string, type: string, write: () => string) {
  let file: ReturnType<typeof pageFile> | null = null;
  return { path, file: () => (file ??= pageFile(path, type, Buffer.from(write()))) };
}
