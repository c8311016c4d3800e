/** Supply and demand of one slot as steps, with their crossing, the competitive interval and the marginal levels. */
import type { JSX } from "preact";
import type { SlotBook, SlotDetail } from "@micromarket/api-http";
import {
  curvePath,
  levelPath,
  roundSteps,
  scaleOf,
  windowOf,
  type Curve,
  type Frame,
  type Scale,
  type Window,
} from "../curve-picture.ts";
import { decimalText, energyText, priceText } from "../quantity-text.ts";
import { useElementWidth } from "./element-width.ts";

const HEIGHT = 280;
const MARGIN = { left: 48, top: 12, right: 12, bottom: 40 };

interface FigureProps {
  readonly detail: SlotDetail;
  readonly book: SlotBook;
  readonly currency: string;
}

export function CurveFigure(props: FigureProps): JSX.Element {
  const [room, width] = useElementWidth();
  return (
    <figure class="curves">
      <div class="chart" ref={room}>
        {width > 0 && <Picture {...props} width={width} />}
      </div>
      <figcaption>
        <ul class="legend" aria-label="Lines in the picture">
          <li class="buy">Demand</li>
          <li class="sell">Supply</li>
          <li class="interval">Price interval</li>
          <li class="crossing">Crossing</li>
        </ul>
        <CurveTable {...props} />
      </figcaption>
    </figure>
  );
}

function Picture({ detail, book, currency, width }: FigureProps & { readonly width: number }): JSX.Element {
  const frame: Frame = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: HEIGHT - MARGIN.top - MARGIN.bottom,
  };
  const shown = windowOf(book, detail);
  const scale = scaleOf(shown, frame);
  return (
    <svg width={width} height={HEIGHT} role="img" aria-label={summaryOf(book, currency)} data-figure="curves">
      <Axes frame={frame} shown={shown} scale={scale} currency={currency} />
      <Interval book={book} scale={scale} />
      <path class="curve buy" data-curve="demand" d={curvePath(book.demand, "buy", scale)} />
      <path class="curve sell" data-curve="supply" d={curvePath(book.supply, "sell", scale)} />
      <Marginal book={book} scale={scale} />
      <Crossing book={book} scale={scale} frame={frame} />
    </svg>
  );
}

function Axes(props: {
  readonly frame: Frame;
  readonly shown: Window;
  readonly scale: Scale;
  readonly currency: string;
}): JSX.Element {
  const { frame, shown, scale, currency } = props;
  const bottom = frame.top + frame.height;
  return (
    <g class="axes" aria-hidden="true">
      {roundSteps(shown.lowMicro, shown.highMicro, 5).map((price) => (
        <g key={`price ${price}`} data-price={price} data-y={scale.y(price, "buy")}>
          <line x1={frame.left} x2={frame.left + frame.width} y1={scale.y(price, "buy")} y2={scale.y(price, "buy")} />
          <text x={frame.left - 6} y={scale.y(price, "buy") + 4} text-anchor="end">
            {decimalText(String(price), 6, 2)}
          </text>
        </g>
      ))}
      {roundSteps(0, shown.energyWh, 4).map((energy) => (
        <g key={`energy ${energy}`} data-energy={energy} data-x={scale.x(energy)}>
          <line x1={scale.x(energy)} x2={scale.x(energy)} y1={frame.top} y2={bottom} />
          <text x={scale.x(energy)} y={bottom + 16} text-anchor="middle">
            {decimalText(String(energy), 3, 0)}
          </text>
        </g>
      ))}
      <text class="unit" x={frame.left + frame.width} y={bottom + 34} text-anchor="end">
        kWh
      </text>
      <text class="unit" x={2} y={bottom + 34}>
        {currency}/kWh
      </text>
    </g>
  );
}

/** The interval stands at the energy traded; an end that does not exist is the edge of the picture. */
function Interval({ book, scale }: { readonly book: SlotBook; readonly scale: Scale }): JSX.Element {
  const [high, low] = [
    scale.y(book.interval.high_micro_per_kwh, "buy"),
    scale.y(book.interval.low_micro_per_kwh, "sell"),
  ];
  return (
    <rect
      class="interval"
      x={scale.x(book.energy_wh) - 5}
      width={10}
      y={high - 1}
      height={Math.max(0, low - high) + 2}
    />
  );
}

function Marginal({ book, scale }: { readonly book: SlotBook; readonly scale: Scale }): JSX.Element {
  const { buy, sell } = book.marginal;
  return (
    <>
      {buy !== null && <path class="marginal buy" d={levelPath(book.demand, "buy", buy.price_micro_per_kwh, scale)} />}
      {sell !== null && (
        <path class="marginal sell" d={levelPath(book.supply, "sell", sell.price_micro_per_kwh, scale)} />
      )}
    </>
  );
}

function Crossing({
  book,
  scale,
  frame,
}: {
  readonly book: SlotBook;
  readonly scale: Scale;
  readonly frame: Frame;
}): JSX.Element | null {
  if (book.price_micro_per_kwh === null) return null;
  const [x, y] = [scale.x(book.energy_wh), scale.y(book.price_micro_per_kwh, "buy")];
  return (
    <g class="crossing" data-crossing={`${x} ${y}`}>
      <path d={`M${frame.left} ${y}H${x}V${frame.top + frame.height}`} />
      <circle cx={x} cy={y} r={6} />
    </g>
  );
}

function summaryOf({ price_micro_per_kwh, energy_wh }: SlotBook, currency: string): string {
  return price_micro_per_kwh === null
    ? "Supply and demand do not cross: no trade"
    : `Supply and demand cross at ${energyText(energy_wh)} kWh and ${priceText(price_micro_per_kwh)} ${currency} per kWh`;
}

function CurveTable({ book, currency }: FigureProps): JSX.Element {
  return (
    <details>
      <summary>Curves as a table</summary>
      <div class="table-room" tabIndex={0} role="region" aria-label="Curves as a table">
        <LevelTable name="Demand" curve={book.demand} currency={currency} />
        <LevelTable name="Supply" curve={book.supply} currency={currency} />
      </div>
    </details>
  );
}

function LevelTable(props: { readonly name: string; readonly curve: Curve; readonly currency: string }): JSX.Element {
  return (
    <table data-table={props.name.toLowerCase()}>
      <caption>{props.name}</caption>
      <thead>
        <tr>
          <th scope="col">{props.currency}/kWh</th>
          <th scope="col">kWh up to here</th>
        </tr>
      </thead>
      <tbody>
        {props.curve.map(([price, energyWh]) => (
          <tr key={String(price)}>
            <td class="figure">{price === null ? "any price" : priceText(price)}</td>
            <td class="figure">{energyText(energyWh)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
