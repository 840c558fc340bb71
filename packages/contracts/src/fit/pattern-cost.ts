/** How much of a text a pattern can be tried on in several ways. */
interface Ambiguity {
  /** Quantifiers without an end: `*`, `+`, `{2,}`. */
  stars: number;
  /** In how many ways what is bounded can be taken, as a power of two: `?`, `{2,5}`. */
  choices: number;
  /** How many ways there are for each character, as a power of two, where what repeats repeats something: `(a+)+`. */
  nested: number;
  /** How many characters are compared at most, what is repeated so many times over. */
  size: number;
  /** Whether it can be tried from any character of a text on. */
  isLoose: boolean;
}

/** As a power of two: some milliseconds. */
const affordable = 18;

/**
 * Whether a regular expression can be tried on a text in a few milliseconds: those of JavaScript go back, and take
 * exponential time for `^(a+)+$`. What may take long is told by the pattern's form alone, whatever it says.
 */
export function isAffordable(pattern: string, length: number): boolean {
  return waysIn(ambiguityOf(pattern), length) <= affordable;
}

/** As a power of two, for each character of a text. */
const affordablePerCharacter = 10;

/**
 * On texts of which lengths a regular expression can be tried in a time that is in proportion to the length, whoever
 * wrote it. Told by its form, too: what is not known to be quick may be.
 */
export function quickLengths(pattern: string): (length: number) => boolean {
  const ambiguity = ambiguityOf(pattern);
  const size = Math.log2(ambiguity.size + 1);
  return (length) => waysIn(ambiguity, length) + size <= Math.log2(length + 1) + affordablePerCharacter;
}

/** The power of two of the ways in which a text can be tried. */
function waysIn({ stars, choices, nested, isLoose }: Ambiguity, length: number): number {
  const starts = isLoose ? Math.log2(length + 1) : 0;
  return nested * length + choices + starts + waysToShare(length, stars);
}

/** More ways than these nobody wants to go. */
const mostWays = 100;

/** The power of two of the ways in which so many repetitions can share so many characters. */
function waysToShare(length: number, stars: number): number {
  let ways = 0;
  for (let count = 1; count <= stars && ways <= mostWays; count++)
    ways += Math.log2((length + count) / count);
  return ways;
}

function ambiguityOf(pattern: string): Ambiguity {
  const groups: Ambiguity[] = [none()];
  const top = (): Ambiguity => groups.at(-1) ?? none();
  // Escapes, classes, groups, quantifiers and alternatives; of what else there is each character by itself.
  const tokens =
    pattern.match(
      /\\(?:[pPux]\{[^}]*\}|k<[^>]*>|[^])|\[(?:\\[^]|[^\]\\])*\]|\(\?<?[=!:]?|\{\d+(?:,\d*)?\}|[^]/g,
    ) ?? [];
  let last = none();
  let isLoose = !pattern.startsWith("^");
  for (const token of tokens) {
    const count = countsOf(token);
    if (token.startsWith("(")) groups.push(none());
    else if (token === ")") {
      last = groups.pop() ?? none();
      if (groups.length === 0) groups.push(none());
      add(top(), last);
      continue;
    } else if (token === "|") {
      top().choices += 1;
      // What stands behind it is not tried at the beginning alone.
      if (groups.length === 1) isLoose = true;
    } else if (count !== undefined) repeat(top(), last, count);
    else {
      last = { ...none(), size: 1 };
      // What is referred back to can be as long as the text.
      if (/^\\[1-9k]/.test(token)) last.stars = 1;
      add(top(), last);
      continue;
    }
    last = none();
  }
  const whole = groups.reduce((sum, group) => add(sum, group), none());
  whole.isLoose = isLoose;
  return whole;
}

function none(): Ambiguity {
  return { stars: 0, choices: 0, nested: 0, size: 0, isLoose: false };
}

function add(sum: Ambiguity, more: Ambiguity): Ambiguity {
  sum.stars += more.stars;
  sum.choices += more.choices;
  sum.nested += more.nested;
  sum.size += more.size;
  return sum;
}

/** What a quantifier adds to what there is around it. @param inside what it repeats */
function repeat(around: Ambiguity, inside: Ambiguity, [least, most]: readonly [number, number]): void {
  const isEndless = most === Number.POSITIVE_INFINITY;
  const more = Math.max(0, (isEndless ? least : most) - 1);
  around.size += inside.size * more;
  if (isEndless) {
    around.nested += inside.stars + inside.choices;
    around.stars += 1;
    return;
  }
  // As if it were written out so many times.
  around.stars += inside.stars * more;
  around.choices += inside.choices * more + Math.log2(most - least + 1);
}

/** How often a quantifier repeats; undefined for what is none. */
function countsOf(token: string): readonly [number, number] | undefined {
  if (token === "*") return [0, Number.POSITIVE_INFINITY];
  if (token === "+") return [1, Number.POSITIVE_INFINITY];
  if (token === "?") return [0, 1];
  const counts = /^\{(\d+)(,(\d*))?\}$/.exec(token);
  if (counts === null) return undefined;
  const least = Number(counts[1]);
  if (counts[2] === undefined) return [least, least];
  return [least, counts[3] === "" ? Number.POSITIVE_INFINITY : Number(counts[3])];
}
