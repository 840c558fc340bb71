import { readFileSync, statSync } from "node:fs";

/** Larger files have no excerpts: they are wrong by their size already. */
const maxBytes = 4 * 1_024 * 1_024;

/** Gives lines of files by their numbers, from 1; undefined for what cannot be read. Each file is read once. */
export function fileLines(): (path: string, line: number) => string | undefined {
  const files = new Map<string, readonly string[]>();
  return (path, line) => {
    let lines = files.get(path);
    if (lines === undefined) {
      lines = read(path);
      files.set(path, lines);
    }
    return lines[line - 1];
  };
}

function read(path: string): readonly string[] {
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > maxBytes) return [];
    return readFileSync(path, "utf8")
      .replace(/^\uFEFF/, "")
      .split(/\r\n|\n|\r/);
  } catch {
    return [];
  }
}
