import { AtomicError } from "@atomic-agents/core";
import { basename, join } from "node:path";
import { closest } from "../closest.ts";
import { type LocatedProblem, problemsUnder } from "../files/located.ts";
import { type Problem, sortProblems } from "../files/problem.ts";
import { readDocument } from "../files/read-document.ts";
import { problemAt, type TextDocument } from "../files/text-document.ts";
import type { TextPath } from "../files/text-node.ts";
import { loadExport } from "../load-export.ts";
import { isModuleReference } from "../module-reference.ts";
import { ResourceLoader } from "../resources/resource-loader.ts";
import { locateProblems } from "../schemas/check-shape.ts";
import { projectModels } from "../models/project-models.ts";
import { loadSchema } from "../schemas/schema.ts";
import { isObject } from "../schemas/show.ts";
import { AgentLoader } from "./agent-loader.ts";
import { applyProfile } from "./apply-profile.ts";
import { checkContent } from "./check-content.ts";
import { findFlowFiles, flowNameOf } from "./find-flow-files.ts";
import { findProjectFile, namedProjectFile } from "./find-project-file.ts";
import type {
  AgentEntry,
  FlowEntry,
  PipelineEntry,
  Project,
  ProjectEntry,
  ResourceEntry,
} from "./project.ts";
import { type Named, type ProjectContent, readContent } from "./project-content.ts";
import { projectPath } from "./project-paths.ts";
import { readValue, secretsOf } from "./secret-reader.ts";
import { settingsWithDefaults } from "./settings.ts";

/** Which project is opened, and how. */
export interface OpenProjectOptions {
  /** Where to look for the project's file, there and in the folders above; the process's current one when absent. */
  readonly directory?: string | undefined;
  /** The project's file, relative to the directory; looked for when absent. */
  readonly config?: string | undefined;
  /** The profile that is laid over the file; what `ATOMIC_PROFILE` says when absent, or none. */
  readonly profile?: string | undefined;
  /** Environment variables; those of the process when absent. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * Opens a project: finds its file (`atomic.yaml`, `atomic.yml` or `atomic.json`), reads it, lays a profile over it, and
 * looks at all that can be looked at without importing a module. A folder without such a file is a project without
 * anything but the flow files in it.
 *
 * What is wrong in the file is in the project's `problems`, and is thrown when it is asked for.
 *
 * @throws AtomicError `CONFIG` for a folder, file or profile that is not there
 */
export async function openProject(options: OpenProjectOptions = {}): Promise<Project> {
  const { directory = process.cwd(), config, environment = process.env } = options;
  const place = config === undefined ? findProjectFile(directory) : namedProjectFile(config, directory);
  const wanted = options.profile ?? (environment["ATOMIC_PROFILE"] || undefined);
  const { file } = place;
  if (file === undefined) {
    if (options.profile !== undefined) throw unknownProfile(options.profile, [], "no project file");
    return projectOf(
      { directory: place.directory, file, document: undefined, profile: undefined },
      [],
      environment,
    );
  }
  const { document, problems } = await readDocument(file, { directory: place.directory });
  const located = problems.map((problem): LocatedProblem => ({ path: [], problem }));
  if (document === undefined || document.value === null) {
    if (document !== undefined && wanted !== undefined) throw unknownProfile(wanted, [], file);
    return projectOf(
      { directory: place.directory, file, document: undefined, profile: wanted },
      located,
      environment,
    );
  }
  located.push(...locateProblems(document, loadSchema("atomic")));
  if (wanted === undefined) {
    return projectOf(
      { directory: place.directory, file, document, profile: undefined },
      located,
      environment,
    );
  }
  const profiles =
    isObject(document.value) && isObject(document.value["profiles"]) ? document.value["profiles"] : {};
  if (!Object.hasOwn(profiles, wanted)) throw unknownProfile(wanted, Object.keys(profiles), file);
  const merged = applyProfile(document, wanted);
  return projectOf(
    { directory: place.directory, file, document: merged, profile: wanted },
    [...located, ...newProblems(merged, located)],
    environment,
  );
}

/** What is wrong only with the profile laid over the rest; what is wrong in both is told once. */
function newProblems(merged: TextDocument, known: readonly LocatedProblem[]): readonly LocatedProblem[] {
  const placeOf = ({ problem: { line, column } }: LocatedProblem) => `${line}:${column}`;
  const places = new Set(known.map(placeOf));
  return locateProblems(merged, loadSchema("atomic")).filter((problem) => !places.has(placeOf(problem)));
}

function unknownProfile(profile: string, profiles: readonly string[], file: string): AtomicError<"CONFIG"> {
  const near = closest(profile, profiles);
  const known = profiles.length === 0 ? "there is none" : `there are ${profiles.join(", ")}`;
  return new AtomicError("CONFIG", `There is no profile ${JSON.stringify(profile)} in ${file}: ${known}`, {
    details: {
      path: "profile",
      expected: profiles.length === 0 ? "no profile" : `one of ${profiles.join(", ")}`,
      got: profile,
    },
    hint:
      near === undefined
        ? "It is chosen by --profile or ATOMIC_PROFILE, and stands under profiles in the project's file."
        : `Did you mean ${JSON.stringify(near)}?`,
  });
}

interface Opened {
  readonly directory: string;
  readonly file: string | undefined;
  readonly document: TextDocument | undefined;
  readonly profile: string | undefined;
}

async function projectOf(
  { directory, file, document, profile }: Opened,
  located: readonly LocatedProblem[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Project> {
  const content = readContent(document, located);
  const settings = settingsWithDefaults(content.settings);
  const { inputFolders } = settings;
  const sources = { directory, environment };
  const all = [...located];
  if (document !== undefined)
    all.push(...(await checkContent(content, { ...sources, document, inputFolders })));
  const flows = flowsOf(directory, content, document, all);
  const problemsAt = (path: TextPath): readonly Problem[] => problemsUnder(all, path);
  const rules = { directory, inputFolders };
  const fillSecrets =
    document === undefined ? (value: unknown) => Promise.resolve(value) : secretsOf(document, sources);
  const surroundings = {
    directory,
    document,
    content,
    problemsAt,
    environment,
    fillSecrets,
    readValue: ((value, place) => readValue(value, place, sources)) satisfies Project["secret"],
  };
  const agents = new AgentLoader(surroundings);
  const resources = new ResourceLoader(surroundings);
  const entryOf = ({ name, path }: Named<unknown>): ProjectEntry => ({
    name,
    // Entries are read from the document.
    position: document?.positionOf(path, "key") ?? { line: 1, column: 1 },
    problems: problemsAt(path),
  });

  return Object.freeze({
    directory,
    file,
    document,
    name: content.name ?? basename(directory),
    description: content.description,
    profile,
    profiles: content.profiles,
    settings,
    agents: mapOf(content.agents, (each) => agentEntry(each, entryOf(each))),
    pipelines: mapOf(content.pipelines, (each) => pipelineEntry(each, entryOf(each), document)),
    resources: mapOf(
      content.resources,
      (each): ResourceEntry => ({ ...entryOf(each), type: each.value?.type }),
    ),
    flows,
    problems: sortProblems(all.map(({ problem }) => problem)),
    agent: (name, moduleOptions = {}) => agents.agent(name, moduleOptions),
    load: (reference, moduleOptions = {}) => loadExport(reference, { ...moduleOptions, cwd: directory }),
    pathOf: (path, use) => projectPath(path, use, rules),
    secret: surroundings.readValue,
    resource: (name, moduleOptions = {}) => resources.resource(name, moduleOptions),
    models: (choice = {}) => projectModels(surroundings, choice),
    createResources: (resourcesOptions = {}) => resources.set(resourcesOptions),
  } satisfies Project);
}

function mapOf<TValue, TEntry>(
  list: readonly Named<TValue>[],
  entryOf: (each: Named<TValue>) => TEntry,
): ReadonlyMap<string, TEntry> {
  return new Map(list.map((each) => [each.name, entryOf(each)]));
}

function agentEntry({ value }: ProjectContent["agents"][number], entry: ProjectEntry): AgentEntry {
  const use = value?.use ?? "";
  return {
    ...entry,
    use,
    isBuiltIn: use !== "" && !isModuleReference(use),
    description: value?.description,
    config: value?.config,
    needs: value?.needs,
  };
}

function pipelineEntry(
  { value }: ProjectContent["pipelines"][number],
  entry: ProjectEntry,
  document: TextDocument | undefined,
): PipelineEntry {
  const stages = value?.stages ?? [];
  return {
    ...entry,
    description: value?.description,
    version: value?.version,
    stages: stages.map(({ agent, id = agent, timeoutMs, retry, onError, path }) => ({
      id,
      agent,
      policy: { timeoutMs, retry, onError },
      position: document?.positionOf(path) ?? entry.position,
    })),
  };
}

/** The flows that the file lists, then those that were found; what is found twice under one name is a problem. */
function flowsOf(
  directory: string,
  content: ProjectContent,
  document: TextDocument | undefined,
  problems: LocatedProblem[],
): ReadonlyMap<string, FlowEntry> {
  const flows = new Map<string, FlowEntry>();
  for (const { name, path, value } of content.flows) {
    if (value === undefined) continue;
    flows.set(name, {
      name,
      file: value,
      path: join(directory, value),
      position: document?.positionOf(path, "key"),
      problems: problemsUnder(problems, path),
    });
  }
  const listed = new Set([...flows.values()].map(({ path }) => path));
  for (const file of findFlowFiles(directory)) {
    const path = join(directory, file);
    const name = flowNameOf(file);
    if (name === undefined || listed.has(path)) continue;
    const other = flows.get(name);
    if (other === undefined) {
      flows.set(name, { name, file, path, position: undefined, problems: [] });
    } else if (other.position === undefined) {
      const hint = `Rename one of them, or list both under flows in atomic.yaml.`;
      const message = `The flow ${JSON.stringify(name)} is in ${other.file} already`;
      const problem: Problem = {
        severity: "error",
        code: "duplicate",
        message,
        file,
        line: 1,
        column: 1,
        hint,
      };
      problems.push({ path: [], problem });
    } else if (document !== undefined) {
      const message = `The flow ${JSON.stringify(name)} is this one, not the one that was found in ${file}`;
      const hint = "Give this one another name, or list the other as well.";
      const parts = { code: "duplicate", message, hint, severity: "warning", of: "key" } as const;
      problems.push({ path: ["flows", name], problem: problemAt(document, ["flows", name], parts) });
    }
  }
  return flows;
}
