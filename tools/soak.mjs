// Bundles tools/soak and runs it with the arguments given: sources run unbuilt, and every process that is killed is plain node.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const cache = join(root, "node_modules", ".cache");
mkdirSync(cache, { recursive: true });
const outdir = mkdtempSync(join(cache, "soak-"));

/** Sources find their files where they are, not where the bundle is; libraries stay outside, each in its package's version. */
const whereTheyAre = {
  name: "where they are",
  setup({ onLoad, onResolve, resolve }) {
    onLoad({ filter: /[/\\](?:packages|apps)[/\\].*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href)),
      loader: "ts",
    }));
    onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, kind, importer, resolveDir }) => {
      if (pluginData === "asked" || kind === "entry-point" || /^(?:@micromarket\/|node:)/.test(path)) return undefined;
      const found = await resolve(path, { pluginData: "asked", kind, importer, resolveDir });
      return found.errors.length > 0 || found.external
        ? undefined
        : { path: pathToFileURL(found.path).href, external: true };
    });
  },
};

function bundle(names, more) {
  return build({
    entryPoints: names.map((name) => join(root, `tools/soak/${name}.ts`)),
    outbase: join(root, "tools/soak"),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["source"],
    external: ["better-sqlite3"],
    ...more,
  });
}

try {
  await bundle(["feed-script", "replay-script", "disk-script"]);
  const devices = ["street-script", "gateway-script", "broker-script"].map((name) => `devices/${name}`);
  await bundle(["main", "wire/market-script", ...devices], { plugins: [whereTheyAre], mainFields: ["main"] });
  const { status } = spawnSync(process.execPath, [join(outdir, "main.mjs"), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(outdir, { recursive: true, force: true });
}
