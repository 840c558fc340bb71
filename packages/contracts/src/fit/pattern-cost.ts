/** How much of a text a pattern can be tried on in several ways. */
interface Ambiguity {
  /** Quantifiers without an end: `*`, `+`, `{2,}`. */
  stars: number;
  /** In how many ways what is bounded can be taken, as a power of two: `?`, `{2,5}`. */
  choices: number;
  /** How many ways there are for each character, as a power of two, where what repeats repeats something: `(a+)+`. */
  nested: number;
}

/** As a power of two: some milliseconds. */
const affordable = 18;

/**
 * Whether a regular expression can be tried on a text in a few milliseconds: those of JavaScript go back, and take
 * exponential time for `^(a+)+$`. What may take long is told by the pattern's form alone, whatever it says.
 */
export function isAffordable(pattern: string, length: number): boolean {
  const { stars, choices, nested } = ambiguityOf(pattern);
  const starts = pattern.startsWith("^") ? 0 : Math.log2(length + 1);
  return nested * length + choices + starts + waysToShare(length, stars) <= affordable;
}

/** The power of two of the ways in which so many repetitions can share so many characters. */
function waysToShare(length: number, stars: number): number {
  let ways = 0;
  for (let count = 1; count <= stars && ways <= affordable; count++)
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
  for (const token of tokens) {
    const count = countsOf(token);
    if (token.startsWith("(")) groups.push(none());
    else if (token === ")") {
      last = groups.pop() ?? none();
      if (groups.length === 0) groups.push(none());
      add(top(), last);
      continue;
    } else if (token === "|") top().choices += 1;
    else if (count !== undefined) repeat(top(), last, count);
    last = none();
  }
  return groups.reduce((sum, group) => add(sum, group), none());
}

function none(): Ambiguity {
  return { stars: 0, choices: 0, nested: 0 };
}

function add(sum: Ambiguity, more: Ambiguity): Ambiguity {
  sum.stars += more.stars;
  sum.choices += more.choices;
  sum.nested += more.nested;
  return sum;
}

/** What a quantifier adds to what there is around it. @param inside what it repeats */
function repeat(around: Ambiguity, inside: Ambiguity, [least, most]: readonly [number, number]): void {
  if (most > 1) around.nested += inside.stars + inside.choices;
  if (most === Number.POSITIVE_INFINITY) around.stars += 1;
  else around.choices += Math.log2(most - least + 1);
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
