import { textWidth } from "./text-width.ts";

/** A text in exactly so many columns of a terminal: filled with spaces, or cut, which its end `…` says. */
export function fitText(text: string, width: number): string {
  const own = textWidth(text);
  if (own <= width) return text + " ".repeat(width - own);
  let cut = "";
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const more = textWidth(segment);
    if (used + more > width - 1) break;
    used += more;
    cut += segment;
  }
  return `${cut}…${" ".repeat(width - 1 - used)}`;
}

/** Line breaks and what else would move the cursor become spaces. */
export function onOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
}
