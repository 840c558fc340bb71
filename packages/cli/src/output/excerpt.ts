import { textWidth } from "./text-width.ts";

/** Where in a line something is. */
export interface ExcerptPlace {
  /** Counted from 1. */
  readonly line: number;
  /** In UTF-16 units, counted from 1. */
  readonly column: number;
}

const ellipsis = "…";
/** How much of a long line stands before the place at least, where there is that much. */
const before = 20;

/**
 * A line of a file with a caret below the place in it, as `12 | text`: no wider than it may be, and without anything
 * that a terminal would obey.
 */
export function excerpt(text: string, { line, column }: ExcerptPlace, width: number): string {
  const lead = `  ${line} | `;
  const room = Math.max(before + ellipsis.length * 2 + 1, width - lead.length);
  const shown = plain(withoutPasswords(text));
  // A caret may stand behind the end: there something is missing.
  const at = Math.min(column - 1, shown.length);
  const isNear = at < 2 * room && textWidth(shown.slice(0, at)) < room - ellipsis.length;
  const start = isNear ? 0 : startBefore(shown, at, room);
  const head = start === 0 ? "" : ellipsis;
  const rest = cutTo(shown.slice(start), room - head.length);
  const caretAt = textWidth(head + shown.slice(start, at));
  return `${lead}${head}${rest}\n${" ".repeat(lead.length - 2)}| ${" ".repeat(caretAt)}^`;
}

/** Output ends up in the logs of others; a password in an address is what is wrong with many a line. */
function withoutPasswords(text: string): string {
  return text.replace(
    /(:\/\/[^\s/:@]*:)([^\s@/]+)@/g,
    (_, user: string, password: string) => `${user}${"*".repeat(password.length)}@`,
  );
}

/** Each unit as one: columns stay what they are. */
function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, " ");
}

/** Where to begin so that the place is seen; not in the middle of a character. */
function startBefore(text: string, at: number, room: number): number {
  let start = Math.max(0, at - before);
  const isTooWide = () => textWidth(text.slice(start, at)) > room - ellipsis.length * 2 - 1;
  while (start < at && (isTooWide() || /^[\udc00-\udfff]/.test(text.slice(start)))) start++;
  return start;
}

function cutTo(text: string, width: number): string {
  if (text.length <= width && textWidth(text) <= width) return text.trimEnd();
  let cut = "";
  let used = 0;
  for (const character of text) {
    const more = textWidth(character);
    if (used + more > width - ellipsis.length) break;
    used += more;
    cut += character;
  }
  return cut + ellipsis;
}
