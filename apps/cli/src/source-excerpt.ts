/** The line of a file that a problem stands in, with a mark below the place. */
import type { InputProblem } from "@micromarket/kernel";

/** Lines that may hold a secret are not repeated, whatever is wrong with them. */
const MAY_HOLD_SECRET = /token|password|secret|:\/\/[^\s"'/]*@/i;
const SECRET_CODE = /SECRET|TOKEN|CREDENTIAL|URL_INVALID/;
const WIDTH_MAX = 160;

/** Two lines, or nothing where there is no such line, or it is not fit to be shown. */
export function excerptOf(
  text: string,
  { line, column, code }: Pick<InputProblem, "line" | "column" | "code">,
): string {
  const source = text.split(/\r?\n/)[line - 1];
  const isFit = source !== undefined && source.trim() !== "" && source.length <= WIDTH_MAX && column <= source.length;
  // eslint-disable-next-line no-control-regex -- a file's control characters are not the terminal's
  if (!isFit || /[\u0000-\u0008\u000b-\u001f\u007f]/.test(source)) return "";
  if (SECRET_CODE.test(code) || MAY_HOLD_SECRET.test(source)) return "";
  const number = String(line).padStart(6);
  const indent = source.slice(0, column - 1).replaceAll(/[^\t]/g, " ");
  return `${number} | ${source}\n${" ".repeat(number.length)} | ${indent}^\n`;
}
