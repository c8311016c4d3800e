/** Reads points of one model of one device, each with the scale factor that held when it was answered. */
import { fail, measured, missing, ok, type Measurement, type Result } from "@micromarket/kernel";
import { ILLEGAL_ADDRESS } from "../link-failure.ts";
import type { ReadOutcome } from "../modbus-connection.ts";
import type { PointPlace } from "./model-table.ts";
import { holds, planReads, spanOf, type ReadPlan, type Span } from "./plan-reads.ts";
import type { Ask, ModelPlace, SunspecFailure } from "./sunspec-map.ts";
import { placeOfPoint } from "./sunspec-models.ts";
import { numberOf, scaleOf, textOf } from "./sunspec-value.ts";

interface Answer {
  readonly span: Span;
  readonly words: readonly number[];
}

/** What one model said. */
export class ModelReading {
  readonly model: ModelPlace;
  /** Blocks that were answered, then what was asked before and after them. */
  readonly #blocks: readonly Answer[];
  readonly #again: readonly Answer[];

  constructor(model: ModelPlace, blocks: readonly Answer[], again: readonly Answer[]) {
    this.model = model;
    this.#blocks = blocks;
    this.#again = again;
  }

  /** A number in units of 10^−`pow10`. */
  number(place: PointPlace, pow10 = 0, sign: 1 | -1 = 1): Measurement<number> {
    const words = this.words(spanOf(place));
    return words === null ? missing("not-reported") : numberOf(place.type, words, this.scale(place), pow10, sign);
  }

  text(place: PointPlace): Measurement<string> {
    const words = this.words(spanOf(place));
    return words === null ? missing("not-reported") : textOf(place, words);
  }

  /** The exponent of a point. */
  scale(place: PointPlace): Measurement<number> {
    if (typeof place.scale === "number") return measured(place.scale);
    const scale = scalePlace(this.model.id, place);
    if (scale === null) return measured(0);
    const span = spanOf(scale);
    const [word] = this.words(span) ?? [];
    if (word === undefined) return missing("not-reported");
    const block = this.#blocks.find((answer) => holds(answer.span, span));
    if (!holds(block?.span ?? null, spanOf(place)) && !this.#isSteady(span, word)) return missing("not-a-number");
    return scaleOf(word);
  }

  /** Registers as they came; `null` where they are not there. */
  words(span: Span): readonly number[] | null {
    const answer = this.#blocks.find((one) => holds(one.span, span));
    if (answer === undefined) return null;
    const start = span.offset - answer.span.offset;
    return answer.words.slice(start, start + span.count);
  }

  /** A scale factor in another answer than its value: the same on both sides of it. */
  #isSteady(span: Span, word: number): boolean {
    const others = this.#again.filter((answer) => holds(answer.span, span));
    return others.length > 0 && others.every((answer) => answer.words[span.offset - answer.span.offset] === word);
  }
}

/** The place of the scale factor of a model's point; `null`: it has none, or a fixed one. */
export function scalePlace(model: number, { scale }: PointPlace): PointPlace | null {
  return typeof scale === "string" ? placeOfPoint(model, scale) : null;
}

/** Whether a point, and its scale factor, lie before the end that the device's header tells. */
export function hasRoomFor(model: ModelPlace, point: PointPlace): boolean {
  const all: Span = { offset: 0, count: model.length + 2 };
  const scale = scalePlace(model.id, point);
  return holds(all, spanOf(point)) && (scale === null || holds(all, spanOf(scale)));
}

/**
 * Asks for `points`; those behind the end that the device's header tells are not asked for. A block that the device refuses
 * is not there. Fails where nobody answers, where the device is busy, and where another header lies in the model's place.
 */
export async function readModel(
  ask: Ask,
  model: ModelPlace,
  points: readonly PointPlace[],
  maxRegisters: number,
): Promise<Result<ModelReading, SunspecFailure>> {
  const scaleFor = (point: PointPlace): PointPlace | null => scalePlace(model.id, point);
  const inside = points.filter((point) => hasRoomFor(model, point));
  const { before, blocks, after } = planReads(inside, scaleFor, maxRegisters);
  const steps = stepsOf({ before, blocks, after });
  const answers: { block: Answer[]; again: Answer[] } = { block: [], again: [] };
  for (const { span, kind } of steps) {
    const outcome = await ask(model.address + span.offset, span.count);
    if (outcome.ok) answers[kind].push({ span, words: outcome.value });
    else if (!isRefused(outcome)) return outcome;
    if (kind !== "block" || span.offset !== 0) continue;
    const header = outcome.ok ? outcome : await ask(model.address, 2);
    if (!header.ok && !isRefused(header)) return header;
    if (!header.ok || !isHeaderOf(model, header.value)) {
      return fail({
        code: "MAP_CHANGED",
        detail: `no model ${model.id} of ${model.length} registers at ${model.address} any more`,
      });
    }
  }
  return ok(new ModelReading(model, answers.block, answers.again));
}

function stepsOf({ before, blocks, after }: ReadPlan): readonly { span: Span; kind: "block" | "again" }[] {
  const again = (span: Span | null): { span: Span; kind: "again" }[] =>
    span === null ? [] : [{ span, kind: "again" }];
  return [...again(before), ...blocks.map((span) => ({ span, kind: "block" as const })), ...again(after)];
}

function isRefused(outcome: ReadOutcome): boolean {
  return !outcome.ok && outcome.error.code === "EXCEPTION" && outcome.error.exception === ILLEGAL_ADDRESS;
}

function isHeaderOf({ id, length }: ModelPlace, words: readonly number[]): boolean {
  return words[0] === id && words[1] === length;
}
