import { isDigit, isLetter } from "./characters.ts";
import { findEmail } from "./find-email.ts";
import { endOfIban } from "./find-iban.ts";
import { cardAt, phoneAt, readRun } from "./find-number.ts";

/** What is found in texts. */
export type RedactKind = "email" | "phone" | "card" | "iban";

export const redactKinds: readonly RedactKind[] = ["email", "phone", "card", "iban"];

/** Makes what stands for what was found: without digits and `@`, so that nothing is found in it. */
export interface Tokens {
  readonly tokenOf: (kind: RedactKind, found: string) => string;
}

/**
 * A text without what is looked for. Takes time in proportion to its length, and gives the same when it is done again.
 */
export function redactText(text: string, kinds: ReadonlySet<RedactKind>, tokens: Tokens): string {
  if (text.length < shortest) return text;
  let parts: string[] | undefined;
  let from = 0;
  const hasEmail = kinds.has("email");
  if (hasEmail) {
    for (let found = findEmail(text, 0); found !== undefined; found = findEmail(text, from)) {
      parts ??= [];
      redactNumbers(text.slice(from, found.start), kinds, tokens, parts);
      parts.push(tokens.tokenOf("email", text.slice(found.start, found.end)));
      from = found.end;
    }
  }
  if (parts === undefined && ((hasEmail && kinds.size === 1) || !hasDigit.test(text))) return text;
  parts ??= [];
  redactNumbers(from === 0 ? text : text.slice(from), kinds, tokens, parts);
  return parts.length === 1 ? (parts[0] ?? text) : parts.join("");
}

const shortest = 5;
const hasDigit = /\d/;

/** The part of a text that has no address: what was taken out on either side counts as the end of a word. */
function redactNumbers(text: string, kinds: ReadonlySet<RedactKind>, tokens: Tokens, parts: string[]): void {
  let done = 0;
  const take = (kind: RedactKind, start: number, end: number): void => {
    if (start > done) parts.push(text.slice(done, start));
    parts.push(tokens.tokenOf(kind, text.slice(start, end)));
    done = end;
  };
  const hasIban = kinds.has("iban");
  const hasNumbers = hasIban || kinds.has("card") || kinds.has("phone");
  let at = hasNumbers ? 0 : text.length;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isLetter(code)) {
      const isBeginning = at === done || !isWord(text.charCodeAt(at - 1));
      const end = isBeginning && hasIban ? endOfIban(text, at) : undefined;
      if (end === undefined) at++;
      else {
        take("iban", at, end);
        at = end;
      }
    } else if (isDigit(code) || code === plus) at = redactRun(text, at, { done: () => done, take }, kinds);
    else at++;
  }
  if (done < text.length) parts.push(done === 0 ? text : text.slice(done));
}

const plus = 43;

interface Taking {
  readonly done: () => number;
  readonly take: (kind: RedactKind, start: number, end: number) => void;
}

/** Looks at a run of digits; where to go on. */
function redactRun(
  text: string,
  start: number,
  { done, take }: Taking,
  kinds: ReadonlySet<RedactKind>,
): number {
  const run = readRun(text, start, text.length);
  if (run.groups.length === 0) return start + 1;
  let index = 0;
  let isFresh = start === done() || !/[\d\p{L}_]$/u.test(text.slice(Math.max(0, start - 2), start));
  while (index < run.groups.length) {
    const group = run.groups[index] as (typeof run.groups)[number];
    const cards = kinds.has("card") ? cardAt(text, run, index) : undefined;
    const phones = cards === undefined && kinds.has("phone") ? phoneAt(text, run, index, isFresh) : undefined;
    const count = cards ?? phones;
    if (count === undefined) {
      index++;
      // What goes on after a blank may be another number; after a hyphen it is part of this one.
      isFresh = /^[\s\u00a0(]+$/.test(run.groups[index]?.before ?? "");
      continue;
    }
    const last = run.groups[index + count - 1] as typeof group;
    const sign =
      cards === undefined && group.before.includes("+") ? group.before.length - group.before.indexOf("+") : 0;
    take(cards === undefined ? "phone" : "card", group.start - sign, last.end);
    index += count;
    isFresh = true;
  }
  return run.end;
}

function isWord(code: number): boolean {
  return isLetter(code) || isDigit(code);
}
