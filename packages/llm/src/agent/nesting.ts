import { AtomicError, callersOf, configError, type Context } from "@atomic-agents/core";

/** How deep agents that are language models may ask each other as tools: each of them may do so again and again. */
const maxDepth = 10;

/** A conversation that a run goes on with: nobody else can before the run has ended. */
export interface Conversation {
  /** The history, or the store that it is in. */
  readonly owner: object;
  /** Which one of the store. */
  readonly key: string;
}

/** What each run that is under way is part of; undefined for one that remembers nothing. */
const underWay = new WeakMap<Context, Conversation | undefined>();

/**
 * Notes that a run of an agent has begun, which others may ask from within.
 *
 * @throws AtomicError `CONFIG` for a run that would wait for the conversation of one that waits for it, and for one that
 *   is too deep within others
 */
export function enterRun(name: string, ctx: Context, conversation: Conversation | undefined): void {
  let depth = 1;
  for (const caller of callersOf(ctx)) {
    if (!underWay.has(caller)) continue;
    depth++;
    if (isSame(underWay.get(caller), conversation)) throw waitsForItself(name);
  }
  if (depth > maxDepth) {
    const hint =
      "Does an agent call itself as a tool, perhaps by way of others? Leave it out of their tools.";
    throw configError(`Agent "${name}"`, "depth", `at most ${maxDepth} agents that ask models`, depth, hint);
  }
  underWay.set(ctx, conversation);
}

function isSame(held: Conversation | undefined, wanted: Conversation | undefined): boolean {
  return held !== undefined && held.owner === wanted?.owner && held.key === wanted.key;
}

function waitsForItself(name: string): AtomicError<"CONFIG"> {
  const message = `Agent "${name}" was asked from within its own conversation, which goes on only when this one has ended`;
  const details = {
    path: "history",
    expected: "a conversation that no caller is in",
    got: "one that a caller is in",
  };
  return new AtomicError("CONFIG", message, {
    details,
    hint: "Leave the agent out of its own tools, or let them have one without history and sessions.",
  });
}
