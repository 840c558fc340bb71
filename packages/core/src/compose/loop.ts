import type { Agent } from "../agent.ts";
import type { Context } from "../context.ts";
import { AtomicError } from "../errors/atomic-error.ts";
import { configError } from "../errors/config-error.ts";
import { checkCount, checkKeys } from "../limits.ts";
import { isThenable, type MaybePromise } from "../maybe-promise.ts";
import type { Program } from "../run/program.ts";
import { programOfPart, withinTime } from "../run/step-of.ts";
import type { Scope } from "../run/scope.ts";
import { checkNoCard, checkPart, compositeKeys, type CompositeOptions, makeComposite } from "./composite.ts";

/** When a loop ends. */
export interface LoopSettings<in TOutput> {
  /**
   * Says whether the loop is done; asked after each round, with the round's output and its number, counted from 1. May
   * be async.
   */
  readonly until: (output: TOutput, round: number, ctx: Context) => MaybePromise<boolean>;
  /** How many rounds it may take; 100. */
  readonly maxRounds?: number | undefined;
}

const defaultMaxRounds = 100;

/**
 * Runs an agent on its own output, again and again, until a condition holds; gives the last output. The first round
 * takes the loop's input, so the agent has to take what it gives.
 *
 * Rounds run one after the other, at least one. A round that fails ends the loop; nothing is begun after it is
 * cancelled. In stage paths a round is named by its number. A policy around the agent holds for each round, one around
 * the loop for all of them together.
 *
 * @throws AtomicError at run time `LOOP_LIMIT` when the condition does not hold after `maxRounds`, `CONFIG` when it is
 * neither true nor false; `CONFIG` for a wrong argument
 * @example
 * ```ts
 * const halve = defineAgent({
 *   name: "halve",
 *   description: "Halves a number.",
 *   input: z.number(),
 *   output: z.number(),
 *   execute: (number) => number / 2,
 * });
 * const shrink = loop(halve, { until: (number) => number < 1, maxRounds: 20 });
 * console.log(await shrink.run(10)); // => 0.625
 * ```
 */
export function loop<TInput, TOutput extends TInput>(
  agent: Agent<TInput, TOutput>,
  settings: LoopSettings<TOutput>,
  options: CompositeOptions = {},
): Agent<TInput, TOutput> {
  checkPart("loop", agent);
  checkNoCard("loop", settings);
  checkKeys("loop", settings, ["until", "maxRounds"]);
  checkKeys("loop", options, compositeKeys);
  const { until, maxRounds = defaultMaxRounds } = settings;
  if (typeof until !== "function") throw configError("loop", "until", "a function", until);
  checkCount("loop", "maxRounds", maxRounds);
  // The agent takes and gives what the types say; the loop only hands its values on.
  return makeComposite({
    what: "loop",
    kind: "loop",
    options,
    optionKeys: [],
    description: `Runs ${agent.name} on its own output until it is done.`,
    input: agent.input,
    output: agent.output,
    parts: new Map([[agent.name, agent]]),
    execute: () => {
      const program = programOfPart(agent, agent.name);
      return (input: unknown, ctx: Scope) => new Rounds(program, until as Until, maxRounds, ctx).begin(input);
    },
  }) as Agent<TInput, TOutput>;
}

type Until = (output: unknown, round: number, ctx: Context) => unknown;

/** One loop on its way. */
class Rounds {
  private readonly program: Program;
  private readonly until: Until;
  private readonly maxRounds: number;
  private readonly ctx: Scope;
  private round = 0;

  constructor(program: Program, until: Until, maxRounds: number, ctx: Scope) {
    this.program = program;
    this.until = until;
    this.maxRounds = maxRounds;
    this.ctx = ctx;
  }

  /** Runs without a promise as long as nothing has to be waited for. */
  begin(input: unknown): unknown {
    let value = input;
    for (;;) {
      const output = this.run(value);
      if (isThenable(output)) return this.goOn(output, undefined);
      const done = this.ask(output);
      if (isThenable(done)) return this.goOn(output, done);
      if (this.isOver(done)) return output;
      value = output;
    }
  }

  /** Goes on from the first wait, for a round or for the condition. A chain of `then` would grow with each round. */
  private async goOn(running: unknown, asked: PromiseLike<unknown> | undefined): Promise<unknown> {
    let output = isThenable(running) ? await running : running;
    let done = asked ?? this.askAfterWait(output);
    while (!this.isOver(isThenable(done) ? await done : done)) {
      const next = this.run(output);
      output = isThenable(next) ? await next : next;
      done = this.askAfterWait(output);
    }
    return output;
  }

  private askAfterWait(output: unknown): unknown {
    this.ctx.throwIfEnded();
    return this.ask(output);
  }

  /** @throws AtomicError also `CANCELLED` when nobody waits for the loop any more */
  private run(input: unknown): unknown {
    this.round++;
    const { ctx, program } = this;
    return ctx["~frame"].spawn(ctx, program, String(this.round), true).enter(input);
  }

  private ask(output: unknown): unknown {
    return withinTime(this.until(output, this.round, this.ctx), this.ctx);
  }

  /** @throws AtomicError `LOOP_LIMIT` after the last round, `CONFIG` */
  private isOver(done: unknown): boolean {
    const { agent } = this.ctx["~frame"].program;
    if (typeof done !== "boolean") {
      throw configError(`Loop "${agent}"`, "what until gives", "true or false", done, "Is a return missing?");
    }
    if (done) return true;
    if (this.round < this.maxRounds) return false;
    const { maxRounds } = this;
    const rounds = maxRounds === 1 ? "1 round" : `${maxRounds} rounds`;
    throw new AtomicError("LOOP_LIMIT", `"${agent}" was not done after ${rounds}`, {
      details: { maxRounds },
      hint: "Correct until or what the agent does to reach it, or raise maxRounds.",
    });
  }
}
