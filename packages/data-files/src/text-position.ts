/** Offsets in a text as the line and column that an editor shows. */

/** Line and column, both from 1; columns in UTF-16 code units. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** Positions in `text`: a function of the offset in UTF-16 code units. Lines end with LF, CR LF or CR. */
export function positionsIn(text: string): (offset: number) => TextPosition {
  const lineStarts = [0];
  for (const lineEnd of text.matchAll(/\r\n|\n|\r/g)) lineStarts.push(lineEnd.index + lineEnd[0].length);
  return (offset) => {
    let [line, beyond] = [1, lineStarts.length + 1];
    while (beyond - line > 1) {
      const middle = Math.floor((line + beyond) / 2);
      if ((lineStarts[middle - 1] ?? 0) <= offset) line = middle;
      else beyond = middle;
    }
    return { line, column: offset - (lineStarts[line - 1] ?? 0) + 1 };
  };
}
