import { type Agent, AtomicError, type Context, defineAgent, sleep, withUndo } from "@atomic-agents/core";
import type { Resource } from "@atomic-agents/core";
import { scriptedSchema } from "./scripted-schema.ts";
import type { Effect } from "./simulated-run.ts";
import type { Guarded, World } from "./world.ts";

/** Something that a resource of the simulation gives. */
export interface SimulatedResource {
  readonly name: string;
  /** How many attempts may use it at a time. */
  readonly users: number;
  isDisposed: boolean;
}

interface LeafParts {
  readonly world: World;
  readonly name: string;
  readonly guarded: Guarded;
  readonly canBeUndone: boolean;
  readonly resource: Resource<SimulatedResource> | undefined;
}

/** An undo that waits has its own timer, and its deadline. */
const withDeadline = 2;

/** What a leaf does in one call. */
const deeds = [
  "at-once",
  "at-once",
  "microtasks",
  "waits",
  "waits",
  "waits-deaf",
  "throws",
  "rejects",
  "limited",
  "breaks-contract",
  "hangs",
  "hangs-deaf",
] as const;

/** An agent that does something else each time, as the seed has it, and checks what it is called with. */
export function simulatedLeaf({
  world,
  name,
  guarded,
  canBeUndone,
  resource,
}: LeafParts): Agent<unknown, unknown> {
  const { random } = world;
  /** What was done, by the output that says so; each output is another string. */
  const effects = new Map<unknown, Effect>();
  const isFlaky = random.chance(0.5);
  const leaf = defineAgent({
    name,
    description: "Does what the seed says.",
    input: scriptedSchema(random.chance(0.1)),
    output: scriptedSchema(random.chance(0.1)),
    execute: (input, ctx) => {
      const leave = world.enter(name, input, ctx, guarded);
      // Given up on is over, whether the work listens or not.
      ctx.signal.addEventListener("abort", leave, { once: true });
      const over = (): void => {
        leave();
        ctx.signal.removeEventListener("abort", leave);
      };
      const finish = (): unknown => {
        const isAbandoned = ctx.signal.aborted;
        over();
        const output = `${String(input)}>${name}`;
        if (!canBeUndone) return output;
        const effect = world.did(world.runOf(ctx).tag, name, isAbandoned);
        const marked = `${output}!${effect.id}`;
        effects.set(marked, effect);
        return marked;
      };
      const deed = isFlaky ? random.pick(deeds) : random.pick(deeds.slice(0, 6));
      if (random.chance(0.2)) ctx.emit("deed", deed);
      if (random.chance(0.1)) ctx.partial(`${String(input)}>…`);
      if (random.chance(0.1)) ctx.setMetadata("last", name);
      if (random.chance(0.01)) world.runOf(ctx).cancelNow?.();
      try {
        if (random.chance(0.2)) ctx.budget.spend({ calls: 1 });
        if (resource !== undefined) return withResource(world, resource, ctx, finish, over);
        return perform(deed, ctx, world, finish, over);
      } catch (thrown) {
        over();
        throw thrown;
      }
    },
  });
  if (!canBeUndone) return leaf;
  return withUndo(leaf, async (output, _input, ctx) => {
    const effect = effects.get(output);
    if (effect === undefined) {
      world.violate(`${name} was asked to undo ${JSON.stringify(output)}, which it never gave`);
      return;
    }
    if (ctx.signal.aborted) world.violate(`${name} was undone with a signal that had aborted`);
    world.undo(effect);
    if (random.chance(0.3)) await world.wait(ctx, random.between(0, 40), withDeadline);
    if (random.chance(0.1)) throw new Error("cannot be undone");
  });
}

function perform(
  deed: (typeof deeds)[number],
  ctx: Context,
  world: World,
  finish: () => unknown,
  over: () => void,
): unknown {
  const { random } = world;
  const delayMs = random.pick([0, 1, 3, 10, 30, 100]);
  const fail = (thrown: unknown): never => {
    over();
    throw thrown;
  };
  switch (deed) {
    case "at-once":
      return finish();
    case "microtasks":
      return Promise.resolve().then(() => Promise.resolve().then(finish));
    case "waits":
      return sleep(delayMs, ctx).then(finish, fail);
    case "waits-deaf":
      return world.wait(ctx, delayMs).then(finish);
    case "throws":
      throw new Error("busy");
    case "rejects":
      return sleep(delayMs, ctx).then(() => fail(new Error("refused")), fail);
    case "limited":
      throw new AtomicError("RATE_LIMITED", "too many", { details: { retryAfterMs: delayMs } });
    case "breaks-contract":
      over();
      return "BAD";
    case "hangs":
      return new Promise((_resolve, reject) => {
        ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason as Error), { once: true });
      });
    case "hangs-deaf":
      return new Promise(() => {});
  }
}

async function withResource(
  world: World,
  resource: Resource<SimulatedResource>,
  ctx: Context,
  finish: () => unknown,
  over: () => void,
): Promise<unknown> {
  try {
    const used = await ctx.use(resource);
    // Given up on between the answer and this line: somebody else has it by now.
    ctx.signal.throwIfAborted();
    if (used.isDisposed) world.violate(`${used.name} was lent after it was disposed of`);
    const release = world.hold(used, used.users, `${used.name} for`);
    ctx.signal.addEventListener("abort", release, { once: true });
    try {
      await sleep(world.random.between(0, 20), ctx);
    } finally {
      release();
      ctx.signal.removeEventListener("abort", release);
    }
    return finish();
  } catch (thrown) {
    over();
    throw thrown;
  }
}
