/** Texts that belong to one machine, and marks of unfinished work. Patterns are put together here so that this file passes itself. */
import { isTypeScript } from "./tree.mjs";

const MACHINE = [
  { pattern: new RegExp("(?<![\\w.~-])/" + "work/"), what: "a path of one machine" },
  { pattern: new RegExp("/tmp/" + "(?:bash_jobs|brief)"), what: "a path of one machine" },
  {
    pattern: new RegExp(
      "registry\\." + "npmjs\\.org|https?://[\\w.-]*(?:artifactory|verdaccio|nexus|npm-proxy|pypi)[\\w.-]*[:/]",
    ),
    what: "a package registry's host",
  },
];

const UNFINISHED = [
  {
    pattern: /\b(?:test|it|describe)(?:\.\w+)*\.(?:skip|only)(?:\.each)?\s*[(`]/,
    what: "a test that is left out or alone",
  },
  { pattern: new RegExp("\\b(?:TO" + "DO|FIX" + "ME)\\b"), what: "a mark of unfinished work" },
];

/**
 * @param {import("./tree.mjs").Tree} tree
 * @returns {import("./tree.mjs").Finding[]}
 */
export function checkWords(tree) {
  return tree.files.flatMap((file) => {
    const text = tree.text(file);
    if (text.includes("\0")) return [];
    const rest = isTypeScript(file)
      ? matches(text, file, UNFINISHED, "finish it, or write it down where work is planned")
      : [];
    return [
      ...matches(text, file, MACHINE, "take it from the environment, or write a path of the repository"),
      ...rest,
    ];
  });
}

function matches(text, file, patterns, mend) {
  const wanted = patterns.filter(({ pattern }) => pattern.test(text));
  if (wanted.length === 0) return [];
  return text
    .split("\n")
    .flatMap((line, index) =>
      wanted.filter(({ pattern }) => pattern.test(line)).map(({ what }) => ({ file, line: index + 1, what, mend })),
    );
}
