/** The frame of the curve picture: scales with units, and where on them the market cleared. */
import type { JSX } from "preact";
import type { SlotBook } from "@micromarket/api-http";
import { priceBeyond, roundSteps, type Frame, type Scale, type Window } from "../curve-picture.ts";
import { decimalText, energyText, priceText } from "../quantity-text.ts";

/** Room around the picture for what is written here. */
export const MARGIN = { left: 66, top: 26, right: 14, bottom: 40 };
/** A scale's number nearer than this to a marked one would run into it. */
const ROW = 14;
const COLUMN = 38;

/** What all parts of the picture are drawn from. */
export interface PictureParts {
  readonly book: SlotBook;
  readonly frame: Frame;
  readonly shown: Window;
  readonly scale: Scale;
  readonly currency: string;
}

export function Axes({ book, frame, shown, scale, currency }: PictureParts): JSX.Element {
  const bottom = frame.top + frame.height;
  const { price_micro_per_kwh: cleared, energy_wh: traded } = book;
  const isFreeY = (y: number): boolean => cleared === null || Math.abs(y - scale.y(cleared, "buy")) >= ROW;
  const isFreeX = (x: number): boolean => cleared === null || Math.abs(x - scale.x(traded)) >= COLUMN;
  return (
    <g class="axes" aria-hidden="true">
      {roundSteps(shown.lowMicro, shown.highMicro, 5).map((price) => (
        <g key={`price ${price}`} data-price={price} data-y={scale.y(price, "buy")}>
          <line x1={frame.left} x2={frame.left + frame.width} y1={scale.y(price, "buy")} y2={scale.y(price, "buy")} />
          {isFreeY(scale.y(price, "buy")) && (
            <text x={frame.left - 6} y={scale.y(price, "buy") + 4} text-anchor="end">
              {decimalText(String(price), 6, 2)}
            </text>
          )}
        </g>
      ))}
      {roundSteps(0, shown.energyWh, 5).map((energy) => (
        <g key={`energy ${energy}`} data-energy={energy} data-x={scale.x(energy)}>
          <line x1={scale.x(energy)} x2={scale.x(energy)} y1={frame.top} y2={bottom} />
          {isFreeX(scale.x(energy)) && (
            <text x={scale.x(energy)} y={bottom + 16} text-anchor="middle">
              {decimalText(String(energy), 3, 0)}
            </text>
          )}
        </g>
      ))}
      <text class="unit" x={2} y={14}>
        {currency}/kWh
      </text>
      <text class="unit" x={frame.left + frame.width} y={bottom + 34} text-anchor="end">
        kWh
      </text>
    </g>
  );
}

/** Price and energy of the crossing, written on the scales. */
export function ClearedMarks({ book, frame, scale }: PictureParts): JSX.Element | null {
  if (book.price_micro_per_kwh === null) return null;
  const [x, y] = [scale.x(book.energy_wh), scale.y(book.price_micro_per_kwh, "buy")];
  return (
    <g class="cleared-marks" aria-hidden="true">
      <text x={frame.left - 6} y={y + 4} text-anchor="end">
        {priceText(book.price_micro_per_kwh)}
      </text>
      <text x={Math.min(x, frame.left + frame.width - 16)} y={frame.top + frame.height + 16} text-anchor="middle">
        {energyText(book.energy_wh)}
      </text>
    </g>
  );
}

/** A curve that begins outside of the picture runs along its edge: the edge says at which price that is. */
export function EdgeNotes({ book, frame, shown }: PictureParts): JSX.Element {
  const [buy, sell] = [priceBeyond(book.demand, "buy", shown), priceBeyond(book.supply, "sell", shown)];
  const text = (price: number | null): string => (price === null ? "any price" : priceText(price));
  return (
    <g class="edge-notes" aria-hidden="true">
      {buy !== undefined && (
        <text class="buy" x={frame.left + frame.width} y={frame.top - 8} text-anchor="end">
          ↑ demand from {text(buy)}
        </text>
      )}
      {sell !== undefined && (
        <text class="sell" x={frame.left + frame.width - 4} y={frame.top + frame.height - 6} text-anchor="end">
          ↓ supply from {text(sell)}
        </text>
      )}
    </g>
  );
}
