/** Pieces of HTML. Every text that is put into one is escaped where it is put in. */

/** The text, safe between tags and in attributes. */
export function text(value: unknown): string {
  return String(value)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** A text of the documents: what stands between backticks is code. */
export function prose(value: unknown): string {
  return text(value).replace(/`([^`]+)`/g, "<code>$1</code>");
}

/** A value as it goes over the wire, folded in. */
export function example(title: string, value: unknown): string {
  const body = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return `<details class="example"><summary>${prose(title)}</summary><pre>${text(body)}</pre></details>`;
}

/** A table; columns that say nothing anywhere are left out. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const kept = heads.map((_, column) => rows.some((row) => (row[column] ?? "") !== ""));
  const cells = (tag: string, row: readonly string[]): string =>
    row
      .map((cell, column) =>
        kept[column] === true ? `<${tag} data-of="${text(heads[column] ?? "")}">${cell}</${tag}>` : "",
      )
      .join("");
  const body = rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("");
  return `<div class="wide"><table><thead><tr>${cells("th", heads)}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** What an address can point to. */
export function anchor(kind: string, name: string): string {
  return `${kind}-${name.replace(/[^A-Za-z0-9_-]/g, "-")}`;
}
