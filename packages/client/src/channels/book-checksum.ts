/** Whether the levels of a book are those that the server has summed up: CRC-32 (ISO-HDLC) over `PRICE:BUY:SELL;`. */

const POLYNOMIAL = 0xedb8_8320;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = (rest & 1) === 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  return rest;
});

/** CRC-32 of an ASCII text. */
export function crc32(text: string): number {
  let rest = 0xffff_ffff;
  for (let at = 0; at < text.length; at++) rest = (TABLE[(rest ^ text.charCodeAt(at)) & 0xff] ?? 0) ^ (rest >>> 8);
  return (rest ^ 0xffff_ffff) >>> 0;
}

interface Slot {
  readonly levels?:
    readonly { readonly price_micro_per_kwh: number; readonly buy_wh: number; readonly sell_wh: number }[] | null;
  readonly checksum?: number | null;
}

/** Whether every slot's levels fit its checksum; slots without levels do. */
export function isBookSound(data: unknown): boolean {
  const { slots } = (data ?? {}) as { readonly slots?: readonly Slot[] };
  return (slots ?? []).every(({ levels, checksum }) => {
    if (levels === undefined || levels === null || checksum === undefined || checksum === null) return true;
    return (
      crc32(levels.map((each) => `${each.price_micro_per_kwh}:${each.buy_wh}:${each.sell_wh};`).join("")) === checksum
    );
  });
}
