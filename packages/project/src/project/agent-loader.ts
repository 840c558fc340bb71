import {
  type Agent,
  type AnyAgent,
  AtomicError,
  isAgent,
  pipeline,
  type Policy,
  untyped,
} from "@atomic-agents/core";
import { loadBuiltInAgents } from "../built-in-agents.ts";
import { stageHint } from "../catalog/stage-hint.ts";
import { closest } from "../closest.ts";
import type { Problem } from "../files/problem.ts";
import { problemFrom } from "../files/problem-from.ts";
import { ProjectError } from "../files/project-error.ts";
import type { TextDocument } from "../files/text-document.ts";
import type { TextPath } from "../files/text-node.ts";
import { kindOf } from "../kind-of.ts";
import { loadAgent } from "../load-agent.ts";
import { loadExport } from "../load-export.ts";
import { isLlmAgentName, makeLlmAgent } from "../models/built-in-llm-agents.ts";
import { isModuleReference } from "../module-reference.ts";
import { madeBy } from "./made-by.ts";
import { type LoadedStage, pipelineProblems } from "./pipeline-problems.ts";
import { presetAgent } from "./preset-agent.ts";
import type { ModuleOptions } from "./project.ts";
import type { Named, ProjectContent, ReadAgent, ReadPipeline } from "./project-content.ts";
import type { FillSecrets } from "./secret-reader.ts";

/** What a project's agents are made of. */
export interface AgentSurroundings {
  readonly directory: string;
  readonly document: TextDocument | undefined;
  readonly content: ProjectContent;
  /** What is wrong with what stands at a path. */
  readonly problemsAt: (path: TextPath) => readonly Problem[];
  /** A value with the secrets in it. */
  readonly fillSecrets: FillSecrets;
}

/** Makes the agents and pipelines of a project when they are asked for, each once. */
export class AgentLoader {
  readonly #surroundings: AgentSurroundings;
  readonly #made = new Map<string, Promise<AnyAgent>>();

  constructor(surroundings: AgentSurroundings) {
    this.#surroundings = surroundings;
  }

  /** @throws ProjectError, AtomicError `CONFIG`, `CANCELLED` */
  agent(name: string, options: ModuleOptions): Promise<AnyAgent> {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const making = this.#make(name, options);
    this.#made.set(name, making);
    // What failed may be mended, or was only given up.
    making.catch(() => this.#made.delete(name));
    return making;
  }

  async #make(name: string, options: ModuleOptions): Promise<AnyAgent> {
    const { content, directory } = this.#surroundings;
    const agent = content.agents.find((entry) => entry.name === name);
    if (agent !== undefined)
      return this.#located(agent, (value) => this.#configured(value, agent.path, options));
    const own = content.pipelines.find((entry) => entry.name === name);
    if (own !== undefined) return this.#located(own, (value) => this.#pipeline(name, value, options));
    if (isModuleReference(name)) return loadAgent(name, { ...options, cwd: directory });
    return this.#builtIn(name);
  }

  async #builtIn(name: string): Promise<AnyAgent> {
    const { content } = this.#surroundings;
    const builtIn = await loadBuiltInAgents();
    const found = builtIn.find((agent) => agent.name === name);
    if (found !== undefined) return found;
    if (isLlmAgentName(name)) return makeLlmAgent(name, { name });
    this.#throwIfUnread();
    const own = [...content.agents, ...content.pipelines].map((entry) => entry.name);
    const names = [...own, ...builtIn.map((agent) => agent.name)];
    const near = closest(name, names);
    throw new AtomicError("CONFIG", `There is no agent or pipeline ${JSON.stringify(name)}`, {
      details: { path: "agent", expected: `one of ${names.join(", ")}`, got: name },
      hint:
        stageHint(name) ??
        (near === undefined
          ? "Name one of the project, a built-in one, or a module, such as ./agents/clean.ts#clean."
          : `Did you mean ${JSON.stringify(near)}?`),
    });
  }

  /** Of a file that cannot be read nobody knows what it names. */
  #throwIfUnread(): void {
    const { document, problemsAt } = this.#surroundings;
    const problems = document === undefined ? problemsAt([]) : [];
    if (problems.some(({ severity }) => severity === "error")) throw new ProjectError(problems);
  }

  /** What is made of a part of the file: what is wrong with it is told with its place. */
  async #located<TValue>(
    { path, value }: Named<TValue>,
    make: (value: TValue) => Promise<AnyAgent>,
  ): Promise<AnyAgent> {
    const errors = this.#surroundings.problemsAt(path).filter(({ severity }) => severity === "error");
    if (errors.length > 0) throw new ProjectError(errors);
    // Where nothing is wrong there is a value.
    return make(value as TValue);
  }

  async #configured(entry: ReadAgent, path: TextPath, options: ModuleOptions): Promise<AnyAgent> {
    const { use, config, usePath } = entry;
    const { directory, fillSecrets } = this.#surroundings;
    const place = [...path, "config"];
    if (isLlmAgentName(use)) {
      // Entries stand under their names.
      const parts = { name: String(path.at(-1)), config, directory };
      return this.#at(config === undefined ? usePath : place, () => makeLlmAgent(use, parts));
    }
    if (!isModuleReference(use)) {
      const agent = await this.#at(usePath, () => this.#builtIn(use));
      return config === undefined ? agent : this.#at(place, async () => presetAgent(agent, config));
    }
    const moduleOptions = { ...options, cwd: directory };
    if (config === undefined) return this.#at(usePath, () => loadAgent(use, moduleOptions));
    const make = await this.#at(usePath, () => loadExport(use, moduleOptions, "an agent"));
    const filled = await fillSecrets(config, place);
    return this.#at(place, () => agentOf(use, make, filled, options));
  }

  async #pipeline(name: string, entry: ReadPipeline, options: ModuleOptions): Promise<AnyAgent> {
    const { description, version, stages } = entry;
    const { document } = this.#surroundings;
    const loaded: (LoadedStage & { readonly agent: AnyAgent; readonly policy: Policy })[] = [];
    for (const { agent: used, id: given, agentPath: path, timeoutMs, retry, onError } of stages) {
      const agent = await this.#at(path, () => this.agent(used, options));
      // A module is no name.
      const id = given ?? (isModuleReference(used) ? agent.name : used);
      loaded.push({ id, name: used, path, agent, onError, policy: { timeoutMs, retry, onError } });
    }
    if (document !== undefined) {
      const problems = await pipelineProblems(document, loaded);
      const errors = problems.filter(({ severity }) => severity === "error");
      if (errors.length > 0) throw new ProjectError(errors);
    }
    // Its stages are held against each other above, and their values are checked when they come by.
    let built = pipeline(name, { description, version }) as unknown as Growing;
    for (const { id, agent, policy, path } of loaded) {
      built = await this.#at(path, async () => built.stage(id, untyped(agent), policy));
    }
    return built;
  }

  /** What goes wrong is told of the place that led to it. */
  async #at<TResult>(path: TextPath, action: () => Promise<TResult>): Promise<TResult> {
    const { document } = this.#surroundings;
    try {
      return await action();
    } catch (error) {
      if (document === undefined || AtomicError.isInstance(error, "CANCELLED")) throw error;
      if (ProjectError.isProjectError(error)) throw error;
      throw new ProjectError([problemFrom(error, { document, path })], error);
    }
  }
}

/** A pipeline whose stages are known only here. */
interface Growing extends Agent<unknown, unknown> {
  readonly stage: (id: string, agent: Agent<unknown, unknown>, policy: Policy) => Growing;
}

/** The agent that a module's function makes of its configuration. */
async function agentOf(
  use: string,
  make: unknown,
  config: unknown,
  options: ModuleOptions,
): Promise<AnyAgent> {
  const made = await madeBy(use, make, config, options, "agent");
  if (isAgent(made)) return made;
  throw new AtomicError("CONFIG", `The function ${use} gave no agent but ${kindOf(made)}`, {
    details: { path: use, expected: "an agent", got: kindOf(made) },
    hint: "Return what defineAgent, pipeline or another function of the core gives.",
  });
}
