// Imported by name, so that tools which replace the global timers do not stop the suite.
import { clearTimeout, setTimeout } from "node:timers";
import type {
  Agent,
  AnyAgent,
  Log,
  Middleware,
  Pipeline,
  Result,
  Run,
  RunOptions,
} from "@atomic-agents/core";
import { pipelineOf } from "@atomic-agents/core";
import { eventLoopTurn } from "../event-loop.ts";
import type { VirtualClock } from "../virtual-clock.ts";
import type { Inputs } from "./inputs.ts";
import { Broken } from "./verdict.ts";

/** What a lab is made of. */
export interface LabSetup {
  readonly agent: Agent<unknown, unknown>;
  readonly valid: readonly unknown[];
  readonly invalid: readonly unknown[];
  /** What more inputs are made of. */
  readonly inputs: Inputs;
  readonly runs: number;
  readonly seed: number;
  /** How long inputs are made for one behaviour, in real time. */
  readonly generateMs: number;
  readonly clock: VirtualClock | undefined;
  readonly log: Log | undefined;
  readonly onInput: ((input: unknown) => void) | undefined;
  readonly patienceMs: number;
  readonly graceMs: number;
}

/** How many turns of the event loop something that needs no time may take. */
const fewTurns = 20;

/** Where one behaviour of one agent is looked at: bounds every wait, and stops what it began. */
export class Lab {
  readonly agent: Agent<unknown, unknown>;
  readonly valid: readonly unknown[];
  readonly invalid: readonly unknown[];
  readonly inputs: Inputs;
  readonly runs: number;
  readonly seed: number;
  readonly generateMs: number;
  readonly clock: VirtualClock | undefined;
  readonly graceMs: number;
  readonly #log: Log | undefined;
  readonly #onInput: ((input: unknown) => void) | undefined;
  readonly #patienceMs: number;
  readonly #end = new AbortController();

  constructor(setup: LabSetup) {
    this.agent = setup.agent;
    this.valid = setup.valid;
    this.invalid = setup.invalid;
    this.inputs = setup.inputs;
    this.runs = setup.runs;
    this.seed = setup.seed;
    this.generateMs = setup.generateMs;
    this.clock = setup.clock;
    this.#log = setup.log;
    this.#onInput = setup.onInput;
    this.graceMs = setup.graceMs;
    this.#patienceMs = setup.patienceMs;
  }

  /** Whether the agent is a branded one that does the work itself, so that what surrounds it sees its raw output. */
  get isLeaf(): boolean {
    return brandOf(this.agent)?.kind === "agent";
  }

  /** Whether the agent is composed of others. */
  get isComposed(): boolean {
    const brand = brandOf(this.agent);
    return brand !== undefined && brand.kind !== "agent";
  }

  /** Options of a run that ends with the lab at the latest. */
  options(more: RunOptions = {}): RunOptions {
    const signals = more.signal === undefined ? [this.#end.signal] : [this.#end.signal, more.signal];
    return { ...this.surroundings(more), signal: AbortSignal.any(signals) };
  }

  /** Options of a run that has no signal but its own: whoever begins it ends it. */
  surroundings(more: RunOptions = {}): RunOptions {
    const clock = more.clock ?? this.clock;
    return {
      ...more,
      ...(clock === undefined ? {} : { clock }),
      ...(this.#log === undefined ? {} : { log: this.#log }),
    };
  }

  start(input: unknown, more?: RunOptions): Run<unknown> {
    this.#onInput?.(input);
    return this.agent.start(input, this.options(more));
  }

  tryRun(input: unknown, more?: RunOptions): Promise<Result<unknown>> {
    this.#onInput?.(input);
    return this.wait("tryRun", this.agent.tryRun(input, this.options(more)));
  }

  /** The agent as the only stage of a pipeline, with code around it. */
  within(middleware: Middleware): Pipeline<unknown, unknown> {
    const onInput = this.#onInput;
    const watched: Middleware = (next, stage) => {
      const handler = middleware(next, stage);
      return (input, ctx) => {
        onInput?.(input);
        return handler(input, ctx);
      };
    };
    return pipelineOf("conformance", [this.agent]).use(onInput === undefined ? middleware : watched);
  }

  /** The promise's outcome; fails the behaviour when that does not come. Moves the virtual clock, if there is one. */
  async wait<TValue>(what: string, promise: PromiseLike<TValue>): Promise<TValue> {
    const outcome = outcomeOf(promise);
    const settled = this.clock === undefined ? outcome : this.#onClock(what, this.clock, outcome);
    const { promise: gaveUp, stop } = after(this.#realPatienceMs);
    const first = await Promise.race([settled, gaveUp]);
    stop();
    if (first === undefined) throw new Broken(`${what}: nothing came within ${this.#realPatienceMs} ms`);
    if (!first.ok) throw first.thrown;
    return first.value;
  }

  /** The promise's outcome, which needs no time to pass. */
  async soon<TValue>(what: string, promise: PromiseLike<TValue>): Promise<TValue> {
    let outcome: Outcome<TValue> | undefined;
    void outcomeOf(promise).then((came) => {
      outcome = came;
    });
    for (let turn = 0; turn < fewTurns && outcome === undefined; turn++) await eventLoopTurn();
    if (outcome === undefined) throw new Broken(`${what}: it did not come at once`);
    if (!outcome.ok) throw outcome.thrown;
    return outcome.value;
  }

  /** Lets time pass. */
  async pause(ms: number): Promise<void> {
    if (this.clock !== undefined) {
      await this.clock.advance(ms);
      return;
    }
    await after(ms).promise;
  }

  /** Cancels what is still running. */
  async close(): Promise<void> {
    this.#end.abort(new Error("the conformance check is over"));
    await eventLoopTurn();
  }

  async #onClock<TValue>(
    what: string,
    clock: VirtualClock,
    outcome: Promise<Outcome<TValue>>,
  ): Promise<Outcome<TValue>> {
    try {
      return await clock.until(outcome, { limitMs: this.#patienceMs });
    } catch (thrown) {
      throw new Broken(`${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }

  /** A virtual clock gives up by itself; this is for an event loop that something else keeps busy. */
  get #realPatienceMs(): number {
    return this.clock === undefined ? this.#patienceMs : 60_000;
  }
}

interface Brand {
  readonly kind: string;
}

function brandOf(agent: AnyAgent): Brand | undefined {
  // What is tried may be no agent of this library at all.
  return (agent as { readonly "~atomic"?: Brand })["~atomic"];
}

type Outcome<TValue> =
  | { readonly ok: true; readonly value: TValue }
  | { readonly ok: false; readonly thrown: unknown };

function outcomeOf<TValue>(promise: PromiseLike<TValue>): Promise<Outcome<TValue>> {
  return Promise.resolve(promise).then(
    (value) => ({ ok: true, value }),
    (thrown: unknown) => ({ ok: false, thrown }),
  );
}

/** Resolves after so much real time, or never once it is stopped. */
export function after(ms: number): { readonly promise: Promise<undefined>; readonly stop: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  return { promise, stop: () => clearTimeout(timer) };
}
