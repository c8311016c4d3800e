/**
 * The floors of the architecture as rules: an import goes down, never sideways or up, and through the front door.
 * The list of rooms is tools/floors.json; a package that is missing there may be imported by nobody.
 */
const { existsSync, readFileSync, readdirSync } = require("node:fs");
const { join } = require("node:path");

const readJson = (path) => JSON.parse(readFileSync(join(__dirname, path), "utf8"));
const { floors, highestPureFloor, pureLibraries, sameFloorImports, sideRoom } = readJson("tools/floors.json");

const escape = (text) => text.replaceAll(".", "\\.");
const anyOf = (names) => `(?:${names.map(escape).join("|")})`;
const foldersOf = (parent) =>
  readdirSync(join(__dirname, parent))
    .map((name) => `${parent}/${name}`)
    .filter((folder) => existsSync(join(__dirname, folder, "package.json")));

const packages = foldersOf("packages").map((folder) => folder.replace("packages/", ""));
const members = [...foldersOf("packages"), ...foldersOf("apps")].map((folder) => ({
  folder,
  manifest: readJson(`${folder}/package.json`),
}));
const folderOfName = new Map(members.map(({ folder, manifest }) => [manifest.name, folder]));
const pure = Object.keys(floors).filter((name) => floors[name] <= highestPureFloor);

/** Further front doors: what else a manifest exports. */
const doors = members.flatMap(({ folder, manifest }) =>
  Object.values(manifest.exports ?? {}).flatMap(({ source }) => (source === undefined ? [] : [join(folder, source)])),
);

/** Source files of one room may import lower floors, and of their own floor only what tools/floors.json names. */
function floorRule(name) {
  const lower = Object.keys(floors).filter((other) => floors[other] < floors[name]);
  const others = [...lower, ...(sameFloorImports[name] ?? [])];
  const rule = `packages/${name} is on floor ${floors[name]} and may import ${others.join(", ") || "no other room"}.`;
  return {
    name: `floor-${floors[name]}-${name}`,
    comment: `${rule} Move the code down, or take the thing in through a port.`,
    severity: "error",
    from: { path: `^packages/${escape(name)}/`, pathNot: "/(?:test|bench)/" },
    to: { path: "^(?:packages|apps)/", pathNot: `^packages/${anyOf([name, ...others])}/` },
  };
}

/** Tests may reach for the test kit as well; the direction stays. */
function testRule(name) {
  const notAbove = Object.keys(floors).filter((other) => floors[other] <= floors[name]);
  return {
    name: `tests-of-${name}`,
    comment:
      `Tests of packages/${name} may import its own floor, lower floors and ${sideRoom}. ` +
      "A test of several floors belongs to the highest of them.",
    severity: "error",
    from: { path: `^packages/${escape(name)}/(?:test|bench)/` },
    to: { path: "^(?:packages|apps)/", pathNot: `^packages/${anyOf([...notAbove, sideRoom])}/` },
  };
}

/** A workspace that is imported must be declared: the build order and `npm pack` know only what is declared. */
function declaredRule({ folder, manifest }) {
  const { dependencies, devDependencies, peerDependencies } = manifest;
  const declared = Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies })
    .map((name) => folderOfName.get(name))
    .filter((known) => known !== undefined);
  return {
    name: "no-undeclared-workspace",
    comment:
      "Add the package to the dependencies of the one that imports it, and to the references in its tsconfig.json.",
    severity: "error",
    from: { path: `^${escape(folder)}/` },
    to: { path: "^(?:packages|apps)/", pathNot: `^${anyOf([folder, ...declared])}/` },
  };
}

/** A library that only named places of the pure floors may use. */
function libraryRule([library, places]) {
  return {
    name: `only-in-its-place-${library}`,
    comment: `On the pure floors only ${places.join(" and ")} may use ${library}; take what you need from there.`,
    severity: "error",
    from: { path: `^packages/${anyOf(pure)}/src/`, pathNot: `^${anyOf(places)}` },
    to: { path: `(?:^|/)node_modules/${escape(library)}/` },
  };
}

const general = [
  {
    name: "no-circular",
    comment: "Two files that need each other are one file, or share a third one below them.",
    severity: "error",
    from: {},
    to: { circular: true },
  },
  {
    name: "no-deep-import",
    comment: "Import another package by its name; what its index.ts does not export is its own business.",
    severity: "error",
    from: { path: "^((?:packages|apps)/[^/]+)/" },
    to: {
      path: "^(?:packages|apps)/[^/]+/",
      pathNot: ["^$1/", "/src/index\\.ts$", `^(?:${doors.map(escape).join("|")})$`],
    },
  },
  {
    name: "no-relative-import-of-a-package",
    comment: "Write @micromarket/NAME instead of a path that leaves the package.",
    severity: "error",
    from: { path: "^((?:packages|apps)/[^/]+)/" },
    to: { path: "^(?:packages|apps)/[^/]+/", pathNot: "^$1/", dependencyTypesNot: ["aliased-workspace"] },
  },
  {
    name: "auditor-judges-alone",
    comment: "The auditor shares nothing with the clearing code but the types: work it out a second time.",
    severity: "error",
    from: { path: "^packages/market/src/audit/" },
    to: {
      path: "^packages/market/src/",
      pathNot: "^packages/market/src/(?:audit/|auction\\.ts$|mechanism\\.ts$|tender\\.ts$|trading-session\\.ts$)",
    },
  },
  {
    name: "clearing-without-auditor",
    comment: "Clearing code that used the auditor's would be judged by itself.",
    severity: "error",
    from: { path: "^packages/market/src/", pathNot: "^packages/market/src/(?:audit/|index\\.ts$)" },
    to: { path: "^packages/market/src/audit/" },
  },
  {
    name: "testkit-in-tests-only",
    comment: `${sideRoom} is for tests and benches: source files of other rooms must not need it.`,
    severity: "error",
    from: { path: "^(?:packages|apps)/[^/]+/", pathNot: `^packages/${sideRoom}/|/(?:test|bench)/` },
    to: { path: `^packages/${sideRoom}/` },
  },
  {
    name: "no-app-from-elsewhere",
    comment:
      "Apps are on top: what two of them share goes into a package. The command is the door to the others; tests may start them.",
    severity: "error",
    from: { path: "^((?:packages|apps)/[^/]+)/", pathNot: "^apps/(?:cli/|[^/]+/test/)" },
    to: { path: "^apps/", pathNot: "^$1/" },
  },
  {
    name: "package-without-floor",
    comment: "Give the package its floor in tools/floors.json.",
    severity: "error",
    from: {},
    to: { path: "^packages/", pathNot: `^packages/${anyOf([...Object.keys(floors), sideRoom])}/` },
  },
  {
    name: "no-node-on-pure-floors",
    comment: "Floors 0 to 2 know no machine: take the bytes, the time or the file's text as an argument.",
    severity: "error",
    from: { path: `^packages/${anyOf(pure)}/src/` },
    to: { dependencyTypes: ["core"] },
  },
  {
    name: "no-library-on-pure-floors",
    comment: "Floors 0 to 2 use no library but those that tools/floors.json names.",
    severity: "error",
    from: { path: `^packages/${anyOf(pure)}/src/` },
    to: { path: "(?:^|/)node_modules/", pathNot: `(?:^|/)node_modules/${anyOf(Object.keys(pureLibraries))}/` },
  },
  {
    name: "no-undeclared-library",
    comment: "Add the library, pinned exactly, to this package's own package.json.",
    severity: "error",
    from: {},
    to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
  },
  {
    name: "no-development-library-in-source",
    comment: "Source files ship: declare the library under dependencies of this package.",
    severity: "error",
    from: { path: "/(?:src|bin)/", pathNot: `^packages/${sideRoom}/` },
    to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
  },
  {
    name: "no-unresolvable-import",
    comment: "The import leads nowhere: mend the path, or install the package.",
    severity: "error",
    from: {},
    to: { couldNotResolve: true },
  },
];

module.exports = {
  forbidden: [
    ...general,
    ...packages.filter((name) => name in floors).flatMap((name) => [floorRule(name), testRule(name)]),
    ...members.map(declaredRule),
    ...Object.entries(pureLibraries).map(libraryRule),
  ],
  options: {
    doNotFollow: { path: "(?:^|/)node_modules/" },
    exclude: { path: "^(?:packages|apps)/[^/]+/dist/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["source", "import", "node", "default", "types"],
    },
  },
};
