import { hash32, hashNumber } from "./hash.ts";

/** What is told apart: `1`, `"1"` and `true` are three, `0` and `-0` are one. */
export type DistinctValue = string | number | boolean;

/** How many values are kept as they are: so few are counted exactly. */
const maxExact = 1_024;
const registerBits = 14;
const registerCount = 1 << registerBits;
/** How many leading zeros a register can have seen, and one: what is left of 64 bits. */
const maxRank = 64 - registerBits + 1;
const seeds = [0x2f0b4c47, 0x61c88647] as const;

/**
 * How many different values there are, in bounded memory: exactly up to 1,024, then by the HyperLogLog of Flajolet, Fusy,
 * Gandouet and Meunier (2007) with 16,384 registers, 16 KiB, and the estimator of Ertl ("New cardinality estimation
 * algorithms for HyperLogLog sketches", 2017), which needs no correction for small or large counts. The standard error
 * is 1.04 / √16,384 = 0.81 %: two of three answers are within it, 99.7 % within 2.5 %.
 *
 * The order in which values come changes nothing, and neither does it whether sketches of parts are merged.
 */
export class DistinctSketch {
  static readonly standardError: number = 1.04 / Math.sqrt(registerCount);
  #exact: Set<DistinctValue> | undefined = new Set();
  #registers: Uint8Array | undefined;

  /** Whether `count` is no estimate. */
  get isExact(): boolean {
    return this.#exact !== undefined;
  }

  /** How many different values it has taken; a whole number. */
  get count(): number {
    return this.#exact?.size ?? Math.round(estimate(this.#registers ?? new Uint8Array(registerCount)));
  }

  add(value: DistinctValue): void {
    const exact = this.#exact;
    if (exact === undefined) this.#note(value);
    else if (exact.add(value).size > maxExact) this.#estimateFromNow();
  }

  /** Takes all that another sketch has taken. */
  merge(other: DistinctSketch): void {
    if (other.#exact !== undefined) {
      for (const value of other.#exact) this.add(value);
      return;
    }
    if (this.#exact !== undefined) this.#estimateFromNow();
    const registers = this.#registers;
    if (registers === undefined || other.#registers === undefined) return;
    for (const [index, rank] of other.#registers.entries()) {
      if (rank > (registers[index] ?? 0)) registers[index] = rank;
    }
  }

  #estimateFromNow(): void {
    const values = this.#exact ?? [];
    this.#exact = undefined;
    this.#registers = new Uint8Array(registerCount);
    for (const value of values) this.#note(value);
  }

  #note(value: DistinctValue): void {
    const registers = this.#registers;
    if (registers === undefined) return;
    const high = hashOf(value, seeds[0]);
    const low = hashOf(value, seeds[1]);
    const index = high >>> (32 - registerBits);
    const rest = (high << registerBits) | (low >>> (32 - registerBits));
    const zeros = rest === 0 ? 32 + Math.clz32(low << registerBits) : Math.clz32(rest);
    const rank = Math.min(zeros, maxRank - 1) + 1;
    if (rank > (registers[index] ?? 0)) registers[index] = rank;
  }
}

function hashOf(value: DistinctValue, seed: number): number {
  if (typeof value === "string") return hash32(value, seed);
  // Other seeds, so that it does not matter whether a text has the same hash.
  return typeof value === "number" ? hashNumber(value, ~seed) : hash32(String(value), ~seed);
}

/** Ertl's improved raw estimator. */
function estimate(registers: Uint8Array): number {
  const histogram = new Float64Array(maxRank + 1);
  for (const rank of registers) histogram[rank] = (histogram[rank] ?? 0) + 1;
  const top = maxRank - 1;
  let sum = registerCount * tau(1 - (histogram[maxRank] ?? 0) / registerCount);
  for (let rank = top; rank >= 1; rank--) sum = 0.5 * (sum + (histogram[rank] ?? 0));
  sum += registerCount * sigma((histogram[0] ?? 0) / registerCount);
  return (registerCount * registerCount) / (2 * Math.LN2 * sum);
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let power = share;
  let factor = 1;
  let sum = share;
  for (let before = Number.NaN; sum !== before; ) {
    before = sum;
    power *= power;
    sum += power * factor;
    factor += factor;
  }
  return sum;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let root = share;
  let factor = 1;
  let sum = 1 - share;
  for (let before = Number.NaN; sum !== before; ) {
    before = sum;
    root = Math.sqrt(root);
    factor *= 0.5;
    sum -= (1 - root) ** 2 * factor;
  }
  return sum / 3;
}
