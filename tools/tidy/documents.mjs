/** Documents: one title each, and links that lead somewhere. */
import { posix } from "node:path";
import { isMarkdown } from "./tree.mjs";

/**
 * @param {import("./tree.mjs").Tree} tree
 * @returns {import("./tree.mjs").Finding[]}
 */
export function checkDocuments(tree) {
  const paths = new Set(tree.files.flatMap((file) => [file, ...foldersAbove(file)]));
  return tree.files.filter(isMarkdown).flatMap((file) => [...titles(tree, file), ...brokenLinks(tree, file, paths)]);
}

function foldersAbove(file) {
  const parts = file.split("/");
  return parts.map((_, index) => parts.slice(0, index).join("/") || ".");
}

/** The lines outside of code fences, with their numbers; code spans are blanked. */
function prose(text) {
  let fence = null;
  const lines = [];
  text.split("\n").forEach((line, index) => {
    const [, mark] = /^\s*(`{3,}|~{3,})/.exec(line) ?? [];
    if (fence === null && mark === undefined)
      lines.push({ line: index + 1, text: line.replace(/`[^`]*`/g, (code) => code.replace(/[[\]()#]/g, " ")) });
    else if (fence === null) fence = mark;
    else if (mark?.startsWith(fence)) fence = null;
  });
  return lines;
}

function titles(tree, file) {
  const found = prose(tree.text(file)).filter(({ text }) => /^# \S/.test(text));
  if (found.length === 1) return [];
  const what = found.length === 0 ? "no title" : `${found.length} titles`;
  return [{ file, line: found[1]?.line ?? 1, what, mend: "a document has exactly one line that starts with `# `" }];
}

function brokenLinks(tree, file, paths) {
  return prose(tree.text(file)).flatMap(({ line, text }) =>
    targetsIn(text).flatMap((target) => {
      const what = whyBroken(tree, file, target, paths);
      return what === null ? [] : [{ file, line, what, mend: "mend the link, or the heading that it names" }];
    }),
  );
}

function targetsIn(text) {
  const inline = [...text.matchAll(/\]\(\s*<?([^)>\s]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const reference = [...text.matchAll(/^\s{0,3}\[[^\]]+\]:\s+<?([^>\s]+)>?/g)];
  return [...inline, ...reference]
    .map(([, target]) => target)
    .filter((target) => !/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(target));
}

function whyBroken(tree, file, target, paths) {
  const [path, anchor] = target.split("#");
  const place =
    path === "" ? file : posix.normalize(posix.join(posix.dirname(file), decodeURIComponent(path))).replace(/\/$/, "");
  if (!paths.has(place)) return `the link ${target} leads to no file of the repository`;
  if (anchor === undefined || !isMarkdown(place)) return null;
  return anchorsOf(tree.text(place)).has(anchor) ? null : `the link ${target} names no heading of ${place}`;
}

/** The anchors that GitHub makes of headings, and explicit ones. */
function anchorsOf(text) {
  const anchors = new Set([...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id]) => id));
  for (const { text: line } of prose(text)) {
    const [, heading] = /^#{1,6}\s+(.*?)\s*#*$/.exec(line) ?? [];
    if (heading === undefined) continue;
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-");
    let name = slug;
    for (let count = 1; anchors.has(name); count++) name = `${slug}-${count}`;
    anchors.add(name);
  }
  return anchors;
}
