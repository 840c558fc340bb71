import { createLog } from "@atomic-agents/core";
import { loadFlow, openRunStore, type Project } from "@atomic-agents/project";
import { toJsonText } from "../output/json.ts";
import { writeOutput } from "../output/write-output.ts";
import { logWriter } from "../terminal/log-writer.ts";
import type { Session } from "../terminal/session.ts";
import { checkStdout } from "../runs/check-stdout.ts";
import { clearLeftFiles } from "../runs/clear-left-files.ts";
import { checkModel, meteredResources } from "../runs/metered-resources.ts";
import { finishRun } from "../runs/finish-run.ts";
import { showProblems } from "../runs/show-problems.ts";
import { TreeMetrics } from "../runs/tree-metrics.ts";
import { watchedRun } from "../runs/watched-run.ts";
import type { ProjectOptions } from "./project-options.ts";

/** Options of the commands that run flows. */
export interface FlowRunOptions extends ProjectOptions {
  /** Dead letters are a failure. */
  readonly failOnDeadLetter?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Milliseconds. */
  readonly loadTimeout?: number;
  readonly concurrency?: number;
  /** The model in the place of all. */
  readonly model?: string;
}

/** Options of `atomic run` for a flow. */
export interface RunFlowOptions extends FlowRunOptions {
  readonly limit?: number;
  readonly dryRun?: boolean;
  readonly input?: string;
  readonly output?: string;
  readonly deadLetters?: string;
  /** Say at the end what was counted of the agents and their stages. */
  readonly metrics?: boolean;
}

/** Runs a flow of a project, shows how it goes, and tells how it went. @throws CommandFailure when it fails */
export async function runFlow(
  project: Project,
  name: string,
  options: RunFlowOptions,
  session: Session,
): Promise<void> {
  const { json = false, limit, dryRun = false, input, output, deadLetters, concurrency, timeout } = options;
  const { signal } = session.interruption;
  const loaded = await showProblems(project.directory, options, session, () =>
    loadFlow(project, name, {
      limit,
      dryRun: dryRun ? { onOutput: printRecord } : undefined,
      input,
      output,
      deadLetters,
      concurrency,
      moduleTimeoutMs: options.loadTimeout,
      signal,
    }),
  );
  await checkModel(project, options.model);
  const store = openRunStore(project);
  const { resources, uses } = meteredResources(project, options.model, logFor(project, options, session));
  const metrics = options.metrics === true ? new TreeMetrics() : undefined;
  try {
    checkStdout({ writesStdout: loaded.writesStdout || dryRun });
    const log = logFor(project, options, session);
    await clearLeftFiles(store, loaded.outputs, log);
    const run = loaded.start({
      args: process.argv.slice(2),
      // What is only tried leaves nothing behind.
      run: {
        signal,
        store: dryRun ? undefined : store,
        timeoutMs: timeout,
        log,
        resources,
        metrics,
      },
    });
    const watched = await watchedRun(run, session, json);
    await finishRun(
      watched,
      {
        name: loaded.name,
        design: loaded.stages,
        directory: project.directory,
        files: loaded.outputs,
        lettersFile: loaded.deadLettersOf(run.id),
        writesStdout: loaded.writesStdout || dryRun,
        isDryRun: dryRun,
        before: [],
        models: uses,
        metrics: metrics === undefined ? undefined : () => metrics.summary(),
        options,
      },
      session,
    );
  } finally {
    await loaded.close();
    await resources.close();
    store.close();
  }
}

/** What agents and the flow itself log goes to standard error. */
export function logFor(project: Project, { logLevel, verbose }: ProjectOptions, { status }: Session) {
  const level = logLevel ?? (verbose === true ? "info" : project.settings.logLevel);
  return createLog({ level, write: logWriter(status) });
}

function printRecord(record: unknown): Promise<void> {
  return writeOutput(toJsonText(record), "-");
}
