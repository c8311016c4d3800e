// Creates the skeleton of a workspace package: node tools/new-package.mjs packages/ledger "One line." kernel market
// A pure package (floors 0 to 2) sees no Node types; pass --edge for a floor-3 package or an app.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const edge = process.argv.includes("--edge");
const [folder, summary, ...dependencies] = process.argv.slice(2).filter((word) => word !== "--edge");
if (folder === undefined || summary === undefined) {
  console.error('usage: node tools/new-package.mjs FOLDER "SUMMARY" [DEPENDENCY …] [--edge]');
  process.exit(2);
}
if (existsSync(join(folder, "package.json"))) {
  console.error(`${folder} exists already`);
  process.exit(1);
}

const name = basename(folder);
const write = (path, content) => {
  const text = typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`;
  writeFileSync(join(folder, path), text);
};
const types = edge ? { types: ["node"] } : {};

mkdirSync(join(folder, "src"), { recursive: true });
mkdirSync(join(folder, "test"), { recursive: true });
write("package.json", {
  name: `@micromarket/${name}`,
  version: "0.1.0",
  private: true,
  license: "Apache-2.0",
  type: "module",
  exports: { ".": { source: "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" } },
  files: ["dist"],
  dependencies: Object.fromEntries(dependencies.map((dependency) => [`@micromarket/${dependency}`, "*"])),
});
write("tsconfig.json", {
  extends: "../../tsconfig.base.json",
  compilerOptions: { rootDir: "src", outDir: "dist", ...types },
  include: ["src"],
  references: dependencies.map((dependency) => ({ path: `../../packages/${dependency}` })),
});
write("test/tsconfig.json", {
  extends: "../../../tsconfig.base.json",
  compilerOptions: { noEmit: true, rewriteRelativeImportExtensions: false, types: ["node"] },
  include: ["."],
  references: [{ path: ".." }],
});
write("README.md", `# ${name}\n\n${summary}\n`);
write("src/index.ts", "export {};\n");

const rootConfig = JSON.parse(readFileSync("tsconfig.json", "utf8"));
rootConfig.references.push({ path: `./${folder}` }, { path: `./${folder}/test` });
writeFileSync("tsconfig.json", `${JSON.stringify(rootConfig, null, 2)}\n`);
spawnSync("npx", ["prettier", "--write", "--log-level", "warn", folder, "tsconfig.json"], { stdio: "inherit" });
console.log(`${folder} made; run npm install to link it`);
