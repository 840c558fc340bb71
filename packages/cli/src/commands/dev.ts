import { openProject, type Project } from "@atomic-agents/project";
import { resolve } from "node:path";
import { type ChildCommand, startCommand } from "../dev/child-command.ts";
import { type DevFiles, devFilesOf } from "../dev/dev-files.ts";
import { type FileWatch, watchFiles } from "../dev/watch-files.ts";
import { countOf } from "../output/count-text.ts";
import { shownPath } from "../output/shown-path.ts";
import type { Session } from "../terminal/session.ts";
import { UsageError } from "../usage-error.ts";
import type { ProjectOptions } from "./project-options.ts";

/** Options of `atomic dev`. */
export interface DevOptions extends ProjectOptions {
  readonly limit: number;
  readonly write?: boolean;
  readonly strict?: boolean;
  readonly input?: string;
  /** Milliseconds. */
  readonly loadTimeout?: number;
  readonly concurrency?: number;
  readonly model?: string;
}

/** How long a try may take to end; one that writes has to tidy up. */
const graceMs = { dry: 1_000, writing: 5_000 } as const;
const maxShownFiles = 3;

/**
 * `atomic dev`: checks a flow and tries it, again whenever one of its files changes, until it is interrupted.
 *
 * @throws UsageError for a flow that there is not
 */
export async function devCommand(flow: string, options: DevOptions, session: Session): Promise<void> {
  const { signal } = session.interruption;
  let files = await filesOf(flow, options);
  let watching = await watchFiles(files);
  try {
    for (;;) {
      const changed = await tryUntilChange(flow, options, watching, session);
      say(session, options, { event: "change", files: changed.map((path) => shownPath(path)) });
      // What the flow reads and writes may be something else now.
      files = await filesOf(flow, options).catch(() => files);
      const again = await watchFiles(files);
      watching.close();
      watching = again;
      signal.throwIfAborted();
    }
  } finally {
    watching.close();
  }
}

/** Checks and tries the flow once, and waits for a change, which also ends what is not over by then. */
async function tryUntilChange(
  flow: string,
  options: DevOptions,
  watching: FileWatch,
  session: Session,
): Promise<readonly string[]> {
  const { signal } = session.interruption;
  const change = watching.next(signal);
  // It is waited for below, however the try ends.
  change.catch(() => {});
  let current: ChildCommand | undefined;
  let isOver = false;
  const run = async (args: readonly string[]): Promise<number | undefined> => {
    if (isOver) return undefined;
    current = startCommand(args, options.write === true ? graceMs.writing : graceMs.dry);
    return current.ended;
  };
  const tried = (async () => {
    const checked = await run(checkArguments(flow, options));
    if (checked === 0) await run(runArguments(flow, options));
    if (!isOver) say(session, options, { event: "wait", files: watching.count });
  })();
  try {
    return await change;
  } finally {
    isOver = true;
    await current?.stop();
    await tried;
  }
}

async function filesOf(flow: string, options: DevOptions): Promise<DevFiles> {
  const project = await openProject({ config: options.config, profile: options.profile });
  return devFilesOf(project.directory, flowPath(project, flow));
}

/** @throws UsageError for a name that no flow has */
function flowPath({ flows, agents, pipelines }: Project, flow: string): string {
  const path = flows.get(flow)?.path;
  if (path !== undefined) return path;
  if (/\.flow\.(?:yaml|yml|json)$/i.test(flow)) return resolve(flow);
  const names = [...flows.keys()];
  throw new UsageError(`There is no flow ${JSON.stringify(flow)}`, {
    expected: names.length === 0 ? "the path of a flow file" : `one of ${names.join(", ")}`,
    got: flow,
    hint:
      agents.has(flow) || pipelines.has(flow)
        ? `It is an agent: atomic run ${flow} runs it, atomic test ${flow} tries its behaviours.`
        : "atomic list shows all flows.",
  });
}

function commonArguments({
  profile,
  config,
  json,
  verbose,
  logLevel,
  loadTimeout,
}: DevOptions): readonly string[] {
  return [
    ...given("--profile", profile),
    ...given("--config", config),
    ...given("--log-level", logLevel),
    ...given("--load-timeout", loadTimeout),
    ...(json === true ? ["--json"] : []),
    ...(verbose === true ? ["--verbose"] : []),
  ];
}

function checkArguments(flow: string, options: DevOptions): readonly string[] {
  return ["check", ...commonArguments(options), ...(options.strict === true ? ["--strict"] : []), "--", flow];
}

function runArguments(flow: string, options: DevOptions): readonly string[] {
  const { limit, write, input, concurrency, model } = options;
  return [
    "run",
    ...commonArguments(options),
    ...given("--limit", limit),
    ...(write === true ? [] : ["--dry-run"]),
    ...given("--input", input),
    ...given("--concurrency", concurrency),
    ...given("--model", model),
    "--",
    flow,
  ];
}

function given(name: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [name, String(value)];
}

type DevEvent =
  | { readonly event: "change"; readonly files: readonly string[] }
  | { readonly event: "wait"; readonly files: number };

/** What is said besides what the check and the run say. */
function say({ status }: Session, { json }: DevOptions, event: DevEvent): void {
  status.writeLine(json === true ? JSON.stringify({ dev: event }) : textOf(event));
}

function textOf(event: DevEvent): string {
  if (event.event === "wait") return `\nwatching ${countOf(event.files, "file")}; Ctrl-C ends it`;
  const { files } = event;
  const shown = files.slice(0, maxShownFiles).join(", ");
  const more = files.length > maxShownFiles ? ` and ${files.length - maxShownFiles} more` : "";
  return `\nchanged: ${shown}${more}\n`;
}
