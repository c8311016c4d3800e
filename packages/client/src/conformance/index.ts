export type { Check } from "./check.ts";
export { NotHere, Otherwise } from "./otherwise.ts";
export { CHECKS } from "./checks.ts";
export type { LabInit } from "./lab.ts";
export {
  checksNamed,
  runConformance,
  type ConformanceInit,
  type ConformanceReport,
  type Finding,
} from "./run-checks.ts";
