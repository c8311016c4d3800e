export { schemaCheck, type SchemaCheck } from "./schema-check.ts";
export { readYaml, seemsToSay, type YamlPath, type YamlText } from "./yaml-text.ts";
