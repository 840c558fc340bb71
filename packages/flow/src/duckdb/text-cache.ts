/** As many texts; a power of two, of as many bits. */
const size = 1024;
const sizeBits = 10;
const wordsPerText = 4;
/** One in so many texts has to be here, in the columns of which some come again. */
const leastShare = 4;

/** Short texts of a column that were made before, by what DuckDB keeps of them: it takes less than to make them again. */
export class TextCache {
  private readonly words = new Int32Array(size * wordsPerText);
  private readonly texts: string[] = Array.from({ length: size }, () => "");
  private made = 0;

  /** Whether it has been of use for as many texts, since this was asked before. */
  wasOfUse(count: number): boolean {
    const { made } = this;
    this.made = 0;
    return made * leastShare <= count * (leastShare - 1);
  }

  /**
   * The text of a length that has the words, made of a block of characters where it is not here.
   *
   * @param start where it is in the block
   */
  textOf(length: number, first: number, second: number, third: number, block: string, start: number): string {
    const { words, texts } = this;
    const mixed = first ^ Math.imul(second, 5) ^ Math.imul(third, 25) ^ length;
    const place = Math.imul(mixed, 0x9e37_79b1) >>> (32 - sizeBits);
    const at = place * wordsPerText;
    if (
      words[at] === first &&
      words[at + 1] === second &&
      words[at + 2] === third &&
      words[at + 3] === length
    ) {
      return texts[place] ?? "";
    }
    const text = block.slice(start, start + length);
    words[at] = first;
    words[at + 1] = second;
    words[at + 2] = third;
    words[at + 3] = length;
    texts[place] = text;
    this.made++;
    return text;
  }
}
