/**
 * The candidate that a misspelt word was most likely meant to be; undefined when none is near.
 *
 * Near is an edit distance (insert, delete, replace, swap neighbours: "optimal string alignment", Boytsov 2011) of at
 * most two fifths of the word, or a candidate that has the word as one of its parts between hyphens.
 *
 * @example
 * ```ts
 * closest("sumarize", ["summarize", "sentiment"]); // => 'summarize'
 * ```
 */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length * 0.4)) + 1;
  for (const candidate of candidates) {
    // Lengths that differ this much cannot be near; nor is a long name worth the quadratic time.
    if (wanted.length > maxLength || Math.abs(candidate.length - wanted.length) >= least) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best ?? partner(wanted, candidates);
}

const maxLength = 200;

function partner(word: string, candidates: Iterable<string>): string | undefined {
  if (word === "") return undefined;
  return [...candidates].find((candidate) => candidate.toLowerCase().split("-").includes(word));
}

function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      // Both rows are filled up to `column`.
      const above = last[column] ?? 0;
      const left = current[column - 1] ?? 0;
      const diagonal = last[column - 1] ?? 0;
      let cost = Math.min(above + 1, left + 1, diagonal + (a[row - 1] === b[column - 1] ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
