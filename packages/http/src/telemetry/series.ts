/** How many time series there may be, over all families that share it. */
export class SeriesBudget {
  #left: number;

  constructor(maxSeries: number) {
    this.#left = maxSeries;
  }

  /** Takes so many, if there are as many left. */
  take(count: number): boolean {
    if (count > this.#left) return false;
    this.#left -= count;
    return true;
  }
}

/** What is told apart by more than a family may tell apart. */
const overflow = "overflow";

/** The longest value of a label. */
const maxValueLength = 200;

/**
 * What is counted of each combination of up to three labels. It finds a combination by its parts, for to join them each
 * time would cost more than to count. Combinations that there is no room for are counted together.
 */
export class Cells<TCell> {
  readonly #budget: SeriesBudget;
  readonly #create: () => TCell;
  /** How many time series a cell is. */
  readonly #size: number;
  readonly #tree = new Map<string, Map<string, Map<string, TCell>>>();
  readonly #labels: (readonly [values: readonly string[], cell: TCell])[] = [];
  readonly #width: number;
  #rest: TCell | undefined = undefined;

  constructor(budget: SeriesBudget, width: 1 | 2 | 3, size: number, create: () => TCell) {
    this.#budget = budget;
    this.#width = width;
    this.#size = size;
    this.#create = create;
  }

  of(first: string, second = "", third = ""): TCell {
    return this.#tree.get(first)?.get(second)?.get(third) ?? this.#add([first, second, third]);
  }

  /** The combinations there are, in the order in which they came. */
  get all(): readonly (readonly [values: readonly string[], cell: TCell])[] {
    return this.#labels;
  }

  #add([first, second, third]: readonly [string, string, string]): TCell {
    const values = [first, second, third].slice(0, this.#width);
    const isPlain = values.every((value) => value.length <= maxValueLength && value.isWellFormed());
    if (!isPlain || values.every((value) => value === overflow) || !this.#budget.take(this.#size)) {
      return this.#overflow();
    }
    const cell = this.#create();
    this.#labels.push([values, cell]);
    let seconds = this.#tree.get(first);
    if (seconds === undefined) this.#tree.set(first, (seconds = new Map()));
    let thirds = seconds.get(second);
    if (thirds === undefined) seconds.set(second, (thirds = new Map()));
    thirds.set(third, cell);
    return cell;
  }

  #overflow(): TCell {
    if (this.#rest === undefined) {
      this.#rest = this.#create();
      this.#labels.push([Array.from({ length: this.#width }, () => overflow), this.#rest]);
    }
    return this.#rest;
  }
}
