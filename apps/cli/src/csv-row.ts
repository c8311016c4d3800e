/**
 * Rows of comma-separated values: RFC 4180.
 *
 * Invariant: a text that comes from outside is never a formula when a spreadsheet opens the file.
 */

/** One row. */
export function csvRow(cells: readonly string[]): string {
  const quoted = cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell));
  return `${quoted.join(",")}\r\n`;
}

/** A cell for a text that somebody else chose; empty for `null`. */
export function foreignText(text: string | null): string {
  return text !== null && /^[=+\-@\t\r]/.test(text) ? `'${text}` : (text ?? "");
}
