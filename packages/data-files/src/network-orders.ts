/** The orders of a network: those of a book, each with the place where it stands. */
import type { Book } from "@micromarket/market";
import { readAuctionBook } from "./auction-book.ts";
import { complainOfType, type JsonFields } from "./json-fields.ts";
import { isJsonList, isJsonObject, type JsonValue } from "./json-text.ts";

/** The book of a network, and for each tender what its order says about the place. */
export interface PlacedBook<Place> {
  readonly book: Book;
  readonly places: readonly Place[];
}

/**
 * Reads slot, rules and orders; `placeOf` reads the member `node` of an order, or complains and returns `null`.
 * `null` after a complaint.
 */
export function readPlacedBook<Place>(
  fields: JsonFields,
  scale: number,
  placeOf: (order: JsonFields) => Place | null,
): PlacedBook<Place> | null {
  const book = readAuctionBook(fields, scale, { orderKeys: ["node"] });
  const orders = fields.object["orders"];
  const listed: readonly JsonValue[] = isJsonList(orders) ? orders : [];
  const places = listed.flatMap((object, at) => {
    if (!isJsonObject(object)) return [];
    const place = placeOf({ reading: fields.reading, object, path: ["orders", at] });
    return place === null ? [] : [place];
  });
  return book === null || places.length < listed.length ? null : { book, places };
}

/** Reads a list of objects with `read`; `null` after a complaint about the list or any of them. */
export function readObjects<Item>(
  fields: JsonFields,
  key: string,
  wanted: string,
  read: (item: JsonFields, at: number) => Item | null,
): readonly Item[] | null {
  const list = fields.object[key];
  if (!isJsonList(list)) return complainOfType(fields, key, list, `a list of ${wanted}: [ … ]`);
  const items: Item[] = [];
  for (const [at, object] of list.entries()) {
    const item: JsonFields = { reading: fields.reading, object: isJsonObject(object) ? object : {}, path: [key, at] };
    if (!isJsonObject(object)) {
      complainOfType(item, null, object, "an object: { … }");
      continue;
    }
    const value = read(item, at);
    if (value !== null) items.push(value);
  }
  return items.length < list.length ? null : items;
}
