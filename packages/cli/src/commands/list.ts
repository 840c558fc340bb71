import { MemoryRunStore, type RunStore } from "@atomic-agents/core";
import { loadBuiltInAgents, type Project, ProjectError } from "@atomic-agents/project";
import { availableParallelism } from "node:os";
import { styleText } from "node:util";
import { errorsElsewhere } from "../listing/errors-elsewhere.ts";
import { inTurn } from "../listing/in-turn.ts";
import { withLastRuns } from "../listing/last-runs.ts";
import type { Listed, ListedState } from "../listing/listed.ts";
import { legend, listedTable } from "../listing/listed-table.ts";
import { type Look, looksAt, ofAgent } from "../listing/look-at-project.ts";
import { toJsonText } from "../output/json.ts";
import { writeOutput } from "../output/write-output.ts";
import { withRuns } from "../runs/open-runs.ts";
import type { Session } from "../terminal/session.ts";
import { showsUnicode } from "../terminal/shows-unicode.ts";
import type { ProjectOptions } from "./project-options.ts";

/** Options of `atomic list`. */
export interface ListOptions extends ProjectOptions {
  /** Milliseconds. */
  readonly loadTimeout: number;
}

/** Each module is imported in a process of its own, and one that never ends takes a processor. */
const concurrency = Math.min(availableParallelism(), 4);
/** How many times as long as for one module all looking may take. */
const patience = 3;

/** `atomic list`: what the project has, and the agents that are built in. */
export async function listCommand(options: ListOptions, session: Session): Promise<void> {
  const nowMs = Date.now();
  const { listed, project } = await withRuns(options, async (store, opened) => {
    const looks = [...(await lookAt(opened, options, session)), ...(await builtIn(opened))];
    return { listed: await tryRuns(looks, store, nowMs, session), project: opened };
  });
  if (options.json === true) await writeOutput(toJsonText(listed), "-");
  else await show(listed, nowMs);
  // Those of agents, pipelines and flows stand in the list.
  const errors = errorsElsewhere(project);
  if (errors.length > 0) throw new ProjectError(errors);
  if (options.json !== true) advise(project, session);
}

/** What works can be told also where the runs cannot be read. */
async function tryRuns(
  looks: readonly Look[],
  store: RunStore,
  nowMs: number,
  { status }: Session,
): Promise<readonly Listed[]> {
  try {
    return await withLastRuns(looks, store, nowMs);
  } catch (error) {
    status.writeLine(
      `warning: what ran is not known: ${error instanceof Error ? error.message : String(error)}`,
    );
    return withLastRuns(looks, new MemoryRunStore(), nowMs);
  }
}

async function lookAt(
  project: Project,
  { loadTimeout }: ListOptions,
  { interruption, status }: Session,
): Promise<readonly Look[]> {
  const patienceSignal = AbortSignal.timeout(loadTimeout * patience);
  const signal = AbortSignal.any([interruption.signal, patienceSignal]);
  const jobs = looksAt(project, { timeoutMs: loadTimeout, signal });
  let done = 0;
  const looks = await inTurn(jobs, concurrency, async (job) => {
    status.show(`looking at ${done + 1} of ${jobs.length}`);
    const look = await job();
    done++;
    return look;
  });
  status.clear();
  interruption.signal.throwIfAborted();
  return looks;
}

/** Those that the project has not given another meaning. */
async function builtIn({ agents, pipelines }: Project): Promise<readonly Look[]> {
  const all = await loadBuiltInAgents();
  return all
    .filter(({ name }) => !agents.has(name) && !pipelines.has(name))
    .map((agent) => ({
      found: { kind: "agent", name: agent.name, from: "built in", ...ofAgent(agent) },
      runNames: [agent.name],
      uses: [],
    }));
}

const colours = { ran: "green", configured: "yellow", broken: "red" } as const;

async function show(listed: readonly Listed[], nowMs: number): Promise<void> {
  const unicode = showsUnicode();
  const { stdout } = process;
  const table = listedTable(listed, {
    nowMs,
    unicode,
    width: stdout.isTTY ? stdout.columns : undefined,
    heading: (text) => styleText("bold", text, { stream: stdout }),
    mark: (sign: string, state: ListedState) => styleText(colours[state], sign, { stream: stdout }),
  });
  await writeOutput([table, "", legend(listed, unicode)].join("\n"), "-");
}

/** What to do next, where there is little to list. */
function advise({ file, agents, pipelines, flows }: Project, { status }: Session): void {
  if (agents.size + pipelines.size + flows.size > 0) return;
  status.writeLine(
    file === undefined
      ? "There is no project here: atomic init makes one."
      : `${file} has no agents yet: atomic create agent <name> --type function makes one.`,
  );
}
