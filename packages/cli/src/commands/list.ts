import { MemoryRunStore, type RunStore } from "@atomic-agents/core";
import { capabilities, closest, loadCatalog, type Project, ProjectError } from "@atomic-agents/project";
import { availableParallelism } from "node:os";
import { styleText } from "node:util";
import { errorsElsewhere } from "../listing/errors-elsewhere.ts";
import { inTurn } from "../listing/in-turn.ts";
import { withLastRuns } from "../listing/last-runs.ts";
import { builtInFrom, isBuiltIn, type Listed, type ListedState } from "../listing/listed.ts";
import { legend, listedTable } from "../listing/listed-table.ts";
import { type Look, looksAt, ofAgent } from "../listing/look-at-project.ts";
import { toJsonText } from "../output/json.ts";
import { writeOutput } from "../output/write-output.ts";
import { withRuns } from "../runs/open-runs.ts";
import type { Session } from "../terminal/session.ts";
import { showsUnicode } from "../terminal/shows-unicode.ts";
import { UsageError } from "../usage-error.ts";
import type { ProjectOptions } from "./project-options.ts";

/** Options of `atomic list`. */
export interface ListOptions extends ProjectOptions {
  /** Milliseconds. */
  readonly loadTimeout: number;
  /** What is listed has to have it. */
  readonly capability?: string;
}

/** Each module is imported in a process of its own, and one that never ends takes a processor. */
const concurrency = Math.min(availableParallelism(), 4);
/** How many times as long as for one module all looking may take. */
const patience = 3;

/**
 * `atomic list`: what the project has, and what is built in.
 *
 * @throws UsageError for a capability that nothing has
 */
export async function listCommand(options: ListOptions, session: Session): Promise<void> {
  const nowMs = Date.now();
  const { listed, project } = await withRuns(options, async (store, opened) => {
    const looks = [...(await lookAt(opened, options, session)), ...(await builtIn(opened))];
    const chosen = withCapability(looks, options.capability);
    return { listed: await tryRuns(chosen, store, nowMs, session), project: opened };
  });
  if (options.json === true) await writeOutput(toJsonText(listed), "-");
  else await show(listed, nowMs, options.capability !== undefined);
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

/** The agents that the project has not given another meaning, and the kinds of stages. */
async function builtIn({ agents, pipelines }: Project): Promise<readonly Look[]> {
  const catalog = await loadCatalog();
  return catalog
    .filter(({ kind, name }) => kind === "stage" || (!agents.has(name) && !pipelines.has(name)))
    .map((entry) => {
      const { name, description, capabilities, needs } = entry;
      const kind = entry.kind === "stage" ? "stage" : "agent";
      const about =
        entry.kind === "agent" ? ofAgent(entry.agent) : { type: kind, description, capabilities, needs };
      const runNames = entry.kind === "agent" ? [name] : [];
      return { found: { kind, name, from: builtInFrom, ...about }, runNames, uses: [] };
    });
}

/** @throws UsageError for a capability that nothing has */
function withCapability(looks: readonly Look[], capability: string | undefined): readonly Look[] {
  if (capability === undefined) return looks;
  const chosen = looks.filter(({ found }) => found.capabilities?.includes(capability));
  if (chosen.length > 0) return chosen;
  const there = looks.flatMap(({ found }) => found.capabilities ?? []);
  const known = [...new Set([...capabilities.map(({ name }) => name), ...there])];
  const near = closest(capability, known);
  throw new UsageError(`Nothing has the capability ${JSON.stringify(capability)}`, {
    where: "--capability",
    expected: `one of ${known.join(", ")}`,
    got: capability,
    hint:
      near === undefined
        ? "atomic list --json shows what each has."
        : `Did you mean ${JSON.stringify(near)}?`,
  });
}

const colours = { ran: "green", configured: "yellow", broken: "red" } as const;

async function show(listed: readonly Listed[], nowMs: number, showsNeeds: boolean): Promise<void> {
  const unicode = showsUnicode();
  const { stdout } = process;
  const heading = (text: string): string => styleText("bold", text, { stream: stdout });
  const table = (some: readonly Listed[]): string =>
    listedTable(some, {
      nowMs,
      unicode,
      showsNeeds,
      width: stdout.isTTY ? stdout.columns : undefined,
      heading,
      mark: (sign: string, state: ListedState) => styleText(colours[state], sign, { stream: stdout }),
    });
  const own = listed.filter((item) => !isBuiltIn(item));
  const rest = listed.filter(isBuiltIn);
  const sections = [
    ...(own.length === 0 ? [] : [table(own), ""]),
    ...(rest.length === 0 ? [] : [heading("Built in"), table(rest), ""]),
    legend(listed, unicode),
  ];
  await writeOutput(sections.join("\n"), "-");
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
