/** Scripts that tests run in a process of their own: their own files bundled, all packages taken as they are built. */
import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));

/** Runs `script` with `words`; what it says on standard error is passed on. */
export function runScript(script: URL, words: readonly string[], flags: readonly string[] = []): ChildProcess {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(script)],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    write: false,
    logLevel: "warning",
  });
  const child = spawn(process.execPath, [...flags, "--input-type=module", "-", ...words], {
    cwd: PACKAGE,
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(outputFiles[0]?.text ?? "");
  return child;
}
