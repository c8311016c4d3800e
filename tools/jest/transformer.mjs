// Turns TypeScript into ESM with esbuild: a file's types are the build's business, here they are only removed.
import { transformSync } from "esbuild";
import { createHash } from "node:crypto";

/** @type {import("esbuild").TransformOptions} */
const options = { format: "esm", target: "node20", sourcemap: "inline", sourcesContent: false };

export default {
  canInstrument: false,
  getCacheKey: (source, path) =>
    createHash("sha256")
      .update(JSON.stringify([options, path]))
      .update(source)
      .digest("hex"),
  process(source, path) {
    return transformSync(source, { ...options, loader: path.endsWith(".tsx") ? "tsx" : "ts", sourcefile: path });
  },
};
