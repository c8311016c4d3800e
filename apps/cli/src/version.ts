/** The program's version, as its package says. */
export const PROGRAM_VERSION = "0.1.0";
