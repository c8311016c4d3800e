/** Supply and demand of one slot as steps, with their crossing, the competitive interval and the marginal levels. */
import type { JSX } from "preact";
import type { MarketView, SlotBook, SlotDetail } from "@micromarket/api-http";
import {
  curvePath,
  levelPath,
  ownPath,
  scaleOf,
  windowOf,
  type Curve,
  type Frame,
  type Scale,
  type Side,
} from "../curve-picture.ts";
import { energyText, priceText } from "../quantity-text.ts";
import { Axes, ClearedMarks, EdgeNotes, MARGIN, type PictureParts } from "./curve-axes.tsx";
import { useElementWidth } from "./element-width.ts";

const HEIGHT = 300;

interface FigureProps {
  readonly detail: SlotDetail;
  readonly book: SlotBook;
  readonly currency: string;
  /** Whose orders are marked; `null`: nobody's. */
  readonly party: string | null;
  readonly rules: MarketView["rules"];
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
          <li class="marginal">Marginal level</li>
          <li class="interval">Price interval</li>
          <li class="crossing">Crossing</li>
          {hasOwn(props) && <li class="own">{props.party}</li>}
        </ul>
        <CurveTable {...props} />
      </figcaption>
    </figure>
  );
}

function hasOwn({ book, party }: FigureProps): boolean {
  return book.tenders.some((tender) => tender.party === party);
}

function Picture(props: FigureProps & { readonly width: number }): JSX.Element {
  const { detail, book, currency, width } = props;
  const frame: Frame = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: HEIGHT - MARGIN.top - MARGIN.bottom,
  };
  const shown = windowOf(book, detail);
  const scale = scaleOf(shown, frame);
  const parts: PictureParts = { book, frame, shown, scale, currency };
  return (
    <svg width={width} height={HEIGHT} role="img" aria-label={summaryOf(book, currency)} data-figure="curves">
      <Axes {...parts} />
      <Interval book={book} scale={scale} />
      <path class="curve buy" data-curve="demand" d={curvePath(book.demand, "buy", scale)} />
      <path class="curve sell" data-curve="supply" d={curvePath(book.supply, "sell", scale)} />
      <Marginal book={book} scale={scale} />
      <Own {...props} side="buy" scale={scale} />
      <Own {...props} side="sell" scale={scale} />
      <Crossing book={book} scale={scale} frame={frame} />
      <ClearedMarks {...parts} />
      <EdgeNotes {...parts} />
    </svg>
  );
}

/** The orders of the chosen party: hollow along the curve. */
function Own(props: FigureProps & { readonly side: Side; readonly scale: Scale }): JSX.Element | null {
  const { book, party, rules, side, scale } = props;
  const bound = side === "buy" ? rules.price_cap_micro_per_kwh : rules.price_floor_micro_per_kwh;
  const steps = book.tenders
    .filter((tender) => tender.party === party && tender.side === side)
    .flatMap((tender) => tender.steps)
    .map(([price, energyWh]): [number | null, number] => [price ?? bound, energyWh]);
  const path = ownPath(steps, side === "buy" ? book.demand : book.supply, side, scale);
  return path === "" ? null : (
    <g class={`own ${side}`} data-own={side}>
      <path d={path} />
      <path class="inside" d={path} />
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
    <g class="crossing" data-crossing-wh={book.energy_wh} data-crossing-micro={book.price_micro_per_kwh}>
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
