import { AtomicError } from "@atomic-agents/core";
import { statSync } from "node:fs";
import { loadBuiltInAgents } from "../built-in-agents.ts";
import { stageHint } from "../catalog/stage-hint.ts";
import { closest } from "../closest.ts";
import type { LocatedProblem } from "../files/located.ts";
import { problemFrom } from "../files/problem-from.ts";
import { problemAt, type ProblemParts, type TextDocument } from "../files/text-document.ts";
import { nodeAt, type TextPath } from "../files/text-node.ts";
import { aboutLoading } from "../load-error.ts";
import { findModuleFile } from "../module-file.ts";
import { checkModels, placesOf } from "../models/check-models.ts";
import { isLlmAgentName, llmAgentNames } from "../models/built-in-llm-agents.ts";
import { isModuleReference, parseModuleReference } from "../module-reference.ts";
import { findCycles } from "./find-cycles.ts";
import type { PathUse } from "./project.ts";
import type { Named, ProjectContent, ReadPipeline } from "./project-content.ts";
import { projectPath } from "./project-paths.ts";
import { missingSecret, type SecretSources } from "./read-secret.ts";
import { urlProblem } from "./url-problem.ts";
import { secretReferencesIn, unfilled, unfilledNamesIn } from "./secret-reference.ts";

/** What the file of a project is looked at with. */
export interface CheckSurroundings extends SecretSources {
  readonly document: TextDocument;
  readonly inputFolders: readonly string[];
}

/** What is wrong with what a project's file names, as far as can be told without importing a module. */
export async function checkContent(
  content: ProjectContent,
  surroundings: CheckSurroundings,
): Promise<readonly LocatedProblem[]> {
  const checker = new ContentChecker(content, surroundings);
  await checker.check();
  return checker.problems;
}

class ContentChecker {
  readonly problems: LocatedProblem[] = [];
  readonly #content: ProjectContent;
  readonly #surroundings: CheckSurroundings;

  constructor(content: ProjectContent, surroundings: CheckSurroundings) {
    this.#content = content;
    this.#surroundings = surroundings;
  }

  async check(): Promise<void> {
    const { agents, pipelines, resources, flows } = this.#content;
    await this.#checkNames();
    for (const { value } of agents) if (value !== undefined) this.#checkModule(value.use, value.usePath);
    for (const { value } of pipelines) {
      if (value === undefined) continue;
      this.#checkStageIds(value);
      for (const { agent, agentPath } of value.stages) {
        if (!this.#isOwn(agent)) this.#checkModule(agent, agentPath);
      }
    }
    this.#checkCycles();
    for (const resource of resources) this.#checkResource(resource);
    for (const { value, path } of flows) if (value !== undefined) this.#checkFlow(value, path);
    this.#checkSettings();
    this.#checkSecrets();
    await this.#checkModels();
  }

  async #checkModels(): Promise<void> {
    const { models, agents } = this.#content;
    const named = agents.flatMap(({ value, path }) => {
      if (value === undefined || !isLlmAgentName(value.use)) return [];
      const model = value.config?.["model"];
      const isChoice = typeof model === "string" || isTexts(model);
      return isChoice ? placesOf(model, [...path, "config", "model"]) : [];
    });
    if (models === undefined || (Object.keys(models).length === 0 && named.length === 0)) return;
    await checkModels({
      models,
      named,
      sources: this.#surroundings,
      report: (path, parts) => this.#report(path, parts),
    });
  }

  #isOwn(name: string): boolean {
    const { agents, pipelines } = this.#content;
    return [...agents, ...pipelines].some((entry) => entry.name === name);
  }

  async #checkNames(): Promise<void> {
    const { agents, pipelines } = this.#content;
    for (const { name, path } of pipelines.filter((one) => agents.some((agent) => agent.name === one.name))) {
      this.#report(path, {
        code: "duplicate",
        message: `${JSON.stringify(name)} is the name of an agent and of a pipeline`,
        hint: "Rename one of them.",
        of: "key",
      });
    }
    const named: { readonly name: string; readonly path: TextPath; readonly isStage: boolean }[] = [];
    for (const { value } of agents) {
      if (value === undefined || isModuleReference(value.use)) continue;
      named.push({ name: value.use, path: value.usePath, isStage: false });
    }
    for (const { agent, agentPath } of pipelines.flatMap(({ value }) => value?.stages ?? [])) {
      if (!this.#isOwn(agent) && !isModuleReference(agent)) {
        named.push({ name: agent, path: agentPath, isStage: true });
      }
    }
    for (const [index, name] of (this.#content.settings.serve?.agents ?? []).entries()) {
      if (this.#isOwn(name) || isModuleReference(name)) continue;
      named.push({ name, path: ["settings", "serve", "agents", index], isStage: true });
    }
    // They are loaded only where they are asked for.
    if (named.length === 0) return;
    const builtIn = [...new Set([...(await loadBuiltInAgents()).map(({ name }) => name), ...llmAgentNames])];
    for (const { name, path, isStage } of named) {
      if (builtIn.includes(name)) continue;
      const own = isStage ? [...agents, ...pipelines].map((entry) => entry.name) : [];
      this.#report(path, unknownAgent(name, own, builtIn, isStage));
    }
  }

  #checkModule(reference: string, path: TextPath, what = "an agent"): void {
    if (what === "an agent" && !isModuleReference(reference)) return;
    this.#try(path, () => {
      try {
        const { path: file } = parseModuleReference(reference);
        findModuleFile(reference, file, this.#surroundings.directory);
      } catch (error) {
        throw aboutLoading(what, reference, error);
      }
    });
  }

  #checkStageIds({ stages }: ReadPipeline): void {
    const first = new Map<string, number>();
    for (const { id, agent, path } of stages) {
      const unique = id ?? agent;
      const line = first.get(unique);
      if (line === undefined) {
        first.set(unique, this.#surroundings.document.positionOf(path).line);
        continue;
      }
      this.#report(id === undefined ? path : [...path, "id"], {
        code: "duplicate",
        message: `Two stages have the id ${JSON.stringify(unique)}; the first is on line ${line}`,
        hint: `Give this one an id of its own: { agent: ${agent}, id: ${unique}-2 }.`,
      });
    }
  }

  #checkCycles(): void {
    const pipelines = this.#content.pipelines.filter(({ value }) => value !== undefined);
    const uses = new Map(
      pipelines.map(({ name, value }) => [name, value?.stages.map(({ agent }) => agent) ?? []]),
    );
    for (const cycle of findCycles(uses)) {
      const [first = "", second] = cycle;
      const stage = pipelines
        .find(({ name }) => name === first)
        ?.value?.stages.find(({ agent }) => agent === second);
      this.#report(stage?.agentPath ?? ["pipelines", first], {
        code: "cycle",
        message: `Pipeline ${JSON.stringify(first)} uses itself: ${cycle.join(" → ")}`,
        hint: "Take one of these stages out; what repeats is a loop of the core, in a module.",
      });
    }
  }

  #checkResource({ value, path }: Named<NonNullable<ProjectContent["resources"][number]["value"]>>): void {
    if (value === undefined) return;
    switch (value.type) {
      case "sqlite":
        if (value.file !== ":memory:") this.#checkPath(value.file, "output", [...path, "file"]);
        break;
      case "module":
        this.#checkModule(value.use, [...path, "use"], "a resource");
        break;
      case "http": {
        const wrong = typeof value.url === "string" ? urlProblem(value.url) : undefined;
        if (wrong !== undefined) this.#report([...path, "url"], wrong);
      }
    }
  }

  #checkFlow(file: string, path: TextPath): void {
    const found = this.#checkPath(file, "flow", path);
    if (found === undefined) return;
    const isFile = statSync(found, { throwIfNoEntry: false })?.isFile() === true;
    const isNamed = /\.(?:yaml|yml|json)$/.test(file);
    if (isFile && isNamed) return;
    this.#report(path, {
      code: "path",
      message: isFile
        ? `The flow file ${JSON.stringify(file)} is neither YAML nor JSON by its name`
        : `There is no flow file ${JSON.stringify(file)}`,
      hint: isFile ? "Its name ends in .yaml, .yml or .json." : "Paths are relative to the project's folder.",
    });
  }

  #checkSettings(): void {
    const { runs, inputFolders = [], serve } = this.#content.settings;
    for (const [index, name] of (serve?.agents ?? []).entries()) {
      this.#checkModule(name, ["settings", "serve", "agents", index]);
    }
    if (runs?.path !== undefined) this.#checkPath(runs.path, "output", ["settings", "runs", "path"]);
    for (const [index, folder] of inputFolders.entries()) {
      this.#try(["settings", "inputFolders", index], () => {
        const path = projectPath(folder, "input", { ...this.#surroundings, inputFolders: [folder] });
        if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
        this.#report(["settings", "inputFolders", index], {
          severity: "warning",
          code: "path",
          message: `There is no folder ${JSON.stringify(folder)}`,
        });
      });
    }
  }

  #checkSecrets(): void {
    const { document } = this.#surroundings;
    const { agents, resources } = this.#content;
    const places = [
      ...agents.filter(({ value }) => value?.config !== undefined).map(({ path }) => [...path, "config"]),
      ...resources.filter(({ value }) => value !== undefined).map(({ path }) => path),
      ...(this.#content.models === undefined ? [] : [["models"]]),
      ...(this.#content.settings.serve?.tokens === undefined ? [] : [["settings", "serve", "tokens"]]),
    ];
    for (const path of places) {
      const value = nodeAt(document["~node"], path)?.value;
      for (const { path: inside, reference } of secretReferencesIn(value, path)) {
        const missing = missingSecret(reference, this.#surroundings);
        // What does not use it runs without it.
        if (missing !== undefined) this.#report(inside, { ...missing, severity: "warning" });
      }
      for (const { path: inside, name } of unfilledNamesIn(value, path)) {
        this.#report(inside, unfilled(name));
      }
    }
  }

  #checkPath(file: string, use: PathUse, path: TextPath): string | undefined {
    return this.#try(path, () => projectPath(file, use, this.#surroundings));
  }

  #try<TResult>(path: TextPath, action: () => TResult): TResult | undefined {
    try {
      return action();
    } catch (error) {
      if (!AtomicError.isInstance(error)) throw error;
      const { document } = this.#surroundings;
      this.problems.push({ path, problem: problemFrom(error, { document, path, code: "path" }) });
      return undefined;
    }
  }

  #report(path: TextPath, parts: ProblemParts): void {
    this.problems.push({ path, problem: problemAt(this.#surroundings.document, path, parts) });
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** What is said of a name that no agent has. */
function unknownAgent(
  name: string,
  own: readonly string[],
  builtIn: readonly string[],
  isStage: boolean,
): ProblemParts {
  const near = closest(name, [...own, ...builtIn]);
  const kinds = isStage ? "an agent or pipeline of the project, a built-in agent" : "a built-in agent";
  return {
    code: "unknown-name",
    message: `There is no ${isStage ? "agent or pipeline" : "built-in agent"} ${JSON.stringify(name)}`,
    hint:
      stageHint(name) ??
      (near === undefined
        ? `Name ${kinds}, or a module, such as ./agents/clean.ts#clean.`
        : `Did you mean ${JSON.stringify(near)}?`),
  };
}
