import {
  AtomicError,
  type MaybePromise,
  type ResourceSet,
  type RunOptions,
  type RunOrigin,
} from "@atomic-agents/core";
import {
  type DeadLetter,
  defineSink,
  type Flow,
  type FlowRun,
  type FlowStage,
  planRedrive,
  type Sink,
  toDeadLetters,
} from "@atomic-agents/flow";
import { join } from "node:path";
import type { TextDocument } from "../files/text-document.ts";
import type { Problem } from "../files/problem.ts";
import type { Project } from "../project/project.ts";
import { appendingSink } from "./appending-sink.ts";
import { lateSink } from "./late-sink.ts";
import type { LoadFlowOptions } from "./load-flow-options.ts";
import type { FlowPlan } from "./plan-flow.ts";
import type { OutputPlan } from "./plan-output.ts";
import type { SinkOf } from "./plan-stage.ts";
import { pathInRun, redriveFile, runIdMark, safeName } from "./run-file.ts";

/** A plan in which nothing is wrong. */
type SoundPlan = FlowPlan & { readonly make: NonNullable<FlowPlan["make"]> };

/** What a loaded flow is made of. */
export interface LoadedFlowParts {
  readonly project: Project;
  readonly document: TextDocument;
  readonly plan: SoundPlan;
  readonly options: LoadFlowOptions;
}

/** How a loaded flow is run. */
export interface StartOptions {
  /** Options of the run. The project's resources are filled in unless there are others. */
  readonly run?: RunOptions | undefined;
  /** The arguments of the command that starts it, kept with the run. */
  readonly args?: readonly string[] | undefined;
}

/** How dead letters are driven through a flow once more. */
export interface RedriveOptions extends StartOptions {
  /** Only letters of this stage. */
  readonly stage?: string | undefined;
  /** Also where the flow has changed since. */
  readonly force?: boolean | undefined;
  /** Adds the output to what is there; else it goes to files of its own beside it. */
  readonly append?: boolean | undefined;
}

/** Dead letters on their way through a flow. */
export interface RedriveRun {
  readonly run: FlowRun;
  /** The absolute paths of the files that it writes. */
  readonly outputs: readonly string[];
  /** The absolute path of the letters that fail again; undefined in a dry run. */
  readonly deadLetters: string | undefined;
}

/** How many records a dry run reads. */
const dryRunLimit = 10;

/**
 * The flow of a flow file, ready to be run, any number of times. Each run has the project's resources of its own, which
 * are let go of behind it: `close` waits for that.
 */
export class LoadedFlow implements AsyncDisposable {
  readonly name: string;
  /** The flow file, relative to the project's directory. */
  readonly file: string;
  readonly description: string | undefined;
  /** The flow without its sink. */
  readonly flow: Flow<unknown>;
  /** Changes with what decides what becomes of a record: mappings, predicates, schema, agents; not with policies and paths. */
  readonly hash: string;
  readonly stages: readonly FlowStage[];
  /** Where its records come from, for people. */
  readonly source: string;
  /** Where they go, for people. */
  readonly sink: string;
  /** The absolute paths of the files that a run writes, those of its dead letters aside. */
  readonly outputs: readonly string[];
  /** Whether it writes records to standard output. */
  readonly writesStdout: boolean;
  readonly isDryRun: boolean;
  /** How many records are read at most. */
  readonly limit: number | undefined;
  /** What may go wrong, as far as it can be told before. */
  readonly warnings: readonly Problem[];
  private readonly parts: LoadedFlowParts;
  private readonly last: OutputPlan;
  /** The absolute path of its dead letters, with a mark for the run's id. */
  private readonly letters: string | undefined;
  private readonly closings: Promise<void>[] = [];

  constructor(parts: LoadedFlowParts) {
    const { plan, document, options, project } = parts;
    const { source, outputs } = plan;
    const sink = outputs.at(-1);
    if (source === undefined || sink === undefined)
      throw new Error("unreachable: a sound flow has both ends");
    this.parts = parts;
    this.last = sink;
    this.name = plan.name;
    this.file = document.file;
    this.description = plan.description;
    this.isDryRun = options.dryRun !== undefined;
    this.limit = options.limit ?? (this.isDryRun ? dryRunLimit : undefined);
    this.flow = plan.make(this.isDryRun ? nowhere : ownSink, this.limit);
    this.hash = this.flow.hash;
    this.stages = this.flow.stages;
    this.source = source.label;
    this.sink = sink.label;
    this.outputs = this.isDryRun ? [] : outputs.flatMap(({ file }) => file ?? []);
    this.writesStdout = !this.isDryRun && outputs.some(({ isStdout }) => isStdout);
    this.warnings = plan.problems;
    const folder = join(".atomic", "dead-letters", safeName(plan.name));
    this.letters = this.isDryRun
      ? undefined
      : (plan.deadLetters ?? join(project.pathOf(folder, "output"), `${runIdMark}.jsonl`));
  }

  /** The absolute path of a run's dead letters, which is there when it has any; undefined in a dry run. */
  deadLettersOf(runId: string): string | undefined {
    return this.letters === undefined ? undefined : pathInRun(this.letters, runId);
  }

  /**
   * Begins to run the flow; returns before anything is read.
   *
   * @throws AtomicError `CONFIG` for wrong options of the run
   */
  start(options: StartOptions = {}): FlowRun {
    return this.begin(this.flow, ownSink, options, { outputs: this.outputs, letters: this.letters }).run;
  }

  /**
   * Begins to drive dead letters through the flow once more, each from where it failed. The output goes to files of its
   * own beside those of the flow, named after this run, unless it is to be appended; letters that fail again go to a file
   * of this run.
   *
   * @param lettersFile the absolute path of a file of dead letters
   * @throws AtomicError `CONFIG` when the letters are not those of this flow, the flow has changed (unless forced), or
   * they failed behind a stage that needs all records
   */
  async redrive(lettersFile: string, options: RedriveOptions = {}): Promise<RedriveRun> {
    const { outputs, ...plan } = this.parts.plan;
    const { stage, force, append = false, ...others } = options;
    const chosen = { stage, force };
    const indivisible = outputs.find(({ isAppendable }) => !isAppendable);
    if (append && indivisible !== undefined) throw notAppendable(indivisible);
    const sinkOf: SinkOf = append ? sinkThatAdds : redriveSink;
    const flow = plan.make(this.isDryRun ? nowhere : sinkOf, undefined);
    await planRedrive(flow, lettersFile, chosen);
    return this.begin(flow.redrive(lettersFile, chosen), sinkOf, others, {
      outputs: append ? this.outputs : this.outputs.map(redriveFile),
      // The letters that are read must stay: those that fail again go elsewhere.
      letters: plan.deadLetters === undefined || this.isDryRun ? this.letters : redriveFile(plan.deadLetters),
    });
  }

  /**
   * Waits for the ends of all runs, and until their resources are let go of.
   *
   * @throws AtomicError `RESOURCE` when one could not be disposed of
   */
  async close(): Promise<void> {
    await Promise.all(this.closings);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private begin(
    flow: Flow<unknown>,
    sinkOf: SinkOf,
    { run: given, args }: StartOptions,
    files: RunFiles,
  ): RedriveRun {
    const { project, options } = this.parts;
    const { directory, profile, settings } = project;
    const { dryRun } = options;
    const sink = dryRun === undefined ? sinkOf(this.last) : givingTo(this.last.label, dryRun.onOutput);
    // What is kept with the run: the names of its files follow as soon as its id is known.
    const origin: { -readonly [TKey in keyof RunOrigin]: RunOrigin[TKey] } = {
      file: this.file,
      directory,
      profile,
      args,
      limit: this.limit,
      dryRun: this.isDryRun ? true : undefined,
    };
    const resources =
      given?.resources !== undefined
        ? undefined
        : project.createResources({ clock: given?.clock, log: given?.log });
    const run = flow.start(sink, {
      deadLetters: files.letters === undefined ? undefined : lettersTo(files.letters),
      alerts: settings.alerts,
      origin,
      run: { ...given, resources: given?.resources ?? resources },
    });
    if (resources !== undefined) this.closeBehind(run, resources);
    const outputs = files.outputs.map((path) => pathInRun(path, run.id));
    const deadLetters = files.letters === undefined ? undefined : pathInRun(files.letters, run.id);
    origin.outputs = outputs;
    origin.deadLetters = deadLetters;
    return { run, outputs, deadLetters };
  }

  private closeBehind({ summary }: FlowRun, resources: ResourceSet): void {
    const closing = summary.then(() => resources.close());
    this.closings.push(closing);
    // Who does not wait for it is not to hear of it as an unhandled failure.
    closing.catch(() => {});
  }
}

/** What a run writes, with a mark for its id. */
interface RunFiles {
  readonly outputs: readonly string[];
  readonly letters: string | undefined;
}

function ownSink(output: OutputPlan): Sink<unknown> {
  return named(output.label, output.make());
}

function sinkThatAdds(output: OutputPlan): Sink<unknown> {
  const { file, label } = output;
  return file === undefined ? ownSink(output) : appendingSink(label, file, output.make);
}

/** A file of a redrive's own; what is no file is given the records as ever. */
function redriveSink(output: OutputPlan): Sink<unknown> {
  const { file, label } = output;
  if (file === undefined) return ownSink(output);
  const target = redriveFile(file);
  return lateSink(redriveFile(label), (runId) => output.make(pathInRun(target, runId)));
}

function nowhere({ label }: OutputPlan): Sink<unknown> {
  return givingTo(label, () => {});
}

function givingTo(name: string, give: (record: unknown) => MaybePromise<void>): Sink<unknown> {
  const write = async (records: readonly unknown[]): Promise<void> => {
    for (const record of records) {
      const giving = give(record);
      if (giving !== undefined) await giving;
    }
  };
  return defineSink({ name, open: () => ({ write }) });
}

function lettersTo(path: string): Sink<DeadLetter> {
  return lateSink(path, (runId) => toDeadLetters(pathInRun(path, runId)));
}

/** A sink under the name that people know it by. */
function named(name: string, sink: Sink<unknown>): Sink<unknown> {
  return { ...sink, name };
}

function notAppendable({ label }: OutputPlan): AtomicError<"CONFIG"> {
  return new AtomicError("CONFIG", `Nothing can be added to ${JSON.stringify(label)}: it is one whole`, {
    details: { path: "append", expected: "an output of lines: jsonl or text", got: label },
    hint: "Leave append out: the output then goes to a file of its own beside it.",
  });
}
