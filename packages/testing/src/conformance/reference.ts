import { isDeepStrictEqual } from "node:util";
import type { Result } from "@atomic-agents/core";
import { formatPath } from "../generate/format-path.ts";
import { isRecord } from "../generate/json-value.ts";
import { preview } from "../usage-error.ts";
import type { Lab } from "./lab.ts";

/** How often an agent is asked again whether what differs differs by itself. */
const maxRuns = 5;

/**
 * What an agent makes of an input when it is run alone, to hold other ways of running it against. An output may differ
 * from run to run, as a duration does: where it does so alone, it may elsewhere.
 */
export class Reference {
  readonly #lab: Lab;
  readonly #input: unknown;
  readonly #seen: OutcomeView[] = [];

  private constructor(lab: Lab, input: unknown) {
    this.#lab = lab;
    this.#input = input;
  }

  static async of(lab: Lab, input: unknown): Promise<Reference> {
    const reference = new Reference(lab, input);
    await reference.#look();
    return reference;
  }

  /** What another way of running it makes different, by its view; undefined when nothing. */
  async difference(view: OutcomeView): Promise<string | undefined> {
    let found = differenceOf(this.#seen, view, []);
    while (found !== undefined && this.#seen.length < maxRuns) {
      await this.#look();
      found = differenceOf(this.#seen, view, []);
    }
    return found;
  }

  async #look(): Promise<void> {
    this.#seen.push(viewOf(await this.#lab.tryRun(this.#input)));
  }
}

/** What of an outcome is compared. Of a failure its code counts: its message and ids are those of one run. */
export type OutcomeView = { readonly output: unknown } | { readonly code: string };

export function viewOf(result: Result<unknown>): OutcomeView {
  return result.ok ? { output: result.output } : { code: result.error.code };
}

function differenceOf(
  known: readonly unknown[],
  other: unknown,
  keys: readonly PropertyKey[],
): string | undefined {
  const [first] = known;
  const isSame = known.every((value) => isDeepStrictEqual(value, first));
  if (isSame && isDeepStrictEqual(first, other)) return undefined;
  if (known.every(isRecord)) {
    if (!isRecord(other)) return isSame ? told(keys, first, other) : undefined;
    return inEntries(known, other, keys);
  }
  if (known.every((value) => Array.isArray(value)) && Array.isArray(other)) {
    const lengths = new Set(known.map((value) => value.length));
    if (lengths.size > 1) return undefined;
    if (!lengths.has(other.length)) return told(keys, first, other);
    return firstOf(other.keys(), (index) =>
      differenceOf(
        known.map((value: readonly unknown[]) => value[index]),
        other[index],
        [...keys, index],
      ),
    );
  }
  return isSame ? told(keys, first, other) : undefined;
}

type Entries = Readonly<Record<string, unknown>>;

function inEntries(
  known: readonly Entries[],
  other: Entries,
  keys: readonly PropertyKey[],
): string | undefined {
  const names = new Set([...known.flatMap((value) => Object.keys(value)), ...Object.keys(other)]);
  return firstOf(names, (name) => {
    const having = known.filter((value) => Object.hasOwn(value, name));
    // What is there at times may be there or not.
    if (having.length > 0 && having.length < known.length) return undefined;
    const values = known.map((value) => value[name]);
    if (having.length > 0 === Object.hasOwn(other, name))
      return differenceOf(values, other[name], [...keys, name]);
    return told([...keys, name], values[0], other[name]);
  });
}

function firstOf<TItem>(
  items: Iterable<TItem>,
  find: (item: TItem) => string | undefined,
): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function told(keys: readonly PropertyKey[], alone: unknown, other: unknown): string {
  return `${formatPath(keys) || "the outcome"} is ${preview(other)}, alone it is ${preview(alone)}`;
}
