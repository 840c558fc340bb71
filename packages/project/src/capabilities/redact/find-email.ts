import { isLetter, isDigit } from "./characters.ts";

/** A part of a text, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The next address from a place on. Of a part that is not one no address begins or ends in the middle later, so that
 * what is left after it was taken out has none: labels are tried from the left, and what counts is how they begin.
 */
export function findEmail(text: string, from: number): Span | undefined {
  for (let at = text.indexOf("@", from); at >= 0; at = text.indexOf("@", at + 1)) {
    let start = at;
    while (start > from && isLocal(text.charCodeAt(start - 1))) start--;
    while (start < at && text.charCodeAt(start) === dot) start++;
    if (start === at) continue;
    const end = endOfDomain(text, at + 1);
    if (end !== undefined) return { start, end };
  }
  return undefined;
}

/** Where a domain ends that begins here: after the last label that can be a top-level one. */
function endOfDomain(text: string, from: number): number | undefined {
  let end: number | undefined;
  let labels = 0;
  let start = from;
  while (start < text.length) {
    let stop = start;
    while (stop < text.length && isLabel(text.charCodeAt(stop))) stop++;
    let bare = stop;
    while (bare > start && text.charCodeAt(bare - 1) === hyphen) bare--;
    if (bare === start) break;
    labels++;
    if (labels > 1 && bare - start >= 2 && isLetter(text.charCodeAt(start))) end = bare;
    if (text.charCodeAt(stop) !== dot) break;
    start = stop + 1;
  }
  return end;
}

const dot = 46;
const hyphen = 45;
const locals: ReadonlySet<number> = new Set(
  Array.from("!#$%&'*+-/=?^_`{|}~.", (character) => character.charCodeAt(0)),
);

function isLocal(code: number): boolean {
  return isLetter(code) || isDigit(code) || locals.has(code);
}

function isLabel(code: number): boolean {
  return isLetter(code) || isDigit(code) || code === hyphen;
}
