import type { Command } from "commander";

/** An option that is on or off, written with a value. */
interface ValuedFlag {
  readonly name: string;
  /** As it was written. */
  readonly got: string;
}

/** What Commander calls an unknown option, where only its value is too much; undefined where it is unknown indeed. */
export function valuedFlag(called: Command, said: string): ValuedFlag | undefined {
  const { got, name } = /'(?<got>(?<name>--[^=]+)=[^]*)'$/.exec(said)?.groups ?? {};
  if (got === undefined || name === undefined) return undefined;
  for (let one: Command | null = called; one !== null; one = one.parent) {
    if (one.options.some(({ long }) => long === name)) return { name, got };
  }
  return undefined;
}
