import type { WriteStream } from "node:tty";
import { textWidth } from "../output/text-width.ts";

/** Standard error with one line at its end that changes; lines written above it stay. */
export interface StatusLine {
  /** Whether what is shown can be seen: a terminal that can erase. */
  readonly live: boolean;
  readonly show: (text: string) => void;
  readonly writeLine: (line: string) => void;
  readonly clear: () => void;
}

const eraseLine = "\r\u001b[2K";

export function createStatusLine(stream: WriteStream, enabled: boolean): StatusLine {
  const live = enabled && stream.isTTY && process.env["TERM"] !== "dumb";
  let shown = "";
  const clear = () => {
    if (shown !== "") stream.write(eraseLine);
    shown = "";
  };
  return {
    live,
    clear,
    show: (text) => {
      if (!live) return;
      // A line that wraps cannot be erased.
      const line = cutTo(text, (stream.columns || 80) - 1);
      if (line !== shown) stream.write(eraseLine + line);
      shown = line;
    },
    writeLine: (line) => {
      const last = shown;
      clear();
      stream.write(`${line}\n`);
      if (last !== "") stream.write(last);
      shown = last;
    },
  };
}

function cutTo(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = "";
  for (const character of text) {
    if (textWidth(cut + character) > width - 1) break;
    cut += character;
  }
  return `${cut}…`;
}
