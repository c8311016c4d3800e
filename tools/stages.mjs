/** What `npm run check` runs, in this order: names of scripts in the root package.json. The first that fails ends it. */
export const CHECK_STAGES = ["build", "page", "lint", "layers", "tidy", "jest"];
