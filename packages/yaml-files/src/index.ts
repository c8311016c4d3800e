export { schemaCheck, type SchemaCheck } from "./schema-check.ts";
export { readYaml, type YamlPath, type YamlText } from "./yaml-text.ts";
