import { TextFault } from "./text-fault.ts";

/** What a project file may be at most: far more than people write, and little enough to be read at once. */
export const textLimits = {
  bytes: 1_048_576,
  depth: 100,
  /** Members of one list or object. */
  members: 10_000,
  /** Keys, values, punctuation, white space and comments. */
  parts: 120_000,
  /** Values, each alias counted as what it stands for. */
  values: 100_000,
} as const;

const number = new Intl.NumberFormat("en-US");

export function tooDeep(offset: number): TextFault {
  return new TextFault(
    "limit",
    `Lists and objects are nested more than ${textLimits.depth} levels deep here`,
    offset,
    "No part of a project file needs such depth; write it flatter.",
  );
}

export function tooManyMembers(what: "list" | "object", offset: number): TextFault {
  return new TextFault(
    "limit",
    `${what === "list" ? "A list" : "An object"} of more than ${number.format(textLimits.members)} members`,
    offset,
    "Data belongs into a file that a flow reads.",
  );
}

export function tooManyParts(offset: number): TextFault {
  return new TextFault(
    "limit",
    `The file has more than ${number.format(textLimits.parts)} parts (keys, values, punctuation, comments); it was read up to here`,
    offset,
    "Data belongs into a file that a flow reads.",
  );
}

export function tooManyValues(offset: number): TextFault {
  return new TextFault(
    "limit",
    `The file has more than ${number.format(textLimits.values)} values; an alias counts as what it stands for`,
    offset,
    "Use fewer aliases; data belongs into a file that a flow reads.",
  );
}

export function tooLong(bytes: number): TextFault {
  return new TextFault(
    "limit",
    `The file is ${number.format(bytes)} bytes long; a project file has at most ${number.format(textLimits.bytes)}`,
    0,
    "Data belongs into a file that a flow reads.",
  );
}
