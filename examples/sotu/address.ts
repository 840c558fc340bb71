import * as z from "zod";

/** An address as the data set gives it. */
export const RawAddress = z.object({
  year: z.int().min(1790).max(2100),
  name: z.string().regex(/\S/, "the president's name is blank"),
  party: z.string().regex(/\S/, "the party is blank"),
  text: z.string().regex(/\S/, "the text is blank"),
});
export type RawAddress = z.infer<typeof RawAddress>;

/** What stays with an address through all stages and into its record. */
const AddressFacts = z.object({
  /** Two presidents may speak in one year, so the name is part of it: `1961-john-f-kennedy`. */
  id: z.string().min(1),
  year: z.int(),
  president: z.string().min(1),
  party: z.string().min(1),
});

/** An address to work on. */
export const Address = AddressFacts.extend({ text: z.string().min(1) });

/** Facts of an address whose text was cleaned. */
export const CleanFacts = AddressFacts.extend({
  /** Words of the clean text. */
  wordCount: z.int().min(0),
  /** How many notes such as "(Applause.)" were taken out, as the president did not say them. */
  audienceNotes: z.int().min(0),
});

/** An address without what the audience did. */
export const CleanAddress = CleanFacts.extend({ text: z.string().min(1) });

/** Inputs for the agents on text; joined, their contents are the clean text again. */
export const Chunks = z.array(z.object({ content: z.string().min(1) })).min(1);

/** An address in pieces that the agents on text take. */
export const SplitAddress = CleanFacts.extend({ chunks: Chunks });
