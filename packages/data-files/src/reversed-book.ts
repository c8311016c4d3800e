/** A book with its orders in the opposite order of arrival and everything else as it stands. */
import { findNodeAtLocation, parseTree } from "jsonc-parser";

/** The text of the same book, its last order first. A text without a list of orders comes back as it is. */
export function reverseOrders(book: string): string {
  const root = parseTree(book);
  const orders = root === undefined ? [] : (findNodeAtLocation(root, ["orders"])?.children ?? []);
  const [first, last] = [orders[0], orders.at(-1)];
  if (first === undefined || last === undefined) return book;
  const texts = orders.map(({ offset, length }) => book.slice(offset, offset + length)).reverse();
  return book.slice(0, first.offset) + texts.join(",\n    ") + book.slice(last.offset + last.length);
}
