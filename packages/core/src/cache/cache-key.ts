import type { AnyAgent } from "../agent.ts";
import { configError } from "../errors/config-error.ts";
import { checkKeys } from "../limits.ts";
import type { CacheKey } from "./cache-store.ts";
import { copyContent, hashOfContent, hashOfText, isSameContent, notContent } from "./content.ts";
import { contentText } from "./content-text.ts";
import { sha256 } from "./sha256.ts";

/** What the keys of one agent have in common. */
export interface KeySpace {
  readonly text: string;
  readonly hash: number;
}

/**
 * The space of an agent's keys.
 *
 * @param of whether the keys are made of the input, or of what the user's own function makes of it
 * @throws AtomicError `CONFIG` for a configuration that is no content
 */
export function keySpace(
  what: string,
  agent: Pick<AnyAgent, "name" | "version">,
  config: unknown,
  of: "input" | "key",
): KeySpace {
  const own = copyContent(config);
  if (own === notContent) {
    throw configError(
      what,
      "config",
      "made of texts, numbers, arrays, plain objects and the like",
      config,
      "Functions, class instances and circular structures have no content: name what they stand for.",
    );
  }
  const text = contentText([agent.name, agent.version, own, of], "sorted");
  return { text, hash: hashOfText(text) };
}

/** The key of a content; undefined when what was given is none. */
export function keyIn(space: KeySpace, content: unknown): ContentKey | undefined {
  const hash = hashOfContent(content);
  return hash === undefined ? undefined : new ContentKey(space, content, hash ^ space.hash);
}

/** A key that is compared by its content: texts are made only for a store that asks for them. */
export class ContentKey implements CacheKey {
  readonly hash: number;
  private readonly space: KeySpace;
  private content: unknown;
  private isOwn = false;
  private ownDigest: string | undefined = undefined;

  constructor(space: KeySpace, content: unknown, hash: number) {
    this.space = space;
    this.content = content;
    this.hash = hash;
  }

  /**
   * Takes a copy, so that the key stays what it is whatever becomes of the input. To be called before anybody may
   * change the input; false when the input could not be copied after all.
   */
  own(): boolean {
    if (this.isOwn) return true;
    const copy = copyContent(this.content);
    if (copy === notContent) return false;
    this.content = copy;
    this.isOwn = true;
    return true;
  }

  /** Whether what it was made of still has this key's content. */
  isStillOf(content: unknown): boolean {
    try {
      return isSameContent(content, this.content);
    } catch {
      // By now it is something that throws when it is read.
      return false;
    }
  }

  isSame(other: CacheKey): boolean {
    if (this === other) return true;
    if (this.hash !== other.hash) return false;
    // A key of another copy of this package.
    if (!(other instanceof ContentKey)) return this.text === other.text;
    return this.space.text === other.space.text && isSameContent(this.content, other.content);
  }

  get text(): string {
    return this.space.text + contentText(this.content, "sorted");
  }

  get digest(): string {
    this.ownDigest ??= sha256(this.text);
    return this.ownDigest;
  }
}

/**
 * The key under which `withCache` keeps the output for an input, to look for it in a store or to delete it there.
 * Undefined when the input is not cacheable.
 *
 * @param agent the agent that was wrapped
 * @param input as the agent's input schema gives it; with a `key` of one's own, what that gives
 * @throws AtomicError `CONFIG` for a wrong option, or a configuration that is no content
 * @example
 * ```ts
 * const store = new MemoryCache();
 * const cached = withCache(countWords, { store, config: "v2" });
 * await cached.run({ text: "to be or not to be" });
 *
 * const key = cacheKeyOf(countWords, { text: "to be or not to be" }, { config: "v2" });
 * if (key !== undefined) store.delete(key);
 * console.log(key?.text, store.size);
 * // => ["count-words","1.0.0","v2","input"]{"text":"to be or not to be"} 0
 * ```
 */
export function cacheKeyOf(
  agent: Pick<AnyAgent, "name" | "version">,
  input: unknown,
  options: CacheKeyOptions = {},
): CacheKey | undefined {
  checkKeys("cacheKeyOf", options, ["config", "of"]);
  const { config, of = "input" } = options;
  if (of !== "input" && of !== "key") throw configError("cacheKeyOf", "of", "input or key", of);
  if (typeof agent !== "object" || agent === null || typeof agent.name !== "string") {
    throw configError("cacheKeyOf", "agent", "an agent", agent);
  }
  const key = keyIn(keySpace("cacheKeyOf", agent, config, of), input);
  return key?.own() === true ? key : undefined;
}

/** How a cache was told to make its keys. */
export interface CacheKeyOptions {
  /** The `config` of the cache. */
  readonly config?: unknown;
  /** Whether `input` is an input, or what the cache's own `key` function makes of one. */
  readonly of?: "input" | "key" | undefined;
}
