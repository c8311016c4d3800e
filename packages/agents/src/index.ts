export { committedLoad, type CommittedLoadView } from "./committed-load.ts";
export { netTenders } from "./net-tenders.ts";
export { variableGenerator, type VariableGeneratorView } from "./variable-generator.ts";
