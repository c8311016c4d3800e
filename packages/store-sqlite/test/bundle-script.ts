/** Child processes run the sources as they are: bundled at the start of the test, with no build before it. */
import { buildSync } from "esbuild";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const DATABASE_MODULE = createRequire(import.meta.url).resolve("better-sqlite3");

/** Bundles `script` into `folder`; returns the path that plain node runs. */
export function bundleScript(script: URL, folder: string): string {
  const entryPoint = fileURLToPath(script);
  const outfile = join(folder, `${basename(entryPoint, ".ts")}.mjs`);
  buildSync({
    entryPoints: [entryPoint],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["source"],
    alias: { "better-sqlite3": DATABASE_MODULE }, // native: taken from where it is installed
    external: [DATABASE_MODULE],
    sourcemap: "inline",
    logLevel: "warning",
  });
  return outfile;
}
