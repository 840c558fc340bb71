import { defineAgent } from "@atomic-agents/core";
import { cleanText, countWords, splitText } from "@atomic-agents/text";
import * as z from "zod";
import { Address, CleanAddress, RawAddress, SplitAddress } from "./address.ts";

/** Nothing goes on that is not an address. */
export const validate = defineAgent({
  name: "validate",
  description: "Checks that a record of the data set is an address, and gives it an id.",
  input: RawAddress,
  output: Address,
  execute: toAddress,
});

/** The same, mended: a year may also come as a text, as in "A.D. 1863". */
export const mendedValidate = defineAgent({
  name: "validate",
  description: "Checks that a record of the data set is an address, and gives it an id.",
  input: RawAddress.extend({
    year: z.union([RawAddress.shape.year, z.string().regex(/^\D*(?:1[789]|20)\d{2}\D*$/)]),
  }),
  output: Address,
  execute: ({ year, ...address }) =>
    toAddress({ ...address, year: typeof year === "number" ? year : Number(year.replace(/\D/g, "")) }),
});

function toAddress({ year, name, party, text }: RawAddress): z.infer<typeof Address> {
  return {
    id: `${year}-${name.toLowerCase().replace(/[^a-z]+/g, "-")}`,
    year,
    president: name,
    // Of George Washington the data set says "none".
    party: party === "none" ? "no party" : party,
    text,
  };
}

/** Modern transcripts note what the audience did: "(Applause.)", "[Laughter]". Left in, it would be a keyword. */
const audienceNote = /[[(](?:applause|laughter)\.?[\])]/gi;

/** Spaces as they should be, and only what the president said. */
export const clean = defineAgent({
  name: "clean",
  description: "Tidies the text of an address; takes out, and counts, notes on what the audience did.",
  input: Address,
  output: CleanAddress,
  execute: ({ text, ...facts }) => {
    const cleaned = cleanText(text.replace(audienceNote, " "));
    return {
      ...facts,
      text: cleaned,
      wordCount: countWords(cleaned),
      audienceNotes: text.match(audienceNote)?.length ?? 0,
    };
  },
});

/** Addresses have up to 220,000 characters, and agents on text take 10,000. */
export const split = defineAgent({
  name: "split",
  description: "Splits an address into chunks that the agents on text take, between sentences.",
  input: CleanAddress,
  output: SplitAddress,
  execute: ({ text, ...facts }) => ({ ...facts, chunks: splitText(text).map((content) => ({ content })) }),
});
