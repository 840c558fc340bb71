import type { FlowProgress } from "@atomic-agents/flow";
import { countText, rateText } from "./count-text.ts";
import { textWidth } from "./text-width.ts";

/** What is known of a flow on its way. */
export interface ProgressView {
  readonly progress: FlowProgress;
  readonly perSecond: number;
  readonly msLeft: number | undefined;
  readonly elapsedMs: number;
}

/** Marks a part of the line: what kind of thing it tells of. */
export type Mark = (text: string, kind: "bar" | "rest" | "dead-lettered") => string;

/** Where the line is shown. */
export interface ProgressLineOptions {
  /** The most columns that it may take. */
  readonly width: number;
  /** Whether only ASCII can be shown. */
  readonly ascii: boolean;
  readonly mark?: Mark | undefined;
}

type Kind = "bar" | "dead-lettered";

/** A part of the line; they are told in the order of their importance. */
interface Part {
  /** The forms it can have, the best first. */
  readonly forms: readonly string[];
  readonly kind?: Kind;
  /** Where it stands on the line. */
  readonly order: number;
}

const gap = "  ";
const leastBar = 8;
const mostBar = 24;

/**
 * How far a flow has come, on one line no wider than it may be: a bar and percent where the size is known, records, how
 * many a second, the time left, and what became of the records. What has no room is left out, the least important first.
 */
export function progressLine(view: ProgressView, { width, ascii, mark }: ProgressLineOptions): string {
  const { chosen, left } = fitParts(partsOf(view), width);
  return chosen
    .map(({ text, kind }) => {
      if (kind === "bar") {
        return bar(view.progress.ratio ?? 0, Math.min(mostBar, leastBar + left), ascii, mark);
      }
      return kind === undefined ? text : (mark?.(text, kind) ?? text);
    })
    .join(gap);
}

/** The same on a line of text that stays, with all there is to say. */
export function progressText(view: ProgressView): string {
  const inOrder = partsOf(view).toSorted((a, b) => a.order - b.order);
  const texts = inOrder.filter(({ kind }) => kind !== "bar").map(({ forms }) => forms[0] ?? "");
  return texts.join(gap);
}

function partsOf({ progress, perSecond, msLeft, elapsedMs }: ProgressView): readonly Part[] {
  const { read, delivered, filtered, deadLettered, ratio } = progress;
  const parts: Part[] = [];
  const put = (order: number, forms: readonly string[], kind?: Kind) => {
    parts.push(kind === undefined ? { order, forms } : { order, forms, kind });
  };
  if (ratio !== undefined) put(1, [percentText(ratio, progress.status)]);
  const records = countText(read);
  put(2, [`${records} ${read === 1 ? "record" : "records"}`, records]);
  if (msLeft !== undefined) put(4, [`${waitText(msLeft)} left`]);
  if (deadLettered > 0) {
    const count = countText(deadLettered);
    put(6, [`${count} dead-lettered`, `${count} dead`], "dead-lettered");
  }
  put(3, [rateText(perSecond)]);
  if (ratio === undefined) put(4, [waitText(elapsedMs)]);
  // At its least width; it grows into what is left.
  if (ratio !== undefined) put(0, ["=".repeat(leastBar)], "bar");
  const done = `${countText(delivered)} delivered`;
  put(5, filtered > 0 ? [`${done}${gap}${countText(filtered)} filtered`, done] : [done]);
  return parts;
}

interface ChosenPart {
  readonly text: string;
  readonly kind: Kind | undefined;
  readonly order: number;
}

/** The more important parts get their room first; of each the best form that still fits. Tells what room is left. */
function fitParts(
  parts: readonly Part[],
  width: number,
): { readonly chosen: readonly ChosenPart[]; readonly left: number } {
  const chosen: ChosenPart[] = [];
  let left = width + gap.length;
  for (const { order, forms, kind } of parts) {
    const text = forms.find((form) => gap.length + textWidth(form) <= left);
    if (text === undefined) continue;
    left -= gap.length + textWidth(text);
    chosen.push({ text, kind, order });
  }
  return { chosen: chosen.toSorted((a, b) => a.order - b.order), left };
}

/** Never 100 before it is all: who reads that goes away. */
function percentText(ratio: number, status: FlowProgress["status"]): string {
  // What was read may still be worked on.
  const isOver = ratio >= 1 && status !== "running";
  const percent = isOver ? 100 : Math.min(99, Math.floor(ratio * 100));
  return `${String(percent).padStart(3)} %`;
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

function bar(ratio: number, width: number, ascii: boolean, mark: Mark = (text) => text): string {
  if (ascii) {
    const inside = width - 2;
    const full = Math.floor(ratio * inside);
    return `[${mark("#".repeat(full), "bar")}${mark(".".repeat(inside - full), "rest")}]`;
  }
  const parts = Math.floor(ratio * width * 8);
  const full = Math.floor(parts / 8);
  const done = "█".repeat(full) + (eighths[parts % 8] ?? "");
  return mark(done, "bar") + mark("░".repeat(width - textWidth(done)), "rest");
}

/** A wait in whole seconds, minutes or hours. */
export function waitText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${twoDigits(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${twoDigits(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${twoDigits(hours % 24)} h`;
}

function twoDigits(count: number): string {
  return String(count).padStart(2, "0");
}
