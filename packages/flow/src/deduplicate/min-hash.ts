import { hash32 } from "../sketch/hash.ts";

/** How texts are compared. */
export interface MinHashSettings {
  /** How many characters a piece of a text has. */
  readonly shingleSize: number;
  /** How many numbers a signature has. */
  readonly permutations: number;
}

/** How signatures are cut into bands, by which those that may be alike are found. */
export interface Bands {
  readonly count: number;
  readonly rows: number;
}

const shingleSeed = 0x5bd1e995;
/** Of texts that are as alike as is asked for, so many share a band at least. */
const minFound = 0.999;

/** Makes signatures of texts: the share of equal numbers in two of them is about how much of their pieces they share. */
export class MinHasher {
  private readonly settings: MinHashSettings;
  private readonly masks: Int32Array;
  private readonly factors: Int32Array;
  /** Of the text that is looked at. */
  private hashes = new Int32Array(1_024);

  constructor(settings: MinHashSettings) {
    const { permutations } = settings;
    this.settings = settings;
    this.masks = Int32Array.from({ length: permutations }, (_, index) => numberAt(index + 1));
    // Odd ones, so that different pieces stay different.
    this.factors = Int32Array.from(
      { length: permutations },
      (_, index) => numberAt(permutations + index + 1) | 1,
    );
  }

  /**
   * The least of the hashes of a text's pieces, for each of the hash functions (Broder, "On the resemblance and containment
   * of documents", 1997; Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", section 3.3). The functions are
   * products with odd numbers (Dietzfelbinger and others, "A reliable randomized algorithm for the closest-pair problem", 1997)
   * of what is mixed well already, so that little is left to do for each: that is most of what all of it takes.
   */
  signatureOf(text: string): Int32Array {
    const { masks, factors } = this;
    const count = this.hash(normalized(text));
    const { hashes } = this;
    const signature = new Int32Array(masks.length);
    for (let index = 0; index < masks.length; index++) {
      // Below the lengths there is a number at each place.
      const mask = masks[index] as number;
      const factor = factors[index] as number;
      let least = 0x7fff_ffff;
      for (let at = 0; at < count; at++) {
        const hash = Math.imul((hashes[at] as number) ^ mask, factor);
        if (hash < least) least = hash;
      }
      signature[index] = least;
    }
    return signature;
  }

  /** Fills in the hashes of a text's pieces, and says how many there are. */
  private hash(text: string): number {
    const { shingleSize } = this.settings;
    // A text that is shorter than a piece is one.
    const count = Math.max(1, text.length - shingleSize + 1);
    if (this.hashes.length < count) this.hashes = new Int32Array(2 * count);
    for (let at = 0; at < count; at++) {
      this.hashes[at] = hash32(text.slice(at, at + shingleSize), shingleSeed);
    }
    return count;
  }
}

/** Weyl's sequence of the golden ratio, mixed: different numbers, the same in every run. */
function numberAt(index: number): number {
  return scramble(Math.imul(index, 0x9e3779b9));
}

/** What of a text counts: not its case, how much space there is, and which of several ways a character is written in. */
function normalized(text: string): string {
  return text.normalize("NFKC").toLowerCase().replaceAll(/\s+/gu, " ").trim();
}

/** The last step of Murmur3: one to one, and every bit depends on all bits. */
function scramble(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The share of numbers that are equal: an estimate of the similarity by Jaccard. */
export function similarityOf(first: Int32Array, second: Int32Array): number {
  let equal = 0;
  for (let index = 0; index < first.length; index++) if (first[index] === second[index]) equal++;
  return equal / first.length;
}

/** The chance that texts of a similarity share a band. */
export function chanceOfBand(similarity: number, { count, rows }: Bands): number {
  return 1 - (1 - similarity ** rows) ** count;
}

/** The longest bands, which find the fewest that are unlike, among those that miss hardly any that are alike. */
export function bandsFor(similarity: number, permutations: number): Bands {
  let best: Bands = { count: permutations, rows: 1 };
  for (let rows = 2; rows <= permutations; rows++) {
    const bands = { count: Math.floor(permutations / rows), rows };
    if (chanceOfBand(similarity, bands) < minFound) break;
    best = bands;
  }
  return best;
}

/** A number for each band of a signature. */
export function bandHashes(signature: Int32Array, { count, rows }: Bands, seed: number): Int32Array {
  const hashes = new Int32Array(count);
  for (let band = 0; band < count; band++) {
    let hash = seed;
    for (let row = 0; row < rows; row++) hash = scramble(hash ^ (signature[band * rows + row] ?? 0)) + row;
    hashes[band] = hash;
  }
  return hashes;
}
