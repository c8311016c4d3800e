/**
 * Bundles the page: index.html, one script, one style sheet, the icon. Nothing in it asks another server for anything.
 * `node build.mjs [FOLDER]`; the folder is emptied first and is dist/page unless it is given.
 */
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const LIBRARIES = ["preact", "@preact/signals", "uplot"];

/** The licences of what is bundled ask to be passed on with it. */
function notices() {
  const require = createRequire(import.meta.url);
  return LIBRARIES.map((name) => {
    const roots = require.resolve.paths(name) ?? [];
    const root = roots.map((folder) => join(folder, name)).find(hasLicence);
    if (root === undefined) throw new Error(`${name} has no LICENSE file: install it, or take it from the list`);
    return `${name}\n\n${readFileSync(join(root, "LICENSE"), "utf8").trim()}`;
  }).join("\n\n");
}

function hasLicence(root) {
  try {
    return readFileSync(join(root, "LICENSE"), "utf8") !== "";
  } catch {
    return false;
  }
}

const folder = resolve(process.argv[2] ?? join(HERE, "dist/page"));
rmSync(folder, { recursive: true, force: true });
mkdirSync(dirname(folder), { recursive: true });
cpSync(join(HERE, "page"), folder, { recursive: true, filter: (path) => !path.endsWith(".css") });
await build({
  entryPoints: [
    { in: join(HERE, "src/main.tsx"), out: "page" },
    { in: join(HERE, "page/page.css"), out: "page" },
  ],
  outdir: folder,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome110", "firefox115", "safari16.4"],
  conditions: ["source"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  banner: { js: `/*!\n${notices()}\n*/` },
  logLevel: "warning",
});
