import type { YAMLError } from "yaml";
import { TextFault } from "./text-fault.ts";

const indentation = "Look at the indentation: what belongs together begins at the same column.";
const lines = 'Each line is "key: value", with a space after the colon, or "- item".';

/** What a mistake is called here, and what to try, by what the parser says; `$1` stands for its first group. */
const meanings: readonly (readonly [said: RegExp, message: string, hint: string])[] = [
  [
    /^Tabs are not allowed as indentation/,
    "a tab where only spaces may indent",
    "Indent with spaces, two for each level.",
  ],
  [
    /^Nested mappings are not allowed/,
    'a second ": " in one value',
    `A text that holds ": " stands in quotes. ${indentation}`,
  ],
  [
    /^A block sequence may not be used as/,
    "a list that begins at another column than the lines before it",
    indentation,
  ],
  [
    /^Flow (?:sequence|map) in block collection must .* end with a (.)$/,
    'a "$1" is missing before this place',
    'Close what was opened with "[" or "{", or put the text in quotes.',
  ],
  [
    /^(?:All (?:mapping|sequence) items must start|Block scalar values in collections must be indented)/,
    "a line that begins at another column than its neighbours",
    indentation,
  ],
  [
    /^Missing closing (.)quote/,
    "a text whose $1 is not closed",
    "Close the quote, or put the text in the other kind of quotes.",
  ],
  [/^Implicit map keys need to be followed/, 'a line without ": "', lines],
  [/^Sequence item without -/, 'an item without "- "', lines],
  [/^Implicit keys need to be on a single line/, 'a line without ": "', `${lines} ${indentation}`],
  [
    /^Plain value cannot start with .*? character (.)$/,
    "a text that begins with $1",
    "Put the text in quotes.",
  ],
  [
    /^Invalid escape sequence (.*)$/,
    "$1 is no escape in double quotes",
    "Write \\\\ for a backslash, or use single quotes.",
  ],
  [/^With stringKeys/, "a key that is no text", "A key is a text; put it in quotes."],
  [
    /^Unexpected [\w-]+ at node end/,
    "text after the end of a value",
    "Put the whole text in quotes, or look for a missing comma or line break.",
  ],
  [
    /^Unexpected block-(?:seq|map)-ind on same line/,
    "a list that begins on the line of its key",
    "Begin its items on lines of their own, or write it as [a, b].",
  ],
  [/^Unexpected , in flow/, "a comma with nothing before it", "Remove the comma."],
  [
    /^Unexpected flow-(?:seq|map)-end token .*?: "(.)"$/,
    'a "$1" that closes nothing',
    "Remove it, or look for what should have opened it.",
  ],
  [
    /^Block scalar header includes extra/,
    'text on the line of ">" or "|"',
    "Begin the text on the next line, or put it in quotes.",
  ],
  [
    /^Unresolved tag: (?:tag:yaml\.org,2002:)?(.*)$/,
    'a value that is no "$1", as its tag says',
    "Remove the tag.",
  ],
  [/^Missing , between|^Missing , or/, "a missing comma", "Separate the members by commas."],
  [/^The : indicator must be at most 1024/, "a key of more than 1,024 characters", "Write a shorter one."],
  [/^A node can have at most one anchor/, "a second anchor for one value", "Remove one of them."],
];

/** What the parser says, as we say it. */
export function yamlFault({ message, pos: [offset] }: YAMLError): TextFault {
  for (const [said, text, hint] of meanings) {
    const found = said.exec(message);
    if (found !== null) return new TextFault("syntax", text.replace("$1", found[1] ?? ""), offset, hint);
  }
  const text = `${message.charAt(0).toLowerCase()}${message.slice(1)}`;
  return new TextFault("syntax", text, offset, `${lines} ${indentation}`);
}
