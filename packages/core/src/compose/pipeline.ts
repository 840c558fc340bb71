import {
  type AnySchema,
  anything,
  canParseOnce,
  type InferInput,
  type InferOutput,
  isSchema,
  unionOf,
} from "@atomic-agents/contracts";
import { type Agent, type AnyAgent, isAgent } from "../agent.ts";
import { agentFunctions, checkName, nextAgentId } from "../base-agent.ts";
import type { Context } from "../context.ts";
import { checkCard, defineAgent } from "../define-agent.ts";
import { AtomicError } from "../errors/atomic-error.ts";
import { configError } from "../errors/config-error.ts";
import { checkKeys } from "../limits.ts";
import type { Middleware } from "../middleware.ts";
import type { OnError, Policy } from "../policy.ts";
import type { Primitive, Returns } from "../returns.ts";
import type { Program, Step } from "../run/program.ts";
import { resolvePolicy } from "../run/resolve-policy.ts";
import { stepOf } from "../run/step-of.ts";
import { withMiddleware } from "../run/with-middleware.ts";

/** What a pipeline can be given besides its name. */
export interface PipelineOptions {
  readonly description?: string | undefined;
  readonly version?: string | undefined;
  readonly capabilities?: readonly string[] | undefined;
}

/** What `.map` can be given besides its function and schema. */
export interface MapOptions {
  /** The stage's id; `map`, then `map-2` and so on, when absent. */
  readonly id?: string | undefined;
}

/** What follows a stage: what it gives and, where its policy may pass, what it was given. */
type AfterStage<TInput, TNext, TOnError extends OnError> = TNext | ("pass" extends TOnError ? TInput : never);

/*
 * One signature for each number of arguments. Were there two for the same number, the compiler would say of a misfit
 * only why the last of them does not take it, which is seldom the one that was meant.
 */

/** A pipeline without stages: it cannot be run yet. */
export interface EmptyPipeline {
  /** Adds the first stage. */
  readonly stage: {
    <TInput, TNext>(agent: Agent<TInput, TNext>): Pipeline<TInput, TNext>;
    <TFirst extends string | AnyAgent, TInput, TNext, TOnError extends OnError = "stop">(
      agentOrId: TFirst,
      policyOrAgent: TFirst extends string ? Agent<TInput, TNext> : Policy<TOnError> | undefined,
    ): TFirst extends Agent<infer TFirstInput, infer TFirstNext>
      ? Pipeline<TFirstInput, AfterStage<TFirstInput, TFirstNext, TOnError>>
      : Pipeline<TInput, TNext>;
    <TInput, TNext, TOnError extends OnError = "stop">(
      id: string,
      agent: Agent<TInput, TNext>,
      policy: Policy<TOnError> | undefined,
    ): Pipeline<TInput, AfterStage<TInput, TNext, TOnError>>;
  };
  /** Puts a middleware around every stage. */
  readonly use: (middleware: Middleware) => EmptyPipeline;
}

/**
 * Agents in sequence: each takes what the one before gives. A pipeline is an agent and an immutable value; `stage`,
 * `map` and `use` give a new one.
 *
 * Its input schema is its first stage's, its output schema its last stage's; a last stage with `onError: "pass"`
 * adds its own input to that.
 */
export interface Pipeline<in TInput, out TOutput> extends Agent<TInput, TOutput> {
  /**
   * Adds a stage: an agent, an id and an agent, either with a policy after it. Its id is the agent's name unless one is
   * given; ids are unique in a pipeline.
   *
   * @throws AtomicError `CONFIG` for an id used twice or a wrong policy
   */
  readonly stage: {
    <TNext>(agent: Agent<TOutput, TNext>): Pipeline<TInput, TNext>;
    <TFirst extends string | Agent<TOutput, unknown>, TNext, TOnError extends OnError = "stop">(
      agentOrId: TFirst,
      policyOrAgent: TFirst extends string ? Agent<TOutput, TNext> : Policy<TOnError> | undefined,
    ): Pipeline<
      TInput,
      AfterStage<TOutput, TFirst extends Agent<never, infer TFirstNext> ? TFirstNext : TNext, TOnError>
    >;
    <TNext, TOnError extends OnError = "stop">(
      id: string,
      agent: Agent<TOutput, TNext>,
      policy: Policy<TOnError> | undefined,
    ): Pipeline<TInput, AfterStage<TOutput, TNext, TOnError>>;
  };
  /** Adds a stage that adapts the value with a function; what it returns is parsed by `schema`. */
  readonly map: <TSchema extends AnySchema, TLiteral extends Primitive = never>(
    adapt: (value: TOutput, ctx: Context) => Returns<InferInput<TSchema>, TLiteral>,
    schema: TSchema,
    options?: MapOptions,
  ) => Pipeline<TInput, InferOutput<TSchema>>;
  /** Puts a middleware around every stage, those before it too. The first one that was given is the outermost. */
  readonly use: (middleware: Middleware) => Pipeline<TInput, TOutput>;
}

/** One stage as it was written. */
interface StageEntry {
  readonly id: string;
  readonly agent: AnyAgent;
  readonly policy: Policy | undefined;
  /** A function of `.map`: its input was checked by the stage before. */
  readonly isMap: boolean;
}

interface Plan {
  readonly name: string;
  readonly options: PipelineOptions;
  readonly stages: readonly StageEntry[];
  readonly middlewares: readonly Middleware[];
}

/**
 * Begins a pipeline.
 *
 * @throws AtomicError `CONFIG` for a bad name
 * @example
 * ```ts
 * const clean = defineAgent({
 *   name: "clean",
 *   description: "Trims text.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: (text) => text.trim(),
 * });
 * const countWords = defineAgent({
 *   name: "count-words",
 *   description: "Counts words.",
 *   input: z.string(),
 *   output: z.number(),
 *   execute: (text) => text.split(" ").length,
 * });
 * const tidyCount = pipeline("tidy-count").stage(clean).stage(countWords, { timeoutMs: 1_000 });
 * console.log(await tidyCount.run(" two words ")); // => 2
 * ```
 */
export function pipeline(name: string, options: PipelineOptions = {}): EmptyPipeline {
  checkName("pipeline", "name", name);
  checkOptions(`Pipeline "${name}"`, options);
  // A plan without stages has no `run`; the type says so too.
  return build({ name, options, stages: [], middlewares: [] }) as unknown as EmptyPipeline;
}

/** Composes agents that are known only at run time: each boundary is checked when a value passes it. */
export function pipelineOf(
  name: string,
  agents: readonly AnyAgent[],
  options: PipelineOptions = {},
): Pipeline<unknown, unknown> {
  checkName("pipelineOf", "name", name);
  checkOptions(`Pipeline "${name}"`, options);
  if (!Array.isArray(agents) || agents.length === 0) {
    throw configError(`Pipeline "${name}"`, "agents", "a list of at least one agent", agents);
  }
  let plan: Plan = { name, options, stages: [], middlewares: [] };
  for (const agent of agents) {
    const id = isAgent(agent) ? freeId(plan, agent.name) : undefined;
    plan = withStage(plan, id === undefined ? [agent] : [id, agent]);
  }
  return build(plan) as unknown as Pipeline<unknown, unknown>;
}

function checkOptions(what: string, options: PipelineOptions): void {
  checkKeys(what, options, ["description", "version", "capabilities"]);
  const { description = "A pipeline.", version, capabilities } = options;
  checkCard(what, { description, version, capabilities, input: anything(), output: anything() });
}

function build(plan: Plan): object {
  const builders = {
    stage: (...given: readonly unknown[]) => build(withStage(plan, given)),
    use: (middleware: Middleware) => {
      if (typeof middleware !== "function") {
        throw configError(`Pipeline "${plan.name}"`, "use", "a middleware", middleware);
      }
      return build({ ...plan, middlewares: [...plan.middlewares, middleware] });
    },
  };
  const first = plan.stages[0];
  const last = plan.stages.at(-1);
  if (first === undefined || last === undefined) return Object.freeze(builders);
  const { description, version = "1.0.0", capabilities = [] } = plan.options;
  return Object.freeze({
    id: nextAgentId(plan.name),
    name: plan.name,
    version,
    description: description ?? `Pipeline: ${plan.stages.map((stage) => stage.id).join(" → ")}.`,
    capabilities: Object.freeze([...capabilities]),
    input: first.agent.input,
    output: outputOf(plan.stages),
    ...agentFunctions<never, unknown>({
      kind: "pipeline",
      program: () => programOf(plan),
      parts: new Map(plan.stages.map((stage) => [stage.id, stage.agent])),
    }),
    ...builders,
    map: (adapt: unknown, schema: unknown, options?: MapOptions) =>
      build(withMap(plan, adapt, schema, options)),
  });
}

function withStage(plan: Plan, given: readonly unknown[]): Plan {
  const what = `Pipeline "${plan.name}"`;
  const named = typeof given[0] === "string";
  const agent = named ? given[1] : given[0];
  // Checked below, in `resolvePolicy`.
  const policy = (named ? given[2] : given[1]) as Policy | undefined;
  if (!isAgent(agent) && !looksLikeAgent(agent)) {
    throw configError(
      what,
      `stage ${plan.stages.length + 1}`,
      "an agent",
      agent,
      "Make one with defineAgent, or adapt a value with .map(fn, schema).",
    );
  }
  const id = named ? given[0] : agent.name;
  checkName(what, "stage id", id);
  resolvePolicy(`${what}, stage "${id}"`, policy);
  return addStage(plan, { id, agent, policy, isMap: false });
}

function looksLikeAgent(value: unknown): value is AnyAgent {
  return (
    typeof value === "object" &&
    value !== null &&
    "run" in value &&
    typeof value.run === "function" &&
    "name" in value &&
    "input" in value &&
    isSchema(value.input) &&
    "output" in value &&
    isSchema(value.output)
  );
}

function withMap(plan: Plan, adapt: unknown, schema: unknown, options: MapOptions = {}): Plan {
  const what = `Pipeline "${plan.name}"`;
  if (typeof adapt !== "function") throw configError(what, "map", "a function", adapt);
  checkKeys(`${what}, map`, options, ["id"]);
  const id = options.id ?? freeId(plan, "map");
  checkName(what, "map id", id);
  const before = outputOf(plan.stages);
  const agent = defineAgent({
    name: id,
    description: `Adapts what comes before it in ${plan.name}.`,
    input: before,
    // Checked by defineAgent; the function's types were checked where `.map` was called.
    output: schema as AnySchema,
    execute: adapt as (value: unknown, ctx: Context) => never,
  });
  return addStage(plan, { id, agent, policy: undefined, isMap: true });
}

function freeId(plan: Plan, wanted: string): string {
  const taken = new Set(plan.stages.map((stage) => stage.id));
  let id = wanted;
  for (let count = 2; taken.has(id); count++) id = `${wanted}-${count}`;
  return id;
}

function addStage(plan: Plan, stage: StageEntry): Plan {
  if (plan.stages.some((other) => other.id === stage.id)) {
    throw new AtomicError("CONFIG", `Pipeline "${plan.name}" has two stages with the id "${stage.id}"`, {
      details: { path: "stage id", expected: "an id that is unique in the pipeline", got: stage.id },
      hint: `Give the second one an id of its own: .stage("${freeId(plan, stage.id)}", agent).`,
    });
  }
  return { ...plan, stages: [...plan.stages, stage] };
}

/** The last stage's output; while stages at the end pass on failure, what came before them as well. */
function outputOf(stages: readonly StageEntry[]): AnySchema {
  const last = stages.at(-1);
  if (last === undefined) throw new Error("unreachable: a pipeline without stages has no output");
  if (last.policy?.onError !== "pass") return last.agent.output;
  const before = stages.length === 1 ? last.agent.input : outputOf(stages.slice(0, -1));
  return unionOf([last.agent.output, before]);
}

function programOf(plan: Plan): Program {
  const steps = plan.stages.map((stage) => stepOf(stage.agent, stage.id, stage.policy));
  const shared = steps.map((step, index) => isParsedBefore(plan, steps, index, step));
  return {
    agent: plan.name,
    staged: true,
    isComposite: false,
    isPlain: false,
    steps: steps.map((step, index) => {
      const stage = plan.stages[index];
      if (stage === undefined || shared[index] === true) return { ...step, input: undefined };
      if (stage.isMap && !isCheckedAgain(plan, step)) step = { ...step, input: undefined };
      return withMiddleware(step, plan.middlewares, {
        pipeline: plan.name,
        id: stage.id,
        agent: stage.agent,
      });
    }),
  };
}

/**
 * Whether a stage's input needs no parse because the stage before has just parsed it by the same schema. Not where
 * a middleware lies between, nor where the input is used again after a failure: the parse is also the copy that keeps
 * one attempt's changes from the next.
 */
function isParsedBefore(plan: Plan, steps: readonly Step[], index: number, step: Step): boolean {
  const before = steps[index - 1];
  if (before === undefined || plan.middlewares.length > 0) return false;
  if (step.input === undefined || before.output === undefined || before.onError === "pass") return false;
  if (step.retry !== undefined || step.onError === "pass") return false;
  return step.inputSchema === before.outputSchema && canParseOnce(step.inputSchema);
}

/**
 * A function of `.map` gets what the stage before gave, parsed; its types were checked where it was written. Only a
 * middleware may have put something else in its place: that is parsed where a second parse changes nothing.
 */
function isCheckedAgain(plan: Plan, step: Step): boolean {
  return plan.middlewares.length > 0 && canParseOnce(step.inputSchema);
}
