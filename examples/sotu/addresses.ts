import { defineSource } from "@atomic-agents/flow";
import { loadAddresses } from "./dataset.ts";

/** One address as somebody else's program might hand it over: with its year as a text. */
const poisonedYear = 1863;

/** Every address, oldest first; one of them poisoned, to show what becomes of such a record. */
export const addresses = defineSource<unknown>({
  name: "State of the Union addresses",
  read: function* (reader) {
    const all = loadAddresses();
    reader.setSize({ records: all.length });
    for (const address of all) {
      yield address.year === poisonedYear ? { ...address, year: `A.D. ${address.year}` } : address;
    }
  },
});
