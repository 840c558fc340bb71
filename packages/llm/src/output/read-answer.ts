import { type JsonRead, readJson } from "./json-text.ts";

/** Places in a text at which an object may begin that are tried. */
const maxStarts = 20;

/** The thoughts that some models write before their answer. */
const thoughts = /^\s*<think(?:ing)?>[\s\S]*?(?:<\/think(?:ing)?>|$)/;

/** An answer without the thoughts before it; thoughts that do not end are followed by none. */
export function withoutThoughts(text: string): string {
  return text.replace(thoughts, "").trim();
}

/** A fence of Markdown, and what is in it; no two parts of it may share blanks, which would take time for all ways to do so. */
const fence = /```[ \t]*(?:(?:json|JSON)[ \t]*)?\r?\n([\s\S]*?)```/;

/**
 * Reads the JSON of an answer: all of it, in a fence, or the first object or list in prose that is whole. Nothing is
 * mended and nothing added; what is cut off is no answer.
 */
export function readAnswer(text: string): JsonRead {
  const answer = withoutThoughts(text);
  if (answer === "") return { problem: "is empty", isRefused: false };
  const whole = readJson(answer);
  // What is hostile is not searched for a part that is not.
  if (isJson(whole)) return whole;
  const fenced = fence.exec(answer)?.[1];
  if (fenced !== undefined) {
    const inside = readJson(fenced.trim());
    if (isJson(inside)) return inside;
  }
  return firstInProse(answer) ?? whole;
}

function isJson(read: JsonRead): boolean {
  return "value" in read || read.isRefused;
}

/** What begins like this is JSON; other brackets may be the prose's. */
const likeJson = /\{\s*(?:"|\}$)|\[\s*[[{"]/y;

/** The first object or list that closes and is JSON; undefined where there is none. */
function firstInProse(text: string): JsonRead | undefined {
  const beginnings = /[{[]/g;
  for (let tried = 0; tried < maxStarts; tried++) {
    const start = beginnings.exec(text)?.index;
    if (start === undefined) return undefined;
    const end = endOf(text, start);
    const found = end === undefined ? undefined : readJson(text.slice(start, end));
    if (end === undefined || found === undefined || !isJson(found)) {
      likeJson.lastIndex = start;
      // A part of an answer that is cut off or broken may look like an answer, and is none.
      if (likeJson.test(text)) return undefined;
      continue;
    }
    // A list such as `[1]` in prose is mostly a footnote.
    if (text[start] === "{" || end === text.length) return found;
    beginnings.lastIndex = end;
  }
  return undefined;
}

/** Where what begins here is closed; undefined where it is not. */
function endOf(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      for (at++; at < text.length; at++) {
        const inside = text.charCodeAt(at);
        if (inside === 0x5c) at++;
        else if (inside === 0x22) break;
      }
    } else if (code === 0x7b || code === 0x5b) depth++;
    else if (code === 0x7d || code === 0x5d) {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}
