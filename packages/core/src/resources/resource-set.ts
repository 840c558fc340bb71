import type { AtomicError } from "../errors/atomic-error.ts";
import { configError } from "../errors/config-error.ts";
import { checkKeys } from "../limits.ts";
import { defaultLog, type Log } from "../log.ts";
import { isThenable } from "../maybe-promise.ts";
import type { Scope } from "../run/scope.ts";
import type { Clock } from "../time/clock.ts";
import { systemClock } from "../time/system-clock.ts";
import { closedError } from "./closed-error.ts";
import { Maker } from "./maker.ts";
import { isResource, type Resource } from "./resource.ts";
import { resourceError } from "./resource-error.ts";
import { ResourcePool } from "./resource-pool.ts";
import { SharedResource } from "./shared-resource.ts";
import { untilGivenUp } from "./until-given-up.ts";

/** What a set of resources can be given. */
export interface ResourcesOptions {
  /**
   * What agents get in a resource's place, mostly in tests: as it is, without the resource's `bind`, and it is not
   * disposed of.
   */
  readonly overrides?: readonly (readonly [Resource<unknown>, unknown])[] | undefined;
  /** What waits are measured by; the computer's clock when absent. */
  readonly clock?: Clock | undefined;
  /** Told of what could not be disposed of; warnings and errors on standard error when absent. */
  readonly log?: Log | undefined;
}

/**
 * Live resources, made when they are first used and kept until the set is closed. See `createResources`.
 */
export class ResourceSet implements AsyncDisposable {
  readonly #overrides: ReadonlyMap<Resource<unknown>, unknown>;
  readonly #maker: Maker;
  readonly #kept = new Map<Resource<unknown>, SharedResource | ResourcePool>();
  #closing: Promise<readonly AtomicError<"RESOURCE">[]> | undefined;

  constructor(options: ResourcesOptions = {}) {
    checkKeys("createResources", options, ["overrides", "clock", "log"]);
    const { overrides = [], clock = systemClock, log = defaultLog() } = options;
    if (!Array.isArray(overrides)) {
      throw configError("createResources", "overrides", "a list of [resource, value]", overrides);
    }
    for (const [index, pair] of (overrides as readonly unknown[]).entries()) {
      if (!Array.isArray(pair) || pair.length !== 2 || !isResource(pair[0])) {
        throw configError("createResources", `overrides[${index}]`, "[resource, value]", pair);
      }
    }
    if (typeof clock?.now !== "function") throw configError("createResources", "clock", "a Clock", clock);
    if (typeof log?.info !== "function") throw configError("createResources", "log", "a Log", log);
    this.#overrides = new Map(overrides as readonly (readonly [Resource<unknown>, unknown])[]);
    this.#maker = new Maker(clock, log);
  }

  /** How many live things it holds. */
  get size(): number {
    return this.#maker.size;
  }

  /** What an attempt gets of a resource. Not part of the public interface. */
  async "~use"(asked: Resource<unknown>, ctx: Scope): Promise<unknown> {
    if (!isResource(asked)) {
      throw configError(
        "ctx.use",
        "its argument",
        "a resource",
        asked,
        "Make one with resource(name, { create }).",
      );
    }
    if (this.#overrides.has(asked)) return this.#overrides.get(asked);
    const value = await this.#valueOf(asked, ctx);
    const { bind, timeoutMs } = asked["~resource"];
    if (bind === undefined) return value;
    try {
      // What the resource's own `create` gave.
      const bound = bind(value as never, ctx);
      if (!isThenable(bound)) return bound;
      const late = (): Error => new Error(`bind took longer than ${timeoutMs} ms`);
      return await untilGivenUp(ctx, bound, { timeoutMs, late });
    } catch (thrown) {
      ctx.throwIfEnded();
      throw resourceError(asked.name, "bind", thrown);
    }
  }

  /**
   * Disposes of everything, the last thing that was made first; each has its own `timeoutMs`. What cannot be disposed
   * of does not stop the others. A set that is closed makes nothing more.
   *
   * @throws AtomicError `RESOURCE` when something could not be disposed of; the others are in `cause`
   */
  async close(): Promise<void> {
    const [first, ...others] = await this["~dispose"]();
    if (first === undefined) return;
    if (others.length === 0) throw first;
    throw first.with({ cause: new AggregateError([first, ...others], "several resources failed") });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Disposes of everything, and gives what went wrong. Not part of the public interface. */
  "~dispose"(): Promise<readonly AtomicError<"RESOURCE">[]> {
    if (this.#closing === undefined) {
      for (const kept of this.#kept.values()) if (kept instanceof ResourcePool) kept.close();
      this.#closing = this.#maker.close();
    }
    return this.#closing;
  }

  #valueOf(asked: Resource<unknown>, ctx: Scope): unknown {
    if (this.#closing !== undefined) throw closedError(asked.name, "create");
    let kept = this.#kept.get(asked);
    if (kept === undefined) {
      const { pool } = asked["~resource"];
      kept =
        pool === undefined
          ? new SharedResource(asked, this.#maker)
          : new ResourcePool(asked, pool, this.#maker);
      this.#kept.set(asked, kept);
    }
    return kept.use(ctx);
  }
}

/** Each value must be what its resource gives. */
type CheckedOverrides<TOverrides extends readonly (readonly [Resource<unknown>, unknown])[]> = {
  readonly [K in keyof TOverrides]: TOverrides[K] extends readonly [Resource<infer TBound>, unknown]
    ? readonly [TOverrides[K][0], TBound]
    : never;
};

/**
 * Makes a set of resources that runs share: give it to them as `resources`, and close it at the end.
 *
 * @throws AtomicError `CONFIG` for a wrong option
 * @example
 * ```ts
 * const log: string[] = [];
 * const db = resource("db", {
 *   create: () => ({ find: (word: string) => word.length }),
 *   dispose: () => void log.push("closed"),
 * });
 * const find = defineAgent({
 *   name: "find",
 *   description: "Looks something up.",
 *   input: z.string(),
 *   output: z.number(),
 *   execute: async (word, ctx) => (await ctx.use(db)).find(word),
 * });
 * const resources = createResources();
 * await find.run("one", { resources });
 * await find.run("three", { resources }); // the same one
 * await resources.close();
 * console.log(log); // => [ 'closed' ]
 *
 * const fake = createResources({ overrides: [[db, { find: () => 42 }]] });
 * console.log(await find.run("one", { resources: fake })); // => 42
 * ```
 */
export function createResources<
  const TOverrides extends readonly (readonly [Resource<unknown>, unknown])[] = readonly [],
>(
  options: Omit<ResourcesOptions, "overrides"> & {
    readonly overrides?: (TOverrides & CheckedOverrides<TOverrides>) | undefined;
  } = {},
): ResourceSet {
  return new ResourceSet(options);
}
