/** `npm run tidy`: what a reviewer should not have to say. Exit 1 when there is any. An argument names another tree. */
import { fileURLToPath } from "node:url";
import { tidy } from "./tidy.mjs";

const { lines, summary } = tidy(process.argv[2] ?? fileURLToPath(new URL("../..", import.meta.url)));
for (const line of [...lines, summary]) console.log(line);
process.exitCode = lines.length === 0 ? 0 : 1;
