import { type AnySchema, anything, isSchema } from "@atomic-agents/contracts";
import { type Agent, AtomicError, type Context, defineAgent } from "@atomic-agents/core";
import { checkKeys, configError } from "../config-error.ts";
import { isThenable } from "../is-thenable.ts";
import { checkTable, type Table } from "./table.ts";

/** How records are looked up, and what is put into them. At least one of `as` and `fields` is said. */
export interface LookupOptions<
  TRecord,
  TKey,
  TFound,
  TAs extends string = string,
  TField extends string = string,
  TMissing extends "keep" | "error" = "keep" | "error",
> {
  /** By what something is found; null, or a key of which a part is null, finds nothing, and nobody is asked. */
  readonly by: (record: TRecord) => TKey | null | undefined;
  /** The key under which what was found is put: all of it. */
  readonly as?: TAs | undefined;
  /** Keys of what was found, by the names that they get in the record. One that is missing is null. */
  readonly fields?: Readonly<Record<TField, KeyIn<TFound>>> | undefined;
  /** What becomes of a record of which nothing is found: `keep` puts null there, `error` fails it; `keep`. */
  readonly onMissing?: TMissing | undefined;
  /** Whether keys that are there already may be replaced; false: such a record fails. */
  readonly replace?: boolean | undefined;
  /** Checks each record, as any agent's input. */
  readonly input?: AnySchema | undefined;
  /** The agent's name; `lookup` unless said. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

type KeyIn<TFound> = unknown extends TFound ? string : keyof TFound & string;

/** A record with what was found. */
export type LookedUp<
  TRecord,
  TFound,
  TAs extends string,
  TField extends string,
  TMissing extends "keep" | "error",
> = TRecord & {
  readonly [TName in TAs]: TMissing extends "error" ? TFound : TFound | null;
} & {
  readonly [TName in TField]: TFound[keyof TFound] | null;
};

const keys = ["by", "as", "fields", "onMissing", "replace", "input", "name", "description"];

/**
 * An agent that looks up something of each record in a table (`tableOf`, `sqliteTable`, `httpTable`, `defineTable`) and puts
 * it under a name. It is an agent as any other: how many records are looked up at a time, how long that may take and what
 * becomes of those that fail is said where it is used. Records without anything found can be left out by a filter behind it.
 *
 * @throws AtomicError `CONFIG` for wrong options
 * @example
 * ```ts
 * const countries = tableOf(
 *   fromIterable([
 *     { code: "FR", name: "France", euro: true },
 *     { code: "PL", name: "Poland", euro: false },
 *   ]),
 *   { key: "code" },
 * );
 * interface Order { id: number; land: string }
 * const withCountry = lookup(countries, { by: ({ land }: Order) => land, fields: { country: "name" } });
 * const orders: Order[] = [{ id: 1, land: "PL" }, { id: 2, land: "XX" }];
 * const got: unknown[] = [];
 * await flow(fromIterable(orders)).through(withCountry).to(toArray(got));
 * console.log(got[0]); // => { id: 1, land: 'PL', country: 'Poland' }
 * console.log(got[1]); // => { id: 2, land: 'XX', country: null }
 * ```
 */
export function lookup<
  TRecord,
  TKey,
  TFound,
  const TAs extends string = never,
  const TField extends string = never,
  TMissing extends "keep" | "error" = "keep",
>(
  table: Table<TKey, TFound>,
  options: LookupOptions<TRecord, NoInfer<TKey>, NoInfer<TFound>, TAs, TField, TMissing>,
): Agent<TRecord, LookedUp<TRecord, TFound, TAs, TField, TMissing>> {
  const what = "lookup";
  checkTable(what, table);
  checkKeys(what, options, keys);
  const { by, input = anything(), name = "lookup", description } = options;
  if (typeof by !== "function") throw configError(what, "by", "a function", by, hintForKeys(by));
  if (!isSchema(input)) throw configError(what, "input", "a schema", input);
  const merge = mergeWith(what, table.name, options);
  const { find } = table["~table"];
  const agent = defineAgent({
    name,
    description: description ?? `Looks up records in ${table.name}.`,
    capabilities: ["data-enrichment"],
    input,
    output: anything(),
    execute: (record: unknown, ctx: Context): unknown => {
      // The schema has taken it, or it is what the caller's type says.
      const key = by(record as TRecord);
      if (isMissing(key)) return merge(record, undefined, key);
      const found = find(key, ctx);
      if (isThenable(found)) return found.then((late) => merge(record, late, key));
      return merge(record, found, key);
    },
  });
  // What it merges is what these types say.
  return agent as unknown as Agent<TRecord, LookedUp<TRecord, TFound, TAs, TField, TMissing>>;
}

/** What to write in the place of keys, which other operators take. */
function hintForKeys(by: unknown): string | undefined {
  const keys: readonly unknown[] = Array.isArray(by) ? by : [by];
  if (keys.length === 0 || !keys.every((key) => typeof key === "string")) return undefined;
  const members = keys.map((key) =>
    /^[A-Za-z_]\w*$/.test(key) ? `record.${key}` : `record[${JSON.stringify(key)}]`,
  );
  const value = Array.isArray(by) ? `[${members.join(", ")}]` : members.join("");
  return `Write a function that reads it: by: (record) => ${value}.`;
}

/** Whether a key, or a part of one, is missing. */
function isMissing(key: unknown): key is null | undefined {
  if (key === null || key === undefined) return true;
  if (typeof key !== "object") return false;
  return Object.values(key).some((part) => part === null || part === undefined);
}

type Merge = (record: unknown, found: unknown, key: unknown) => unknown;

function mergeWith(what: string, table: string, options: object): Merge {
  // Taken as they may be: a caller without types may have said anything.
  const {
    as,
    fields = {},
    onMissing = "keep",
    replace = false,
  } = options as { as?: unknown; fields?: unknown; onMissing?: unknown; replace?: unknown };
  if (as !== undefined && !isName(as)) throw configError(what, "as", "the name of a key", as);
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw configError(what, "fields", "an object", fields);
  }
  const pairs = Object.entries(fields).map(([name, from]: [string, unknown]): readonly [string, string] => {
    if (!isName(name)) throw configError(what, "fields", "an object with names of keys", name);
    if (typeof from !== "string") throw configError(what, `fields.${name}`, "the name of a key", from);
    if (name === as) throw configError(what, `fields.${name}`, "another name than as", name);
    return [name, from];
  });
  const names = [...(as === undefined ? [] : [as]), ...pairs.map(([name]) => name)];
  if (names.length === 0) throw configError(what, "as", "said, or fields", undefined);
  if (onMissing !== "keep" && onMissing !== "error") {
    throw configError(what, "onMissing", "keep or error", onMissing);
  }
  if (typeof replace !== "boolean") throw configError(what, "replace", "true or false", replace);
  return (record, found, key) => {
    if (typeof record !== "object" || record === null || Array.isArray(record)) {
      throw failure("The record is no object, so that nothing can be put under a key of it");
    }
    if (!replace) {
      for (const name of names) {
        if (!Object.hasOwn(record, name)) continue;
        const hint = "Choose another name, or say replace: true.";
        throw failure(`The record has a key ${JSON.stringify(name)} already`, hint);
      }
    }
    if (found === undefined && onMissing === "error") {
      throw failure(`There is nothing of ${shown(key)} in ${table}`, 'With onMissing: "keep" it gets null.');
    }
    const merged: Record<string, unknown> = { ...record };
    if (as !== undefined) merged[as] = found ?? null;
    for (const [name, from] of pairs) merged[name] = memberOf(found, from);
    return merged;
  };
}

function isName(name: unknown): name is string {
  return typeof name === "string" && name !== "" && name !== "__proto__";
}

function memberOf(found: unknown, name: string): unknown {
  if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return null;
  return (found as Readonly<Record<string, unknown>>)[name] ?? null;
}

const maxShownLength = 80;

function shown(key: unknown): string {
  if (key === null || key === undefined) return "a missing key";
  const text = JSON.stringify(key) ?? typeof key;
  return text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text;
}

function failure(message: string, hint?: string): AtomicError<"EXECUTION"> {
  return new AtomicError("EXECUTION", message, { details: { thrown: message }, retryable: false, hint });
}
