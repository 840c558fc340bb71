const longestWord = 1_000;

/**
 * Hides stretches of 1,000 characters or more without white space: the English model takes time by the square of a
 * word's length. Lengths, and so places, do not change.
 */
export function hideEndlessWords(text: string): string {
  return hasEndlessWord(text) ? text.replace(/\S{1000,}/g, (run) => `x${" ".repeat(run.length - 2)}x`) : text;
}

/** Jumping from space to space is far faster than the pattern, which nearly no text needs. */
function hasEndlessWord(text: string): boolean {
  let start = 0;
  while (text.length - start >= longestWord) {
    const space = text.indexOf(" ", start);
    if (space < 0 || space - start >= longestWord) return true;
    start = space + 1;
  }
  return false;
}
