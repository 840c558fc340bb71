import { groupRecords, meanSentiment, otherParties, smallParties } from "./groups.ts";
import { particularKeywords } from "./particular-keywords.ts";
import type { AddressRecord } from "./record.ts";
import { type Column, textTable } from "./text-table.ts";

const groupColumns: readonly Column[] = [
  { title: "Decade", align: "left" },
  { title: "Party", align: "left" },
  { title: "Count", align: "right" },
  { title: "Sentiment", align: "right" },
  { title: "Top keywords", align: "left" },
];

/** Keeps the table within 110 columns. As many keywords are shown as fit, none is cut. */
const keywordsWidth = 60;
const maxKeywords = 6;

/** A row for each decade and party: how many addresses, how they feel, and what they speak of that others do not. */
export function groupTable(records: readonly AddressRecord[]): string {
  const keywordsOf = particularKeywords(records);
  const rows = groupRecords(records).map((group) => [
    group.decade,
    group.party,
    String(group.records.length),
    formatScore(meanSentiment(group.records)),
    // What is particular to all addresses? Nothing.
    group.party === "all" ? "" : listWithin(keywordsOf(group.records), keywordsWidth),
  ]);
  const small = smallParties(records);
  const note = small.length === 0 ? "" : `\n${otherParties}: ${small.join(", ")}`;
  return `${textTable(groupColumns, rows)}${note}\n`;
}

function listWithin(items: readonly string[], width: number): string {
  let list = "";
  for (const item of items.slice(0, maxKeywords)) {
    const longer = list === "" ? item : `${list}, ${item}`;
    if (longer.length <= width) list = longer;
  }
  return list;
}

function formatScore(score: number): string {
  return `${score < 0 ? "−" : "+"}${Math.abs(score).toFixed(3)}`;
}
