import { type Agent, type AnyAgent, isAgent } from "../agent.ts";
import type { Context } from "../context.ts";
import type { AtomicError } from "../errors/atomic-error.ts";
import { configError } from "../errors/config-error.ts";
import { asAtomicError } from "../errors/to-atomic-error.ts";
import type { Policy } from "../policy.ts";
import { Frame } from "./frame.ts";
import type { FramePlace } from "./frame-parts.ts";
import type { Program } from "./program.ts";
import type { Scope } from "./scope.ts";
import { stepOf } from "./step-of.ts";

/** Who is told the outcome of one use of a stage: exactly one of the two is called, once, perhaps at once. */
export interface StageListener<in TOutput> {
  /** `isPartial` says whether parts of it failed, and their failures are part of the output. */
  readonly resolve: (output: TOutput, isPartial: boolean) => void;
  /** `attempts` is how many calls of the agent were made. */
  readonly reject: (error: AtomicError, attempts: number) => void;
}

/** An agent under a policy, ready to be run many times as part of a run. */
export interface BoundStage<in TInput, out TOutput> {
  readonly id: string;
  readonly agent: string;
  /** Runs the agent as part of the run that `ctx` belongs to; never throws. */
  readonly run: (input: TInput, ctx: Context, listener: StageListener<TOutput>) => void;
}

/** How many uses of a stage earn the run one more retry. */
const usesPerRetry = 5;
/** Uses that the retries every run has are enough for. */
const freeUses = 50;

/**
 * Binds an agent to a stage id and a policy, for code that runs it over many records as part of one run. Uses do not
 * show in the run's events and report; a failure names the stage. Every five uses allow the run one more retry,
 * so that retries stay below a fifth of the calls, and what a use has left to be undone is forgotten when it succeeds.
 *
 * @throws AtomicError `CONFIG` for a wrong policy
 * @example
 * ```ts
 * const shout = defineAgent({
 *   name: "shout",
 *   description: "Turns text into capitals.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: (text) => text.toUpperCase(),
 * });
 * const stage = bindStage(shout, "loud", { timeoutMs: 1_000 });
 * const all = defineAgent({
 *   name: "all",
 *   description: "Shouts twice.",
 *   input: z.string(),
 *   output: z.array(z.string()),
 *   execute: async (text, ctx) => {
 *     const use = () =>
 *       new Promise<string>((resolve, reject) => stage.run(text, ctx, { resolve, reject }));
 *     return [await use(), await use()];
 *   },
 * });
 * console.log(await all.run("ho")); // => [ 'HO', 'HO' ]
 * ```
 */
export function bindStage<TInput, TOutput>(
  agent: Agent<TInput, TOutput>,
  id: string,
  policy?: Policy,
): BoundStage<TInput, TOutput> {
  if (!isAgent(agent))
    throw configError("bindStage", "agent", "an agent", agent, "Make one with defineAgent.");
  return new Bound(agent, id, policy);
}

class Bound implements BoundStage<unknown, unknown> {
  readonly id: string;
  readonly agent: string;
  readonly run: (input: unknown, ctx: Context, listener: StageListener<never>) => void;
  private uses = 0;
  /** That of the use before: uses by one context have one place. */
  private place: FramePlace | undefined = undefined;
  /** That of the use before, which another may have. */
  private spare: Frame | undefined = undefined;

  constructor(agent: AnyAgent, id: string, policy: Policy | undefined) {
    this.id = id;
    this.agent = agent.name;
    const step = stepOf(agent, id, policy);
    const mayRetry = step.retry !== undefined;
    // What takes no context cannot tell whose it is. Rest and default parameters are not counted: one alone says so.
    const seesContext = step.guarded !== undefined || step.execute.length !== 1;
    const program: Program = {
      agent: agent.name,
      staged: true,
      isComposite: false,
      isPlain: false,
      steps: [step],
    };
    this.run = (input, ctx, listener) => {
      // A context is a scope: nothing else makes one.
      const asked = ctx as Scope;
      const parent = asked["~frame"];
      const { place } = this;
      if (
        place === undefined ||
        place.asked !== asked ||
        place.index !== parent.index ||
        asked.ended !== undefined
      ) {
        try {
          // What is spawned has a place. Nobody sees when one of many records was worked on.
          const made = parent.spawn(asked, program, undefined, false).place as FramePlace;
          this.place = { ...made, isTimed: false };
        } catch (thrown) {
          listener.reject(asAtomicError(thrown), 0);
          return;
        }
      }
      const { spare } = this;
      this.spare = undefined;
      const frame =
        spare !== undefined && spare.place === this.place && spare.renew()
          ? spare
          : new Frame(program, parent.env, this.place, undefined);
      if (mayRetry && ++this.uses > freeUses && this.uses % usesPerRetry === 0) parent.root.retriesLeft++;
      // What comes out has passed the output schema.
      frame.enterFor(input, listener as StageListener<unknown>);
      if (!seesContext && frame.isSettled) this.spare = frame;
      // A run over any number of records must not keep something of each.
      const undos = parent.rare?.undos;
      if (undos !== undefined) undos.length = 0;
    };
  }
}
