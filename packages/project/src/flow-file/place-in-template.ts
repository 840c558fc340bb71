import type { DocumentPath } from "./flow-report.ts";

/**
 * The place in a template at which a part of what it makes is made: the way there as far as the template has it.
 *
 * @param template where it stands
 * @param part of the value: `address.lines[0]`, as issues name it
 */
export function placeInTemplate(template: DocumentPath, value: unknown, part: string): DocumentPath {
  const path = [...template];
  let here = value;
  for (const { index, key } of keysOf(part)) {
    if (typeof here !== "object" || here === null) break;
    const next = index ?? key;
    if (!Object.hasOwn(here, next)) break;
    path.push(next);
    here = (here as Readonly<Record<string | number, unknown>>)[next];
  }
  return path;
}

interface Step {
  readonly index: number | undefined;
  readonly key: string;
}

const stepPattern = /\[(?<index>\d+)\]|\[(?<quoted>"(?:[^"\\]|\\.)*")\]|\.?(?<key>[^.[\]]+)/gy;

function keysOf(part: string): readonly Step[] {
  return Array.from(part.matchAll(stepPattern), ({ groups = {} }) => {
    const { index, quoted, key = "" } = groups;
    return {
      index: index === undefined ? undefined : Number(index),
      key: quoted === undefined ? key : unquoted(quoted),
    };
  });
}

function unquoted(text: string): string {
  try {
    // A quoted text is a text.
    return JSON.parse(text) as string;
  } catch {
    return text;
  }
}
