/** The damping factor of PageRank, as in the paper. */
const damping = 0.85;
const maxIterations = 100;
const enough = 1e-6;

/** Sentences ranked against each other at once; the similarities of so many take 2 MB and some 10 ms. */
const maxRankedTogether = 500;
/** Sentences that each block of a long text sends on to the next round. */
const keptPerBlock = 100;

/** A sentence that was chosen, by its place among all, with its rank: 1 for the most central, above 0 for all. */
export interface Ranked {
  readonly index: number;
  readonly score: number;
}

/**
 * Chooses the most central of many sentences by TextRank (Mihalcea & Tarau, "TextRank: Bringing Order into Texts", EMNLP
 * 2004): sentences vote for sentences that share words with them. Each sentence is given as its content words. Those
 * chosen come in their order in the text; of those with the same content words only the first is chosen. The same input
 * gives the same output.
 *
 * The cost grows with the square of the number of sentences, so more than 500 are ranked in consecutive blocks of equal
 * size, of at most 500; the best 100 of each block are ranked again, until 500 or fewer are left.
 */
export function chooseSentences(sentences: readonly (readonly string[])[], count: number): readonly Ranked[] {
  let candidates = sentences.map((_, index) => index);
  while (candidates.length > maxRankedTogether) {
    const blocks = Math.ceil(candidates.length / maxRankedTogether);
    const size = Math.ceil(candidates.length / blocks);
    const kept: number[] = [];
    for (let from = 0; from < candidates.length; from += size) {
      const block = candidates.slice(from, from + size);
      kept.push(
        ...best(rank(sentences, block), sentences, Math.max(keptPerBlock, count)).map(({ index }) => index),
      );
    }
    if (kept.length === candidates.length) break;
    candidates = kept;
  }
  const chosen = best(rank(sentences, candidates), sentences, count);
  const highest = Math.max(...chosen.map(({ score }) => score));
  return chosen.map(({ index, score }) => ({ index, score: score / highest }));
}

function rank(sentences: readonly (readonly string[])[], indexes: readonly number[]): readonly Ranked[] {
  const scores = textRank(indexes.map((index) => sentences[index] ?? []));
  return indexes.map((index, at) => ({ index, score: scores[at] ?? 0 }));
}

/** The highest ones, each only once, in their order in the text. */
function best(
  ranked: readonly Ranked[],
  words: readonly (readonly string[])[],
  count: number,
): readonly Ranked[] {
  const chosen = new Map<string, Ranked>();
  for (const sentence of ranked.toSorted(byScore)) {
    if (chosen.size === count) break;
    // Sentences without content words have nothing to compare.
    const name = words[sentence.index]?.join(" ") || `#${sentence.index}`;
    if (!chosen.has(name)) chosen.set(name, sentence);
  }
  return [...chosen.values()].toSorted((first, second) => first.index - second.index);
}

function byScore(first: Ranked, second: Ranked): number {
  return second.score - first.score || first.index - second.index;
}

/** The TextRank score of each sentence; a sentence that shares no word with any other has 0.15. */
export function textRank(sentences: readonly (readonly string[])[]): Float64Array {
  const count = sentences.length;
  const rows = similarities(sentences);
  const outgoing = rows.map((row) => row.reduce((sum, similarity) => sum + similarity, 0));
  let scores = new Float64Array(count).fill(1);
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const next = new Float64Array(count).fill(1 - damping);
    for (const [from, row] of rows.entries()) {
      const votes = outgoing[from] ?? 0;
      if (votes === 0) continue;
      const share = (damping * (scores[from] ?? 0)) / votes;
      for (let to = 0; to < count; to++) next[to] = (next[to] ?? 0) + share * (row[to] ?? 0);
    }
    const change = next.reduce((most, score, at) => Math.max(most, Math.abs(score - (scores[at] ?? 0))), 0);
    scores = next;
    if (change < enough) break;
  }
  return scores;
}

/** Words in common over the sum of the logarithms of the lengths (section 4 of the paper), a row for each sentence. */
function similarities(sentences: readonly (readonly string[])[]): readonly Float64Array[] {
  const holders = new Map<string, number[]>();
  for (const [index, words] of sentences.entries()) {
    for (const word of new Set(words)) {
      const holding = holders.get(word);
      if (holding === undefined) holders.set(word, [index]);
      else holding.push(index);
    }
  }
  const rows = sentences.map(() => new Float64Array(sentences.length));
  for (const holding of holders.values()) {
    for (const from of holding) {
      const row = rows[from];
      if (row === undefined) continue;
      for (const to of holding) if (to !== from) row[to] = (row[to] ?? 0) + 1;
    }
  }
  // 1 is added to the length: two sentences of one word each would be divided by log(1) + log(1) = 0.
  const logLengths = sentences.map((words) => Math.log(1 + words.length));
  return rows.map((row, from) =>
    row.map((shared, to) => (shared === 0 ? 0 : shared / ((logLengths[from] ?? 0) + (logLengths[to] ?? 0)))),
  );
}
