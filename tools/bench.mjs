// Runs every packages/*/bench/*.bench.ts (or those whose path holds one of the given words), each in a process of its own.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const words = process.argv.slice(2);
const benches = readdirSync("packages")
  .map((name) => join("packages", name, "bench"))
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
  .filter((file) => file.endsWith(".bench.ts") && (words.length === 0 || words.some((word) => file.includes(word))));

const bundles = join("node_modules", ".cache", "bench");
mkdirSync(bundles, { recursive: true });
for (const file of benches) {
  const outfile = join(bundles, file.replaceAll("/", "-").replace(/\.ts$/, ".mjs"));
  await build({
    entryPoints: [file],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["source"],
    external: [
      "better-sqlite3",
      "highs",
      "jsmodbus",
      "modbus-serial",
      "mqtt",
      "nodejs-order-book",
      "serialport",
      "yaml",
    ],
    // CommonJS libraries that are bundled ask for Node's own modules by require
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  const { status } = spawnSync(process.execPath, ["--max-old-space-size=8192", outfile], { stdio: "inherit" });
  rmSync(outfile);
  if (status !== 0) process.exit(status ?? 1);
}
