import type { Context, MaybePromise } from "@atomic-agents/core";
import { checkKeys, configError } from "../config-error.ts";
import { checkName } from "../source.ts";
import { asked, type AskOptions, askOptionKeys } from "./asked.ts";

/** What finds something by a key. */
export interface Table<in TKey, out TFound> {
  readonly "~table": TableInternals<TKey, TFound>;
  readonly name: string;
}

/** The brand of a table, with what a lookup needs. */
export interface TableInternals<in TKey, out TFound> {
  /** Undefined where there is nothing. */
  readonly find: (key: TKey, ctx: Context) => MaybePromise<TFound | undefined>;
}

/** How a table of one's own is asked. */
export interface TableDefinition<TKey, TFound> extends AskOptions {
  readonly name: string;
  /** What there is of the key; undefined or null where there is nothing. Its own retries, if any, are part of it. */
  readonly find: (key: TKey, ctx: Context) => MaybePromise<TFound | null | undefined>;
}

/**
 * Makes a table for `lookup` of a function that finds something by a key, and answers at once or later. What it gives is
 * kept for a while, and the same key asked for once at a time.
 *
 * @throws AtomicError `CONFIG`
 * @example
 * ```ts
 * let asked = 0;
 * const prices = defineTable({
 *   name: "prices",
 *   find: async (item: string) => {
 *     asked++;
 *     return item === "tea" ? { price: 3 } : undefined;
 *   },
 * });
 * const priced = lookup(prices, { by: (order: { item: string }) => order.item, as: "found" });
 * console.log(await priced.run({ item: "tea" })); // => { item: 'tea', found: { price: 3 } }
 * console.log(await priced.run({ item: "salt" })); // => { item: 'salt', found: null }
 * await priced.run({ item: "tea" });
 * console.log(asked); // => 2
 * ```
 */
export function defineTable<TKey, TFound>(definition: TableDefinition<TKey, TFound>): Table<TKey, TFound> {
  const what = "defineTable";
  checkKeys(what, definition, ["name", "find", ...askOptionKeys]);
  const { name, find, ...options } = definition;
  checkName(what, name);
  if (typeof find !== "function") throw configError(what, "find", "a function", find);
  return { name, "~table": { find: asked(what, name, find, options) } };
}

/** Checks what is said to be a table. @throws AtomicError `CONFIG` */
export function checkTable(what: string, table: unknown): void {
  if (typeof table !== "object" || table === null || !("~table" in table)) {
    throw configError(
      what,
      "table",
      "a table",
      table,
      "Make one with tableOf, sqliteTable, httpTable or defineTable.",
    );
  }
}
