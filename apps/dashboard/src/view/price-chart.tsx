/** The price history as steps over time; a tap chooses a slot. Drawn by uPlot, which is told numbers and colours only. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import uPlot from "uplot";
import type { SlotSummary } from "@micromarket/api-http";
import { dashboard } from "../dashboard.ts";
import { clockText } from "../market-clock.ts";
import { priceSeries, slotNear, type PriceSeries } from "../price-series.ts";
import { roundSteps } from "../curve-picture.ts";
import { decimalText, priceText } from "../quantity-text.ts";
import { useElementWidth } from "./element-width.ts";

const HEIGHT = 220;
/** Bars take the lower part of the picture, below most of the lines. */
const VOLUME_ROOM = 3;
const FONT = "12px system-ui, sans-serif";

interface Chosen {
  slots: readonly SlotSummary[];
  shown: SlotSummary;
}

export function PriceChart({
  slots,
  shown,
}: {
  readonly slots: readonly SlotSummary[];
  readonly shown: SlotSummary;
}): JSX.Element {
  const [room, width] = useElementWidth();
  const chart = useRef<uPlot | null>(null);
  const chosen = useRef<Chosen>({ slots, shown });
  chosen.current = { slots, shown };
  const scheme = useColorScheme();

  useEffect(() => {
    if (room.current === null || width === 0) return;
    const mark = (ready: uPlot): void => markShown(ready, chosen.current.shown);
    const drawn = new uPlot(optionsOf(room.current, width, mark), columnsOf(slots), room.current);
    drawn.over.addEventListener("click", (event) => {
      const seconds = drawn.posToVal(event.offsetX, "x");
      const near = slotNear(chosen.current.slots, seconds * 1_000);
      const isLatest = near === chosen.current.slots.at(-1);
      dashboard.chooseSlot(near === null || isLatest ? null : near.start_ms);
    });
    chart.current = drawn;
    return () => {
      chart.current = null;
      drawn.destroy();
    };
  }, [width, scheme]);
  useEffect(() => chart.current?.setData(columnsOf(slots)), [slots]);
  useEffect(() => {
    if (chart.current?.status === 1) markShown(chart.current, shown); // before that, its first drawing marks it
  }, [shown]);

  return <div class="chart" ref={room} role="img" aria-label={summaryOf(slots, shown)} />;
}

function useColorScheme(): boolean {
  const dark = useSignal(false);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const take = (): void => void (dark.value = query.matches);
    take();
    query.addEventListener("change", take);
    return () => query.removeEventListener("change", take);
  }, []);
  return dark.value;
}

/** The band of the slot that is shown. An element and not a drawing, so that it moves without a new picture. */
function markShown(chart: uPlot, { start_ms, end_ms }: SlotSummary): void {
  const band = chart.over.querySelector<HTMLElement>(".shown-slot") ?? document.createElement("div");
  band.className = "shown-slot";
  const [left, right] = [chart.valToPos(start_ms / 1_000, "x"), chart.valToPos(end_ms / 1_000, "x")];
  band.style.left = `${left}px`;
  band.style.width = `${Math.max(3, right - left)}px`;
  chart.over.append(band);
}

function columnsOf(slots: readonly SlotSummary[]): uPlot.AlignedData {
  const [times, price, tariff, feedIn, energy]: PriceSeries = priceSeries(slots);
  return [[...times], [...energy], [...price], [...tariff], [...feedIn]];
}

function summaryOf(slots: readonly SlotSummary[], shown: SlotSummary): string {
  const prices = slots.map(({ price_micro_per_kwh }) => price_micro_per_kwh).filter((price) => price !== null);
  const range =
    prices.length === 0
      ? "no slot with a price"
      : `prices from ${priceText(Math.min(...prices))} to ${priceText(Math.max(...prices))} per kWh`;
  return `Price history, ${slots.length} slots, ${range}; shown is the slot at ${clockText(shown.start_ms)}`;
}

function optionsOf(room: HTMLElement, width: number, drawn: (chart: uPlot) => void): uPlot.Options {
  const style = getComputedStyle(room);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  const bars = uPlot.paths.bars?.({ align: 1, size: [0.8] });
  const line = (stroke: string, strokeWidth: number, dash: number[] = []): uPlot.Series => ({
    stroke: colour(stroke),
    width: strokeWidth,
    dash,
    points: { show: false },
    ...(stepped === undefined ? {} : { paths: stepped }),
  });
  const volume: uPlot.Series = {
    scale: "kWh",
    fill: colour("--volume"),
    width: 0,
    points: { show: false },
    ...(bars === undefined ? {} : { paths: bars }),
  };
  const axis: uPlot.Axis = {
    font: FONT,
    stroke: colour("--muted"),
    grid: { stroke: colour("--grid"), width: 1 },
    ticks: { stroke: colour("--grid"), width: 1, size: 4 },
  };
  return {
    width,
    height: HEIGHT,
    padding: [8, 4, 0, 0],
    legend: { show: false },
    hooks: { draw: [drawn] },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      y: { range: (_chart, low, high) => paddedRange(low, high) },
      kWh: { range: (_chart, _low, high) => [0, Math.max(1_000, high) * VOLUME_ROOM] },
    },
    series: [{}, volume, line("--price", 2.5), line("--tariff", 1.5, [6, 4]), line("--feed-in", 1.5, [2, 3])],
    axes: [
      { ...axis, values: (_chart, seconds) => seconds.map((at) => clockText(at * 1_000)), space: 56, size: 30 },
      { ...axis, values: (_chart, micros) => micros.map((micro) => decimalText(String(micro), 6, 2)), size: 44 },
      {
        ...axis,
        scale: "kWh",
        side: 1,
        grid: { show: false },
        splits: (_chart, _axis, _low, high) => [...roundSteps(0, high / VOLUME_ROOM, 2)],
        values: (_chart, energies) => energies.map((energy) => decimalText(String(energy), 3, 0)),
        size: 34,
      },
    ],
  };
}

function paddedRange(low: number, high: number): [number, number] {
  const margin = Math.max(10_000, (high - low) * 0.1);
  return [low - margin, high + margin];
}
