/** How long ago something was for it to count about a third. */
const memoryMs = 5_000;
/** Before that, what is known is too little to tell when it will be over. */
const leastMs = 1_500;

/** How far something has come at a moment. */
export interface Stand {
  readonly atMs: number;
  readonly count: number;
  /** From 0 to 1; absent where the whole is not known. */
  readonly ratio?: number | undefined;
}

/**
 * How fast something goes on, of what is told from time to time: the mean of the last seconds, in which a moment counts
 * the less the longer ago it was.
 */
export class Pace {
  private readonly startMs: number;
  private atMs: number;
  private count = 0;
  private ratio = 0;
  private perMs = 0;
  private ratioPerMs = 0;
  /** How much of all weight is given; until there is enough time behind, the means would be too small by as much. */
  private weight = 0;

  constructor(startMs: number) {
    this.startMs = startMs;
    this.atMs = startMs;
  }

  /** Tells how far it is; moments do not go back. */
  note({ atMs, count, ratio = 0 }: Stand): void {
    const elapsedMs = atMs - this.atMs;
    if (elapsedMs <= 0) return;
    const share = 1 - Math.exp(-elapsedMs / memoryMs);
    const mix = (mean: number, now: number) => mean + share * (now - mean);
    this.perMs = mix(this.perMs, (count - this.count) / elapsedMs);
    this.ratioPerMs = mix(this.ratioPerMs, (ratio - this.ratio) / elapsedMs);
    this.weight = mix(this.weight, 1);
    this.atMs = atMs;
    this.count = count;
    this.ratio = ratio;
  }

  /** 0 before anything was told. */
  get perSecond(): number {
    return this.weight === 0 ? 0 : (1_000 * this.perMs) / this.weight;
  }

  /** Undefined where it cannot be told: the whole is not known, it has just begun, or it stands still. */
  get msLeft(): number | undefined {
    const { ratio } = this;
    const ratioPerMs = this.weight === 0 ? 0 : this.ratioPerMs / this.weight;
    if (ratio <= 0 || this.atMs - this.startMs < leastMs) return undefined;
    const left = (1 - ratio) / ratioPerMs;
    return Number.isFinite(left) && left >= 0 && left < longestMs ? left : undefined;
  }
}

/** Who has longer to wait is not helped by a number: 100 days. */
const longestMs = 8_640_000_000;
