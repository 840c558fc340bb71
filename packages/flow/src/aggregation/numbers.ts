/** Brings a sum that is too large for a number back into its range, and loses nothing: it is a power of two. */
const scale = 2 ** -64;

/** What is kept of the numbers at one key of a group's records. */
export class Numbers {
  count = 0;
  least = Number.POSITIVE_INFINITY;
  most = Number.NEGATIVE_INFINITY;
  private total = 0;
  /** What was lost of the total by rounding (Neumaier, 1974), so that the order of records hardly matters. */
  private lost = 0;
  /** What went beyond the greatest number there is, scaled. */
  private beyond = 0;

  add(value: number): void {
    const before = this.total;
    const total = before + value;
    if (total - total !== 0) {
      this.addBeyond(value);
      return;
    }
    this.count++;
    this.lost += Math.abs(before) >= Math.abs(value) ? before - total + value : value - total + before;
    this.total = total;
    if (value < this.least) this.least = value;
    if (value > this.most) this.most = value;
  }

  /** `Infinity` where it is greater than any number there is. */
  get sum(): number {
    if (this.beyond === 0) return this.total + this.lost;
    return (this.beyond + (this.total + this.lost) * scale) / scale;
  }

  get mean(): number {
    if (this.beyond === 0) return (this.total + this.lost) / this.count;
    return (this.beyond + (this.total + this.lost) * scale) / this.count / scale;
  }

  private addBeyond(value: number): void {
    this.beyond += this.total * scale;
    this.total = 0;
    this.add(value);
  }
}
