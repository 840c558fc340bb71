/** Numbers that look random and are the same for the same seed. */
export interface RandomSource {
  /** From 0 up to but not 1. */
  readonly next: () => number;
  /** A whole number from `least` to `most`. */
  readonly between: (least: number, most: number) => number;
  /** True in that share of cases. */
  readonly chance: (ratio: number) => boolean;
  readonly pick: <TItem>(items: readonly TItem[]) => TItem;
}

/** Mulberry32 (Tommy Ettinger, 2017): 32 bits of state, enough to tell any number of seeds apart. */
export function randomSource(seed: number): RandomSource {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    between,
    chance: (ratio) => next() < ratio,
    // There is one at each of these places; it may be undefined.
    pick: <TItem>(items: readonly TItem[]) => items[between(0, items.length - 1)] as TItem,
  };
}
