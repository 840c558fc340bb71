import { stripVTControlCharacters } from "node:util";
import type { WriteStream } from "node:tty";
import { textWidth } from "../output/text-width.ts";
import { showsUnicode } from "./shows-unicode.ts";

/** Standard error with one line at its end that changes; lines written above it stay. */
export interface StatusLine {
  /** Whether what is shown can be seen: a terminal that can erase. */
  readonly live: boolean;
  /** Shows a text, or what a function makes of the number of columns there are. */
  readonly show: (text: string | ((width: number) => string)) => void;
  readonly writeLine: (line: string) => void;
  readonly clear: () => void;
}

const defaultWidth = 80;

export function createStatusLine(
  stream: Pick<WriteStream, "isTTY" | "columns" | "write">,
  enabled: boolean,
  env: Readonly<Record<string, string | undefined>> = process.env,
): StatusLine {
  const live = enabled && stream.isTTY && env["TERM"] !== "dumb";
  const ellipsis = showsUnicode(env) ? "…" : "...";
  const wrapsAgain = reflows(env);
  let shown = "";
  const columns = () => stream.columns || defaultWidth;
  const erasure = () => {
    if (shown === "") return "";
    // Since it was drawn the terminal may have become narrower, and wrapped it.
    const above = wrapsAgain ? Math.ceil(widthOf(shown) / columns()) - 1 : 0;
    return `\r${above > 0 ? `\u001b[${above}A` : ""}\u001b[J`;
  };
  // A line that wraps cannot be erased.
  const fitted = (text: string) => cutTo(text, columns() - 1, ellipsis);
  return {
    live,
    clear: () => {
      if (shown !== "") stream.write(erasure());
      shown = "";
    },
    show: (text) => {
      if (!live) return;
      const line = fitted(typeof text === "string" ? text : text(columns() - 1));
      if (line !== shown) stream.write(erasure() + line);
      shown = line;
    },
    writeLine: (line) => {
      const last = fitted(shown);
      stream.write(`${erasure()}${line}\n${last}`);
      shown = last;
    },
  };
}

function widthOf(text: string): number {
  return textWidth(stripVTControlCharacters(text));
}

/** Whether a terminal wraps what it shows anew when it becomes narrower. Most do; of the others the line above would go. */
function reflows(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env["TMUX"] !== undefined) return true;
  return env["XTERM_VERSION"] === undefined && !/^(?:linux|rxvt|screen|vt\d)/.test(env["TERM"] ?? "");
}

/** Colours take no room; a text that has to be cut loses them. */
function cutTo(text: string, width: number, ellipsis: string): string {
  const plain = stripVTControlCharacters(text);
  if (textWidth(plain) <= width) return text;
  let cut = "";
  for (const character of plain) {
    if (textWidth(cut + character) > width - ellipsis.length) break;
    cut += character;
  }
  return `${cut}${ellipsis}`.slice(0, Math.max(0, width));
}
