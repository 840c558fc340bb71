import { configError } from "../config-error.ts";

/** What a `QuantileSketch` takes. */
export interface QuantileSketchOptions {
  /** How far from the true quantile an answer may be, as a share of it; above 0 and below 1; 0.01. */
  readonly relativeError?: number | undefined;
  /** How many buckets it keeps on each side of zero; 2,048. Past that the ones nearest to zero become one. */
  readonly maxBuckets?: number | undefined;
  /** How many numbers it keeps as they are: of no more answers are exact; 1,024. */
  readonly maxExact?: number | undefined;
}

/** Takes away what rounding adds to a share of a count: 0.07 · 100 is more than 7. */
const withoutRounding = 1 - 2 ** -51;
/** Nothing smaller is told from zero: what is has fewer digits, down to one. */
const leastMagnitude = 2 ** -1022;

/**
 * Quantiles of any number of numbers in bounded memory: exactly up to 1,024, then by the DDSketch of Masson, Rim and Lee ("DDSketch: a fast and
 * fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019). Numbers are counted in buckets whose
 * bounds grow by a constant factor, so each answer is within `relativeError` of a number that has the asked rank. With 1 %
 * and 2,048 buckets that holds for values that lie within 17 orders of magnitude of each other; of values further apart
 * those nearest to zero are told too large.
 *
 * The order in which numbers come changes nothing, and neither does it whether sketches of parts are merged.
 */
export class QuantileSketch {
  readonly relativeError: number;
  readonly #maxBuckets: number;
  readonly #maxExact: number;
  readonly #ratio: number;
  readonly #scale: number;
  /** Made when answers are no longer exact. */
  #above: Side | undefined;
  #below: Side | undefined;
  #exact: number[] | undefined = [];
  /** The same in order, when that was asked for. */
  #sorted: Float64Array | undefined;
  #zeros = 0;
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  /** @throws AtomicError `CONFIG` */
  constructor({ relativeError = 0.01, maxBuckets = 2_048, maxExact = 1_024 }: QuantileSketchOptions = {}) {
    if (typeof relativeError !== "number" || !(relativeError > 0 && relativeError < 1)) {
      throw configError("QuantileSketch", "relativeError", "a number above 0 and below 1", relativeError);
    }
    if (!Number.isInteger(maxBuckets) || maxBuckets < 2) {
      throw configError("QuantileSketch", "maxBuckets", "a whole number from 2", maxBuckets);
    }
    if (!Number.isInteger(maxExact) || maxExact < 0) {
      throw configError("QuantileSketch", "maxExact", "a whole number from 0", maxExact);
    }
    this.relativeError = relativeError;
    this.#maxExact = maxExact;
    this.#maxBuckets = maxBuckets;
    this.#ratio = (1 + relativeError) / (1 - relativeError);
    this.#scale = 1 / Math.log(this.#ratio);
  }

  /** Whether answers are no estimates. */
  get isExact(): boolean {
    return this.#exact !== undefined;
  }

  /** How many numbers it has taken. */
  get count(): number {
    return this.#count;
  }

  /** Takes a finite number; anything else is no number to have a rank. @throws RangeError */
  add(value: number): void {
    if (!Number.isFinite(value)) throw new RangeError(`a quantile is of finite numbers, got ${value}`);
    if (this.#exact === undefined) this.#note(value);
    else {
      this.#exact.push(value);
      this.#sorted = undefined;
      if (this.#exact.length > this.#maxExact) this.#estimateFromNow();
    }
    this.#count++;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  /** Takes all that another sketch of the same settings has taken. @throws AtomicError `CONFIG` */
  merge(other: QuantileSketch): void {
    const isAlike = other.#maxBuckets === this.#maxBuckets && other.#maxExact === this.#maxExact;
    if (other.relativeError !== this.relativeError || !isAlike) {
      throw configError(
        "QuantileSketch.merge",
        "other",
        "a sketch with the same options",
        other.relativeError,
      );
    }
    if (other.#exact !== undefined) {
      for (const value of other.#exact) this.add(value);
      return;
    }
    if (this.#exact !== undefined) this.#estimateFromNow();
    if (other.#above !== undefined) this.#above?.merge(other.#above);
    if (other.#below !== undefined) this.#below?.merge(other.#below);
    this.#zeros += other.#zeros;
    this.#count += other.#count;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  /**
   * The least of the numbers that at least this share of them does not exceed, as `percentile_disc` of SQL gives it;
   * undefined when there is none. The least and the greatest number are exact.
   *
   * @throws RangeError for a share outside of 0 to 1
   */
  quantile(share: number): number | undefined {
    if (!(share >= 0 && share <= 1)) throw new RangeError(`a quantile is from 0 to 1, got ${share}`);
    if (this.#count === 0) return undefined;
    const rank = Math.max(0, Math.ceil(share * this.#count * withoutRounding) - 1);
    if (rank === 0) return this.#min;
    if (rank === this.#count - 1) return this.#max;
    if (this.#exact !== undefined) {
      this.#sorted ??= Float64Array.from(this.#exact).sort();
      return this.#sorted[rank];
    }
    const value = this.#at(rank);
    return Math.min(this.#max, Math.max(this.#min, value));
  }

  #estimateFromNow(): void {
    const values = this.#exact ?? [];
    this.#exact = undefined;
    this.#sorted = undefined;
    this.#above = new Side(this.#maxBuckets);
    this.#below = new Side(this.#maxBuckets);
    for (const value of values) this.#note(value);
  }

  #note(value: number): void {
    if (value >= leastMagnitude) this.#above?.add(this.#bucketOf(value), 1);
    else if (value <= -leastMagnitude) this.#below?.add(this.#bucketOf(-value), 1);
    else this.#zeros++;
  }

  #at(rank: number): number {
    let left = rank;
    // Of the negative ones the largest magnitudes come first.
    const below = this.#below?.bucketAt(left, "descending");
    if (below !== undefined) return -this.#valueOf(below);
    left -= this.#below?.count ?? 0;
    if (left < this.#zeros) return 0;
    left -= this.#zeros;
    return this.#valueOf(this.#above?.bucketAt(left, "ascending") ?? 0);
  }

  #bucketOf(magnitude: number): number {
    return Math.ceil(Math.log(magnitude) * this.#scale);
  }

  /** The value of which both bounds of a bucket are equally far, as a share. */
  #valueOf(bucket: number): number {
    // By the lower bound, as the upper one may be past all numbers.
    return this.#ratio ** (bucket - 1) * ((2 * this.#ratio) / (this.#ratio + 1));
  }
}

/** The buckets of the numbers on one side of zero, by magnitude. */
class Side {
  readonly #maxBuckets: number;
  readonly #counts = new Map<number, number>();
  /** What is below it was counted in it. */
  #lowest = Number.NEGATIVE_INFINITY;
  count = 0;

  constructor(maxBuckets: number) {
    this.#maxBuckets = maxBuckets;
  }

  add(bucket: number, count: number): void {
    const at = Math.max(bucket, this.#lowest);
    const before = this.#counts.get(at);
    this.#counts.set(at, (before ?? 0) + count);
    this.count += count;
    if (before === undefined && this.#counts.size > this.#maxBuckets) this.#collapse();
  }

  merge(other: Side): void {
    for (const [bucket, count] of other.#counts) this.add(bucket, count);
  }

  /** The bucket of the number with a rank, counted from 0; undefined past the last. */
  bucketAt(rank: number, order: "ascending" | "descending"): number | undefined {
    let seen = 0;
    for (const bucket of this.#sorted(order)) {
      seen += this.#counts.get(bucket) ?? 0;
      if (rank < seen) return bucket;
    }
    return undefined;
  }

  #sorted(order: "ascending" | "descending"): readonly number[] {
    const buckets = [...this.#counts.keys()].sort((a, b) => a - b);
    return order === "ascending" ? buckets : buckets.reverse();
  }

  /** Makes one of the lowest quarter: a little at a time would have to look for the lowest at each number. */
  #collapse(): void {
    const buckets = this.#sorted("ascending");
    const kept = Math.ceil(this.#maxBuckets * 0.75);
    const merged = buckets.slice(0, buckets.length - kept + 1);
    const lowest = merged.at(-1) ?? 0;
    let count = 0;
    for (const bucket of merged) {
      count += this.#counts.get(bucket) ?? 0;
      this.#counts.delete(bucket);
    }
    this.#counts.set(lowest, count);
    this.#lowest = lowest;
  }
}
