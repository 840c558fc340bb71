/**
 * Code that says what it prints: each `// =>` comment is a line of output, in order.
 * White space counts as one space, so an object printed over several lines may stand in one comment;
 * `…` stands for what differs from run to run, within a line.
 */

/** The texts of the `// =>` comments of a source, in order. */
export function expectedOutput(source: string): readonly string[] {
  return source.split("\n").flatMap((line) => {
    const marker = /\/\/ =>(?<text>.*)$/.exec(line);
    return marker === null ? [] : [(marker.groups?.["text"] ?? "").trim()];
  });
}

/** Compares what a program printed to its `// =>` comments; returns what is wrong, or nothing. */
export function compareOutput(expected: readonly string[], printed: string): string | undefined {
  let at = skipSpace(printed, 0);
  for (const text of expected) {
    const pattern = new RegExp(linePattern(text), "y");
    pattern.lastIndex = at;
    const match = pattern.exec(printed);
    if (match === null) return `expected: ${text}\nprinted:  ${restOfLine(printed, at)}`;
    at = skipSpace(printed, at + match[0].length);
  }
  if (at < printed.length) {
    return `expected: no more output (say what it prints in a "// =>" comment)\nprinted:  ${restOfLine(printed, at)}`;
  }
  return undefined;
}

function linePattern(text: string): string {
  const words = text.split(/\s+/).map((word) => word.split("…").map(escapePattern).join("[^\\n]*?"));
  return `${words.join("\\s+")}[^\\S\\n]*(?:\\n|$)`;
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

function skipSpace(text: string, from: number): number {
  return from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0);
}

function restOfLine(text: string, at: number): string {
  return at >= text.length ? "nothing" : (text.slice(at).split("\n", 1)[0] ?? "");
}
