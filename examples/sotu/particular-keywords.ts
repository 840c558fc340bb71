import type { AddressRecord } from "./record.ts";

/** A keyword as a group of addresses has it. */
interface GroupKeyword {
  readonly words: readonly string[];
  /** As it is shown: in lower case if an address writes it so. */
  text: string;
  /** How many addresses of the group have it. */
  addresses: number;
  /** How often it stands in them. */
  occurrences: number;
}

/**
 * Gives a function that finds the keywords that a group of addresses has and the others have less, best first.
 *
 * What addresses speak of most is the same in all of them: Congress, the government, the United States. So a keyword
 * weighs p · ln(p / q), with p the share of the group's addresses that have it and q the share of all addresses: its part
 * in the Kullback-Leibler divergence of the group from the whole ("On information and sufficiency", 1951). A keyword that
 * all addresses have weighs nothing, nor does one that the group has as often as the others.
 *
 * Left out are keywords that say nothing of a time or party, see `saysNothing`; those that only one of more than three
 * addresses has, or that three or fewer have less than three times in all; and those that share a word with a better one.
 */
export function particularKeywords(
  all: readonly AddressRecord[],
): (group: readonly AddressRecord[]) => readonly string[] {
  const everywhere = gather(all);
  return (group) => {
    const weigh = ([key, { addresses }]: readonly [string, GroupKeyword]): number => {
      const [inGroup, inAll] = [addresses / group.length, (everywhere.get(key)?.addresses ?? 1) / all.length];
      return inGroup * Math.log(inGroup / inAll);
    };
    const chosen: GroupKeyword[] = [];
    for (const [, keyword] of [...gather(group)].toSorted((first, second) => weigh(second) - weigh(first))) {
      const isBacked = group.length > 3 ? keyword.addresses >= 2 : keyword.occurrences >= 3;
      if (isBacked && !saysNothing(keyword) && !chosen.some((better) => shareWord(better, keyword))) {
        chosen.push(keyword);
      }
    }
    return chosen.map(({ text }) => text);
  };
}

function gather(records: readonly AddressRecord[]): ReadonlyMap<string, GroupKeyword> {
  const gathered = new Map<string, GroupKeyword>();
  for (const { keywords } of records) {
    for (const { text: written, count } of keywords) {
      const text = written.replace(/['’]s$/, "");
      const key = text.toLowerCase();
      const keyword = gathered.get(key) ?? { words: key.split(" "), text, addresses: 0, occurrences: 0 };
      if (text === key) keyword.text = text;
      keyword.addresses++;
      keyword.occurrences += count;
      gathered.set(key, keyword);
    }
  }
  return gathered;
}

/** Whom addresses speak to, and of what date: "Mr. Speaker", "fiscal year". */
const ceremony = new Set(
  `citizens congress gentlemen guests house houses lady members president representatives secretary senate speaker session
  today tonight year years january february march april may june july august september october november december`.split(
    /\s+/,
  ),
);

/** What any address of any time speaks of, and what is only a word. */
const commonplaces = new Set(
  `act action america american americans character country countries department departments government governments man men
  nation nations object objects office part people provision provisions report reports state states subject system time
  union united view world`.split(/\s+/),
);

function saysNothing({ words }: GroupKeyword): boolean {
  return words.some((word) => ceremony.has(word)) || words.every((word) => commonplaces.has(word));
}

/** As "bank" and "national banks" do: a word of one begins a word of the other. */
function shareWord(first: GroupKeyword, second: GroupKeyword): boolean {
  return first.words.some((word) =>
    second.words.some((other) => word.startsWith(other) || other.startsWith(word)),
  );
}
