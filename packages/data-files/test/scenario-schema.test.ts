import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { problemLog } from "@micromarket/kernel";
import { readYaml, schemaCheck } from "@micromarket/yaml-files";
import { ScenarioSchema, scenarioSchemaText } from "../src/scenario-schema.ts";
import { SIMULATIONS } from "./repository.ts";
import { valueOf } from "./told.ts";

const PUBLISHED = join(SIMULATIONS, "schema/scenario.schema.json");

test("the published schema is the one in use; UPDATE_SCHEMA=1 writes it anew", () => {
  if (process.env["UPDATE_SCHEMA"] === "1") writeFileSync(PUBLISHED, scenarioSchemaText());
  expect(readFileSync(PUBLISHED, "utf8")).toBe(scenarioSchemaText());
});

test("the README's examples hold the schema: a scenario, and what a tree adds to it; one with settlement", () => {
  const readme = readFileSync(join(SIMULATIONS, "README.md"), "utf8");
  const examples = [...readme.matchAll(/```yaml\n([^]*?)```/g)].map(([, example = ""]) => example);
  const [plain = "", settled = "", tree = ""] = examples;
  const problems = problemLog();
  for (const text of [plain + tree, settled])
    schemaCheck(ScenarioSchema)(valueOf(readYaml(text, "README.md")), problems);
  expect([examples.map((example) => example.length > 500), problems.list()]).toEqual([[true, true, true], []]);
});

describe("shipped scenarios", () => {
  const shipped = readdirSync(SIMULATIONS, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".yaml"));

  test("are there", () => {
    expect(shipped).toEqual(
      expect.arrayContaining([
        ...["citylearn-2022-13-homes.yaml", "citylearn-2022.yaml", "citylearn-2022-settled.yaml", "street-20.yaml"],
        "fractal-district/fractal-district.yaml",
      ]),
    );
  });

  test.each(shipped)("%s names its schema, holds it, and bears its own name", (name) => {
    const text = readFileSync(join(SIMULATIONS, name), "utf8");
    const up = name.includes("/") ? "../" : "";
    expect(text.split("\n", 1)[0]).toBe(`# yaml-language-server: $schema=${up}schema/scenario.schema.json`);
    const yaml = valueOf(readYaml(text, name));
    const problems = problemLog();
    schemaCheck(ScenarioSchema)(yaml, problems);
    expect(problems.list()).toEqual([]);
    expect((yaml.value as { name: string }).name).toBe(basename(name, ".yaml"));
  });
});
