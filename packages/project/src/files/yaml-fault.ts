import type { YAMLError } from "yaml";
import { TextFault } from "./text-fault.ts";

const indentation = "Look at the indentation: what belongs together begins at the same column.";
const lines = 'Each line is "key: value", with a space after the colon, or "- item".';

/** What a mistake is called here, and what to try, by what the parser says; `$1` stands for its first group. */
const meanings: readonly (readonly [said: RegExp, message: string, hint: string])[] = [
  [
    /^Tabs are not allowed as indentation/,
    "A tab where only spaces may indent",
    "Indent with spaces, two for each level.",
  ],
  [
    /^Nested mappings are not allowed/,
    'A second ": " in one value',
    `A text that holds ": " stands in quotes. ${indentation}`,
  ],
  [
    /^A block sequence may not be used as/,
    "A list that begins at another column than the lines before it",
    indentation,
  ],
  [
    /^Flow (?:sequence|map) in block collection must .* end with a (.)$/,
    'A "$1" is missing before this place',
    'Close what was opened with "[" or "{", or put the text in quotes.',
  ],
  [
    /^(?:All (?:mapping|sequence) items must start|Block scalar values in collections must be indented)/,
    "A line that begins at another column than its neighbours",
    indentation,
  ],
  [
    /^Missing closing (.)quote/,
    "A text whose $1 is not closed",
    "Close the quote, or put the text in the other kind of quotes.",
  ],
  [/^Implicit map keys need to be followed/, 'A line without ": "', lines],
  [/^Sequence item without -/, 'An item without "- "', lines],
  [/^Implicit keys need to be on a single line/, 'A line without ": "', `${lines} ${indentation}`],
  [
    /^Plain value cannot start with .*? character (.)$/,
    "A text that begins with $1",
    "Put the text in quotes.",
  ],
  [
    /^Invalid escape sequence (.*)$/,
    "$1 is no escape in double quotes",
    "Write \\\\ for a backslash, or use single quotes.",
  ],
  [/^With stringKeys/, "A key that is no text", "A key is a text; put it in quotes."],
  [
    /^Unexpected [\w-]+ at node end/,
    "Text after the end of a value",
    "Put the whole text in quotes, or look for a missing comma or line break.",
  ],
  [
    /^Unexpected block-(?:seq|map)-ind on same line/,
    "A list that begins on the line of its key",
    "Begin its items on lines of their own, or write it as [a, b].",
  ],
  [/^Unexpected , in flow/, "A comma with nothing before it", "Remove the comma."],
  [
    /^Unexpected flow-(?:seq|map)-end token .*?: "(.)"$/,
    'A "$1" that closes nothing',
    "Remove it, or look for what should have opened it.",
  ],
  [
    /^Block scalar header includes extra/,
    'Text on the line of ">" or "|"',
    "Begin the text on the next line, or put it in quotes.",
  ],
  [
    /^Unresolved tag: (?:tag:yaml\.org,2002:)?(.*)$/,
    'A value that is no "$1", as its tag says',
    "Remove the tag.",
  ],
  [/^Missing , between|^Missing , or/, "A missing comma", "Separate the members by commas."],
  [/^The : indicator must be at most 1024/, "A key of more than 1,024 characters", "Write a shorter one."],
  [/^A node can have at most one anchor/, "A second anchor for one value", "Remove one of them."],
];

/** What the parser says, as we say it. */
export function yamlFault({ message, pos: [offset] }: YAMLError): TextFault {
  for (const [said, text, hint] of meanings) {
    const found = said.exec(message);
    if (found !== null) return new TextFault("syntax", text.replace("$1", found[1] ?? ""), offset, hint);
  }
  return new TextFault("syntax", message, offset, `${lines} ${indentation}`);
}
