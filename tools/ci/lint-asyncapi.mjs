/** Holds an AsyncAPI document to the specification: prints every finding that is an error, and ends with 1 where there is one. */
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const ERROR = 0;
const [path] = process.argv.slice(2);
if (path === undefined) throw new Error("say which document: node tools/ci/lint-asyncapi.mjs docs/api/asyncapi.json");
const { document, diagnostics } = await new Parser().parse(readFileSync(path, "utf8"));
const errors = diagnostics.filter(({ severity }) => severity === ERROR);
for (const { code, path: place, message } of errors) console.log(`${path} ${place.join(".")}: ${message} [${code}]`);
if (document === undefined || errors.length > 0) process.exitCode = 1;
else
  console.log(`${path}: ${document.operations().length} operations, ${document.messages().length} messages, no error`);
