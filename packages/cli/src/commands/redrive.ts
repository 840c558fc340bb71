import type { RunRecord, RunStore } from "@atomic-agents/core";
import {
  loadFlow,
  type LoadedFlow,
  type LoadFlowOptions,
  openProject,
  openRunStore,
  type Project,
  runStateOf,
} from "@atomic-agents/project";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { allRuns } from "../runs/all-runs.ts";
import { clearLeftFiles } from "../runs/clear-left-files.ts";
import { findRun } from "../runs/find-run.ts";
import { checkModel, meteredResources } from "../runs/metered-resources.ts";
import { finishRun } from "../runs/finish-run.ts";
import { checkStdout } from "../runs/check-stdout.ts";
import { redriveStore } from "../runs/redrive-store.ts";
import { chainOf, type RunChain } from "../runs/run-chain.ts";
import { openLetters } from "../runs/run-letters.ts";
import { showProblems } from "../runs/show-problems.ts";
import { watchedRun } from "../runs/watched-run.ts";
import type { Session } from "../terminal/session.ts";
import { UsageError } from "../usage-error.ts";
import { type FlowRunOptions, logFor } from "./run-flow.ts";

/** Options of `atomic redrive`. */
export interface RedriveOptions extends FlowRunOptions {
  /** Only the letters that failed at this stage. */
  readonly stage?: string;
  /** Do it although something speaks against it. */
  readonly force?: boolean;
  /** Add to the output of the run. */
  readonly append?: boolean;
}

/**
 * `atomic redrive`: takes the records that failed in a run through the flow again, each from the stage where it failed.
 *
 * @throws UsageError where that would be wrong, CommandFailure when it fails
 */
export async function redriveCommand(id: string, options: RedriveOptions, session: Session): Promise<void> {
  const { config, profile, stage, force = false, append = false, json = false } = options;
  const { signal } = session.interruption;
  const opened = await openProject({ config, profile });
  const store = openRunStore(opened);
  try {
    const record = await findRun(store, id);
    const chain = await chainOf(store, record);
    if (!force) checkRedrive(record, chain, stage);
    const letters = await openLetters(record);
    const project = await projectOf(record, opened, options);
    const loaded = await showProblems(project.directory, options, session, () =>
      loadAsBefore(project, chain.records[0] ?? record, {
        concurrency: options.concurrency,
        moduleTimeoutMs: options.loadTimeout,
        signal,
      }),
    );
    const { resources, uses } = meteredResources(project, options.model, logFor(project, options, session));
    try {
      checkStdout(loaded);
      await checkModel(project, options.model);
      await clearLeftFiles(store, loaded.outputs, logFor(project, options, session));
      if (append && !force) await checkOutputs(store, chain, loaded.outputs);
      // Another process may have begun the same meanwhile: it is looked for again before anything is done.
      const rivalry = new AbortController();
      let refused: UsageError | undefined;
      const asking = redriveStore(store, record.report.runId, async ({ report }) => {
        if (force) return;
        const now = await chainOf(store, record);
        const redrivenBy = now.redrivenBy.filter((other) => other.report.runId !== report.runId);
        try {
          checkRedrive(record, { ...now, redrivenBy }, stage);
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
          refused = error;
          rivalry.abort(error);
        }
      });
      const redrive = await loaded.redrive(letters, {
        stage,
        force,
        append,
        args: process.argv.slice(2),
        run: {
          signal: AbortSignal.any([signal, rivalry.signal]),
          store: asking,
          timeoutMs: options.timeout,
          log: logFor(project, options, session),
          resources,
        },
      });
      const watched = await watchedRun(redrive.run, session, json);
      if (refused !== undefined) {
        // It was there only to be seen by the other one: nobody is to find it as the last run.
        await store.delete(redrive.run.id);
        throw refused;
      }
      await finishRun(
        watched,
        {
          name: loaded.name,
          design: loaded.stages,
          directory: project.directory,
          files: redrive.outputs,
          lettersFile: redrive.deadLetters,
          writesStdout: loaded.writesStdout,
          isDryRun: false,
          before: chain.family.flatMap(({ flow }) => (flow === undefined ? [] : [flow.counts])),
          models: uses,
          options,
        },
        session,
      );
    } finally {
      await loaded.close();
      await resources.close();
    }
  } finally {
    store.close();
  }
}

/** @throws UsageError for a run of which nothing is to be done again, or not like this */
function checkRedrive(record: RunRecord, { redrivenBy }: RunChain, stage: string | undefined): void {
  const { report, flow } = record;
  const of = `${report.runId} of ${report.agent}`;
  const refuse = (message: string, hint: string): never => {
    throw new UsageError(message, { where: "<run>", got: report.runId, hint });
  };
  if (flow === undefined) return refuse(`Run ${of} is no run of a flow`, "atomic dead-letters list");
  const again = `Run it again: atomic run ${flow.name}`;
  const state = runStateOf(record);
  if (state === "running" || state === "pending") {
    return refuse(`Run ${of} is still running`, "Wait for its end, or cancel it.");
  }
  if (!flow.published) {
    return refuse(
      `Run ${of} wrote no output: it was ${state}`,
      `${again}; --force re-drives its dead letters all the same.`,
    );
  }
  const current = redrivenBy.find(
    (other) => runStateOf(other) === "running" && isOfSame(stage, stageOf(other)),
  );
  if (current !== undefined) {
    return refuse(
      `Run ${of} is being re-driven, by ${current.report.runId}`,
      "Wait for its end; --force re-drives all the same, so that records may be delivered twice.",
    );
  }
  const later = redrivenBy.findLast(
    (other) => other.flow?.published === true && isOfSame(stage, stageOf(other)),
  );
  if (later === undefined) return;
  const { runId } = later.report;
  const rest = later.flow?.letters ?? 0;
  return refuse(
    `Run ${of} was re-driven already, by ${runId}`,
    rest > 0
      ? `What failed again then is re-driven with: atomic redrive ${runId}; --force re-drives all once more.`
      : "Nothing of it failed again; --force re-drives all once more.",
  );
}

/** @throws UsageError where the files to which is to be added are not those that the run wrote */
async function checkOutputs(store: RunStore, chain: RunChain, files: readonly string[]): Promise<void> {
  const first = chain.records[0];
  if (first === undefined) return;
  const of = `${first.report.runId} of ${first.report.agent}`;
  const refuse = (message: string): never => {
    throw new UsageError(message, {
      where: "--append",
      got: first.report.runId,
      hint: "Leave --append out: the output then goes to a file of its own; --force adds all the same.",
    });
  };
  const gone = files.find((file) => !existsSync(file));
  if (gone !== undefined) return refuse(`The output of run ${of} is not there any more: ${gone}`);
  const family = new Set(chain.family.map(({ report }) => report.runId));
  const end = endOf(first);
  for await (const other of allRuns(store)) {
    const { flow, report } = other;
    const isLater = endOf(other) >= end && report.runId !== first.report.runId;
    if (!isLater || family.has(report.runId) || flow?.published !== true) continue;
    const file = flow.origin?.outputs?.find((path) => files.includes(path));
    if (file !== undefined) {
      return refuse(`Run ${report.runId} of ${report.agent} has written ${file} since run ${of}`);
    }
  }
}

function endOf({ report }: RunRecord): number {
  return report.startedAtMs + report.durationMs;
}

/** Whether two re-drives, each of a stage or of all, took the same letters. */
function isOfSame(stage: string | undefined, other: string | undefined): boolean {
  return stage === undefined || other === undefined || stage === other;
}

/** The stage whose letters a re-drive took; undefined for all. */
function stageOf({ flow }: RunRecord): string | undefined {
  const args = flow?.origin?.args ?? [];
  const option = "--stage";
  const at = args.indexOf(option);
  return at >= 0 ? args[at + 1] : args.find((arg) => arg.startsWith(`${option}=`))?.slice(option.length + 1);
}

/** The project as it was for the run: with its profile, unless another is asked for. */
async function projectOf(
  record: RunRecord,
  opened: Project,
  { config, profile }: RedriveOptions,
): Promise<Project> {
  const before = record.flow?.origin?.profile;
  if (profile !== undefined || before === undefined || before === opened.profile) return opened;
  return openProject({ config, profile: before });
}

/** The flow as it was for the run that read the records: with its output, where that was another one. */
async function loadAsBefore(
  project: Project,
  record: RunRecord,
  options: LoadFlowOptions,
): Promise<LoadedFlow> {
  const loaded = await loadFlow(project, flowOf(record), options);
  const files = loaded.outputs;
  const before = record.flow?.origin?.outputs ?? files;
  if (before.length === files.length && before.at(-1) === files.at(-1)) return loaded;
  await loaded.close();
  const output = before.length < files.length ? "-" : before.at(-1);
  return loadFlow(project, flowOf(record), { ...options, output });
}

/** The flow's file, or else its name. */
function flowOf({ report, flow }: RunRecord): string {
  const { file, directory } = flow?.origin ?? {};
  if (file === undefined) return report.agent;
  return directory === undefined ? file : resolve(directory, file);
}
