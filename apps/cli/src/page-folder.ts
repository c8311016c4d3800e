/** Where the built page lies. */
import { fileURLToPath } from "node:url";

/** Folder of the page's files; whether they are there is another question. */
export function pageFolder(): string {
  return fileURLToPath(new URL(".", import.meta.resolve("@micromarket/dashboard/page/index.html")));
}
