/** A copy of the working tree in which faults can be planted: its packages are linked to each other, not to the original. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { listFiles } from "../tidy/tree.mjs";

/** Copies what git tracks, and what it would if it were added, and links the libraries. Returns the copy's root. */
export function copyTree(root: string): string {
  const copy = mkdtempSync(join(realpathSync(tmpdir()), "micromarket-copy-"));
  for (const file of listFiles(root)) cpSync(join(root, file), join(copy, file));
  linkLibraries(root, copy);
  return copy;
}

function linkLibraries(root: string, copy: string): void {
  const workspaces = ["packages", "apps"].flatMap((parent) =>
    readdirSync(join(copy, parent)).map((name) => join(parent, name)),
  );
  const ownNames = new Map(workspaces.map((folder) => [nameOf(join(copy, folder)), folder]));
  const libraries = readdirSync(join(root, "node_modules")).filter(
    (name) => name !== "@micromarket" && !ownNames.has(name),
  );
  for (const name of libraries) link(join(root, "node_modules", name), join(copy, "node_modules", name));
  for (const [name, folder] of ownNames) {
    link(join(copy, folder), join(copy, "node_modules", name));
    const nested = join(root, folder, "node_modules");
    if (existsSync(nested)) link(nested, join(copy, folder, "node_modules"));
  }
}

function nameOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { readonly name?: string };
  return manifest.name ?? basename(folder);
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path, "junction");
}
