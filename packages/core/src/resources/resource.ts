import { configError } from "../errors/config-error.ts";
import { checkCount, checkKeys, checkMs } from "../limits.ts";
import type { Context } from "../context.ts";
import type { Log } from "../log.ts";
import type { MaybePromise } from "../maybe-promise.ts";
import type { Clock } from "../time/clock.ts";

/** What a resource is made with. */
export interface ResourceContext {
  /** Aborts when it takes too long to be made, or what keeps it is closed meanwhile; not once it is made. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
}

/** How many of a resource there may be, each used by one attempt at a time. */
export interface ResourcePoolOptions {
  /** The most that are made. */
  readonly size: number;
  /** The longest that an attempt waits for one to be free or made; 30,000. */
  readonly maxWaitMs?: number | undefined;
  /** The most attempts that wait at a time for those that are in use; 1,000. */
  readonly maxWaiting?: number | undefined;
}

/** What a resource is made of. */
export interface ResourceDefinition<TValue, TBound = TValue> {
  /** Makes it, when it is first used. */
  readonly create: (ctx: ResourceContext) => MaybePromise<TValue>;
  /** Releases what it holds. Called once for each one that was made. */
  readonly dispose?: ((value: TValue) => MaybePromise<void>) | undefined;
  /**
   * What an attempt gets to see of it; the value itself when absent. Called each time an agent asks: here a query
   * gets its timeout from `ctx.deadline`, and a session the run's identity.
   */
  readonly bind?: ((value: TValue, ctx: Context) => MaybePromise<TBound>) | undefined;
  /** Several of them, each used by one attempt at a time; one that all share when absent. */
  readonly pool?: ResourcePoolOptions | undefined;
  /** The most that `create`, `dispose` and `bind` each may take; 30,000. */
  readonly timeoutMs?: number | undefined;
}

/** A live thing that agents use, such as a connection to a database. Agents ask for it with `ctx.use`. */
export interface Resource<out TBound> {
  readonly name: string;
  /** Not part of the public interface. */
  readonly "~resource": ResolvedResource;
  /** Only for the type. */
  readonly "~bound"?: TBound;
}

/** A definition with its defaults filled in. */
export interface ResolvedResource {
  readonly create: (ctx: ResourceContext) => unknown;
  readonly dispose: ((value: never) => unknown) | undefined;
  readonly bind: ((value: never, ctx: Context) => unknown) | undefined;
  readonly pool: Required<{ readonly [K in keyof ResourcePoolOptions]: number }> | undefined;
  readonly timeoutMs: number;
}

const definitionKeys: readonly (keyof ResourceDefinition<unknown>)[] = [
  "create",
  "dispose",
  "bind",
  "pool",
  "timeoutMs",
];
const poolKeys: readonly (keyof ResourcePoolOptions)[] = ["size", "maxWaitMs", "maxWaiting"];

/**
 * Says how a live thing is made and disposed of. Nothing is made until an agent asks for it with `ctx.use`; one that
 * fails to be made is tried anew at the next use.
 *
 * Who keeps it decides how long it lives: the run, unless it was given `resources` (see `createResources`).
 *
 * @throws AtomicError `CONFIG` for a wrong definition
 * @example
 * ```ts
 * const greetings = resource("greetings", {
 *   create: () => new Map([["en", "Hello"]]),
 *   dispose: (map) => map.clear(),
 * });
 * const greet = defineAgent({
 *   name: "greet",
 *   description: "Greets in a language.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: async (language, ctx) => (await ctx.use(greetings)).get(language) ?? "Hi",
 * });
 * console.log(await greet.run("en")); // => Hello
 * ```
 */
export function resource<TValue, TBound = TValue>(
  name: string,
  definition: ResourceDefinition<TValue, TBound>,
): Resource<TBound> {
  if (typeof name !== "string" || name.trim() === "") throw configError("resource", "name", "a text", name);
  const what = `Resource "${name}"`;
  checkKeys(what, definition, definitionKeys);
  const { create, dispose, bind, pool, timeoutMs = 30_000 } = definition;
  if (typeof create !== "function") throw configError(what, "create", "a function", create);
  if (dispose !== undefined && typeof dispose !== "function") {
    throw configError(what, "dispose", "a function", dispose);
  }
  if (bind !== undefined && typeof bind !== "function") throw configError(what, "bind", "a function", bind);
  checkMs(what, "timeoutMs", timeoutMs);
  return Object.freeze({
    name,
    "~resource": { create, dispose, bind, pool: resolvePool(what, pool), timeoutMs },
  });
}

function resolvePool(what: string, pool: ResourcePoolOptions | undefined): ResolvedResource["pool"] {
  if (pool === undefined) return undefined;
  checkKeys(`${what}, pool`, pool, poolKeys);
  const { size, maxWaitMs = 30_000, maxWaiting = 1_000 } = pool;
  if (size === undefined) throw configError(what, "pool.size", "a whole number from 1", size);
  checkCount(what, "pool.size", size);
  checkMs(what, "pool.maxWaitMs", maxWaitMs);
  checkCount(what, "pool.maxWaiting", maxWaiting, 0);
  return { size, maxWaitMs, maxWaiting };
}

/** Says whether a value is a resource. */
export function isResource(value: unknown): value is Resource<unknown> {
  return typeof value === "object" && value !== null && "~resource" in value;
}
