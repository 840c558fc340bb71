import type { DeadLetter, RecordRange } from "../dead-letter.ts";
import { Item } from "../item.ts";

/** An item that a letter has brought back. */
export class LetterItem extends Item {
  readonly letter: DeadLetter;

  constructor(letter: DeadLetter, parent: Item | undefined) {
    super(letter.input, parent);
    this.letter = letter;
    this.number = letter.record;
  }
}

/** The letter that brought back what an item came of; of a group's the first. */
export function letterBehind(item: Item): DeadLetter | undefined {
  let part: Item | undefined = item;
  while (part !== undefined) {
    if (part instanceof LetterItem) return part.letter;
    part = part.members === undefined ? part.parent : part.members[0];
  }
  return undefined;
}

/** The records of the source that an item came of, where they are more than one. */
export function recordsBehind(item: Item): readonly RecordRange[] | undefined {
  let part = item;
  for (;;) {
    if (part instanceof LetterItem) return part.letter.records;
    if (part.members !== undefined) break;
    // Most items: nothing that they came of is a group.
    if (part.parent === undefined) return undefined;
    part = part.parent;
  }
  const found: RecordRange[] = [];
  collect(part, found);
  const ranges = joined(found);
  const [first] = ranges;
  return ranges.length === 1 && first !== undefined && first[0] === first[1] ? undefined : ranges;
}

/** Whether an item came of records that are no items any more. */
export function hasUncounted(item: Item): boolean {
  let part: Item | undefined = item;
  for (; part !== undefined; part = part.parent) {
    if (part.wholeCount > 0) return true;
    if (part.members !== undefined) return part.members.some(hasUncounted);
  }
  return false;
}

function collect(item: Item, found: RecordRange[]): void {
  if (item instanceof LetterItem) {
    found.push(...(item.letter.records ?? [[item.letter.record, item.letter.record]]));
  } else if (item.members !== undefined) for (const member of item.members) collect(member, found);
  else if (item.parent !== undefined) collect(item.parent, found);
  else found.push([item.number, item.number]);
}

/** The same numbers in order, each once. */
function joined(ranges: readonly RecordRange[]): readonly RecordRange[] {
  const result: [number, number][] = [];
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const before = result.at(-1);
    if (before === undefined || first > before[1] + 1) result.push([first, last]);
    else before[1] = Math.max(before[1], last);
  }
  return result;
}
