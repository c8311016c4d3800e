/** What the shell is told. Part of the command's contract: scripts depend on it. */
export const EXIT_CODE = {
  ok: 0,
  failed: 1,
  usage: 2,
  badInput: 3,
  thresholdMissed: 4,
  interrupted: 130,
} as const;

/** One of the documented exit codes. */
export type ExitCode = (typeof EXIT_CODE)[keyof typeof EXIT_CODE];
