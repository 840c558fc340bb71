import { hash32 } from "../sketch/hash.ts";
import type { Memory } from "./memory.ts";
import { bandHashes, bandsFor, MinHasher, type MinHashSettings, similarityOf } from "./min-hash.ts";

/** When texts are alike. */
export interface NearSettings extends MinHashSettings {
  readonly readText: (record: unknown) => string;
  readonly similarity: number;
}

/** What is remembered of a record: its text is not. */
export interface NearMark {
  /** What has to be the same besides. */
  readonly key: string;
  readonly signature: Int32Array;
  readonly bands: Int32Array;
}

const keySeed = 1;

/** Has records be alike when their texts are by as much as is asked for, which it estimates. */
export class NearMemory implements Memory<NearMark> {
  readonly markOf: (record: unknown) => NearMark;
  size = 0;
  private readonly similarity: number;
  /** For each band those that are remembered, by its number; in each list in the order in which they came. */
  private readonly buckets: readonly Map<number, NearMark[]>[];

  constructor(keyOf: (record: unknown) => string, settings: NearSettings) {
    const { readText, similarity, permutations } = settings;
    const hasher = new MinHasher(settings);
    const bands = bandsFor(similarity, permutations);
    this.similarity = similarity;
    this.buckets = Array.from({ length: bands.count }, () => new Map<number, NearMark[]>());
    this.markOf = (record) => {
      const key = keyOf(record);
      const signature = hasher.signatureOf(readText(record));
      return { key, signature, bands: bandHashes(signature, bands, hash32(key, keySeed)) };
    };
  }

  has({ key, signature, bands }: NearMark): boolean {
    const { buckets, similarity } = this;
    for (let band = 0; band < bands.length; band++) {
      // There is a number for each band.
      const found = buckets[band]?.get(bands[band] as number);
      if (found === undefined) continue;
      for (const other of found) {
        if (other.key === key && similarityOf(other.signature, signature) >= similarity) return true;
      }
    }
    return false;
  }

  add(mark: NearMark): void {
    this.size++;
    for (const [band, hash] of mark.bands.entries()) {
      const bucket = this.buckets[band];
      const found = bucket?.get(hash);
      if (found === undefined) bucket?.set(hash, [mark]);
      else found.push(mark);
    }
  }

  forget(mark: NearMark): void {
    this.size--;
    for (const [band, hash] of mark.bands.entries()) {
      const bucket = this.buckets[band];
      const found = bucket?.get(hash);
      if (found === undefined || found.length === 1) bucket?.delete(hash);
      // The first to be forgotten is the first in each of its lists.
      else found.shift();
    }
  }
}
