/** A stretch of a text, from `start` up to but not `end`, and what is shown in its place. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly shown: string;
}

interface Pattern {
  readonly text: string;
  readonly shown: string;
  /** How often it was added. */
  uses: number;
}

/** The least length of a pattern, and how many of its last characters it is looked up by. */
export const leastLength = 6;

const factor = 0x01000193;
/** What a character counts for when it leaves the window. */
const leaving = /* @__PURE__ */ power(factor, leastLength);

function power(base: number, exponent: number): number {
  let product = 1;
  for (let times = 0; times < exponent; times++) product = Math.imul(product, base);
  return product;
}

/** One bit for each value of the upper 16 bits of a hash. */
const bitWords = 2_048;

/**
 * Finds many patterns in a text in one pass, whose cost hardly depends on how many there are: a hash of the last six
 * characters rolls along (Rabin and Karp, 1987), and only where it is that of a pattern the text is compared. The
 * last characters, because keys of one kind often begin alike.
 */
export class TextMatcher {
  private readonly byText = new Map<string, Pattern>();
  private readonly byHash = new Map<number, Pattern[]>();
  /** Says of most hashes, without a look-up, that no pattern has them. Bits of patterns that are gone may stay. */
  private readonly bits = new Int32Array(bitWords);
  /** The length of the longest pattern, or of one that was. */
  longest = 0;

  get isEmpty(): boolean {
    return this.byText.size === 0;
  }

  /** Adds a pattern of at least `leastLength` characters. */
  add(text: string, shown: string): void {
    const known = this.byText.get(text);
    if (known !== undefined) {
      known.uses++;
      return;
    }
    const pattern: Pattern = { text, shown, uses: 1 };
    this.byText.set(text, pattern);
    const hash = hashOfEnd(text);
    const bucket = this.byHash.get(hash);
    if (bucket === undefined) this.byHash.set(hash, [pattern]);
    else bucket.push(pattern);
    this.bits[wordOf(hash)] = (this.bits[wordOf(hash)] ?? 0) | bitOf(hash);
    this.longest = Math.max(this.longest, text.length);
  }

  /** Takes a pattern back; it goes when it was taken back as often as it was added. */
  remove(text: string): void {
    const pattern = this.byText.get(text);
    if (pattern === undefined) return;
    pattern.uses--;
    if (pattern.uses > 0) return;
    this.byText.delete(text);
    const hash = hashOfEnd(text);
    const rest = this.byHash.get(hash)?.filter((other) => other !== pattern) ?? [];
    if (rest.length > 0) this.byHash.set(hash, rest);
    else this.byHash.delete(hash);
    if (!this.isEmpty) return;
    this.bits.fill(0);
    this.longest = 0;
  }

  /** Where patterns are, in order; those that overlap make one stretch. Undefined where there are none. */
  find(text: string): Stretch[] | undefined {
    const { bits } = this;
    let found: Stretch[] | undefined;
    let hash = 0;
    for (let at = 0; at < text.length; at++) {
      hash = (Math.imul(hash, factor) + text.charCodeAt(at)) | 0;
      if (at >= leastLength) hash = (hash - Math.imul(leaving, text.charCodeAt(at - leastLength))) | 0;
      if (((bits[wordOf(hash)] ?? 0) & bitOf(hash)) !== 0) found = this.look(text, at, hash, found);
    }
    return found;
  }

  /** Adds the patterns that end at a place. */
  private look(text: string, at: number, hash: number, found: Stretch[] | undefined): Stretch[] | undefined {
    let stretches = found;
    for (const pattern of this.byHash.get(hash) ?? []) {
      const start = at + 1 - pattern.text.length;
      if (start < 0 || !text.startsWith(pattern.text, start)) continue;
      stretches ??= [];
      joinStretch(stretches, { start, end: at + 1, shown: pattern.shown });
    }
    return stretches;
  }
}

/** Adds a stretch to those before it, none of which ends after it does. */
export function joinStretch(stretches: Stretch[], added: Stretch): void {
  let joined = added;
  for (let last = stretches.at(-1); last !== undefined && last.end > joined.start; last = stretches.at(-1)) {
    stretches.pop();
    const longer = last.end - last.start > joined.end - joined.start ? last : joined;
    joined = {
      start: Math.min(last.start, joined.start),
      end: Math.max(last.end, joined.end),
      shown: longer.shown,
    };
  }
  stretches.push(joined);
}

function hashOfEnd(text: string): number {
  let hash = 0;
  for (let at = text.length - leastLength; at < text.length; at++) {
    hash = (Math.imul(hash, factor) + text.charCodeAt(at)) | 0;
  }
  return hash;
}

function wordOf(hash: number): number {
  return hash >>> 21;
}

function bitOf(hash: number): number {
  return 1 << ((hash >>> 16) & 31);
}
