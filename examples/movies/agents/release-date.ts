/** The day a film came out, of a text as "Jun 12 1998" whose year was once written with two digits. */
import { AtomicError, defineAgent } from "@atomic-agents/core";
import * as z from "zod";

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export const releaseDate = defineAgent({
  name: "release-date",
  description: "Reads the day a film came out, and puts a year from the future back into its century.",
  input: z.object({
    text: z.string().describe("as in Jun 12 1998"),
    latestYear: z.int().describe("the last year of which the list knows"),
  }),
  output: z.object({ day: z.iso.date(), year: z.int(), wasMended: z.boolean() }),
  execute: ({ text, latestYear }) => {
    const [, month = "", day = "", written = ""] = /^([A-Z][a-z]{2}) (\d{2}) (\d{4})$/.exec(text) ?? [];
    const number = months.indexOf(month) + 1;
    if (number === 0) {
      throw new AtomicError("EXECUTION", `no day can be read from ${JSON.stringify(text)}`, {
        details: { thrown: text },
        retryable: false,
      });
    }
    // 39 became 2039, where 1939 was meant.
    const wasMended = Number(written) > latestYear;
    const year = wasMended ? Number(written) - 100 : Number(written);
    return { day: `${year}-${String(number).padStart(2, "0")}-${day}`, year, wasMended };
  },
});
