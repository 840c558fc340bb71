/** What progress is written to: `process.stderr`, or something that remembers. */
interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly write: (text: string) => unknown;
}

/** How a piece of work is followed. */
export interface ProgressOptions {
  readonly total: number;
  /** The size of the whole work, in any unit. Addresses differ in length by a factor of forty, so counts tell no time. */
  readonly totalSize: number;
  readonly stream: ProgressStream;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

const barWidth = 24;
/** A terminal line is drawn anew at most this often, a plain line written at most so often. */
const redrawEveryMs = 100;
const plainLineEveryMs = 5_000;

/**
 * Tells how far the work is: one line that is drawn over on a terminal, otherwise (in a file, in CI) a line every few
 * seconds.
 */
export class Progress {
  readonly #options: Required<ProgressOptions>;
  readonly #beganMs: number;
  #done = 0;
  #doneSize = 0;
  #shownMs = Number.NEGATIVE_INFINITY;
  /** The first one also waits for the models to load, which tells nothing of the time that the others take. */
  #first: { readonly endMs: number; readonly size: number } | undefined;

  constructor(options: ProgressOptions) {
    this.#options = { now: () => performance.now(), ...options };
    this.#beganMs = this.#options.now();
    this.#show();
  }

  /** One more is done. */
  advance(size: number): void {
    this.#done++;
    this.#doneSize += size;
    this.#first ??= { endMs: this.#options.now(), size };
    const everyMs = this.#isTerminal ? redrawEveryMs : plainLineEveryMs;
    const isLast = this.#done === this.#options.total;
    if (isLast || this.#options.now() - this.#shownMs >= everyMs) this.#show();
  }

  /** Writes a line of its own, above the progress. */
  note(line: string): void {
    const { stream } = this.#options;
    if (!this.#isTerminal) stream.write(`${line}\n`);
    else {
      stream.write(`${eraseLine}${line}\n`);
      this.#show();
    }
  }

  /** Leaves the last line standing: what is written next begins a new one. */
  end(): void {
    if (this.#isTerminal) this.#options.stream.write("\n");
  }

  get #isTerminal(): boolean {
    return this.#options.stream.isTTY === true;
  }

  #show(): void {
    const { stream, now } = this.#options;
    this.#shownMs = now();
    if (!this.#isTerminal) {
      stream.write(`${this.#line()}\n`);
      return;
    }
    // A terminal that does not know its width says 0. A line as wide as it would wrap, and could not be drawn over.
    const width = stream.columns || 80;
    stream.write(`${eraseLine}${`${this.#bar()} ${this.#line()}`.slice(0, width - 1)}`);
  }

  #line(): string {
    const { total, now } = this.#options;
    const elapsedMs = now() - this.#beganMs;
    const parts = [`${this.#done}/${total} addresses`, `${Math.floor(100 * this.#share)} %`];
    if (this.#done > 0) parts.push(`${((1000 * this.#done) / elapsedMs).toFixed(1)}/s`);
    if (this.#done === total) parts.push(`${formatSeconds(elapsedMs)} in all`);
    else if (this.#done > 1) parts.push(`${formatSeconds(this.#leftMs())} left`);
    return parts.join(" · ");
  }

  #leftMs(): number {
    const { totalSize, now } = this.#options;
    const { endMs, size } = this.#first ?? { endMs: this.#beganMs, size: 0 };
    return ((now() - endMs) * (totalSize - this.#doneSize)) / (this.#doneSize - size);
  }

  #bar(): string {
    const filled = Math.floor(barWidth * this.#share);
    return "█".repeat(filled) + "░".repeat(barWidth - filled);
  }

  get #share(): number {
    const { total, totalSize } = this.#options;
    return this.#done === total ? 1 : this.#doneSize / totalSize;
  }
}

/** Back to the beginning of the line, and away with what stands on it. */
const eraseLine = "\r\u001b[K";

/** `7 s`, `1 min 05 s`. */
function formatSeconds(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}
