import type { AddressRecord } from "./record.ts";

/** Addresses that are looked at together. */
export interface Group {
  /** `1860s`, or `all`. */
  readonly decade: string;
  readonly party: string;
  readonly records: readonly AddressRecord[];
}

/** Parties with a smaller share of all addresses are shown as one, `other`. */
const smallestShare = 0.05;
export const otherParties = "other";

/** A group for each decade and party, oldest first, then one for each party over all decades, then one of all. */
export function groupRecords(records: readonly AddressRecord[]): readonly Group[] {
  const small = new Set(smallParties(records));
  const partyOf = ({ party }: AddressRecord) => (small.has(party) ? otherParties : party);
  const decadeOf = ({ year }: AddressRecord) => `${Math.floor(year / 10) * 10}s`;
  const groups: Group[] = [];
  for (const [decade, inDecade] of Map.groupBy(records, decadeOf)) {
    for (const [party, members] of Map.groupBy(inDecade, partyOf))
      groups.push({ decade, party, records: members });
  }
  for (const [party, members] of Map.groupBy(records, partyOf))
    groups.push({ decade: "all", party, records: members });
  groups.push({ decade: "all", party: "all", records });
  return groups;
}

/** The parties that are shown as one, in the order of their first address. */
export function smallParties(records: readonly AddressRecord[]): readonly string[] {
  return [...Map.groupBy(records, ({ party }) => party)]
    .filter(([, members]) => members.length < smallestShare * records.length)
    .map(([party]) => party);
}

/** The mean of the addresses' sentiment scores, each address counting the same; 0 for no addresses. */
export function meanSentiment(records: readonly AddressRecord[]): number {
  return records.reduce((sum, { sentiment }) => sum + sentiment.score, 0) / Math.max(1, records.length);
}
