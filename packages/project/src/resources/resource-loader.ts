import {
  AtomicError,
  createResources,
  type Resource,
  resource,
  type ResourceSet,
  type Secret,
} from "@atomic-agents/core";
import { closest } from "../closest.ts";
import type { Problem } from "../files/problem.ts";
import { problemFrom } from "../files/problem-from.ts";
import { ProjectError } from "../files/project-error.ts";
import type { TextDocument } from "../files/text-document.ts";
import type { TextPath } from "../files/text-node.ts";
import { kindOf } from "../kind-of.ts";
import { loadExport } from "../load-export.ts";
import { modelsResource } from "../models/models-resource.ts";
import { projectModels } from "../models/project-models.ts";
import { madeBy } from "../project/made-by.ts";
import type { ModuleOptions, PlaceInDocument, ProjectResourcesOptions } from "../project/project.ts";
import type { Named, ProjectContent } from "../project/project-content.ts";
import { projectPath } from "../project/project-paths.ts";
import type { FillSecrets } from "../project/secret-reader.ts";
import type {
  HttpOfFile,
  ModuleOfFile,
  ResourceOfFile,
  SqliteOfFile,
  ValueOfFile,
} from "../schemas/project-file.ts";
import { type HttpClient, httpClient } from "./http-client.ts";
import { projectTable } from "./project-resource.ts";
import { sqliteResource } from "./sqlite-resource.ts";

/** What a project's resources are made of. */
export interface ResourceSurroundings {
  readonly directory: string;
  readonly document: TextDocument | undefined;
  readonly content: ProjectContent;
  readonly problemsAt: (path: TextPath) => readonly Problem[];
  readonly fillSecrets: FillSecrets;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readValue: (value: ValueOfFile, place: PlaceInDocument) => Promise<Secret | string>;
}

/** Makes the resources of a project when they are asked for, each once. Nothing is opened before an agent uses it. */
export class ResourceLoader {
  readonly #surroundings: ResourceSurroundings;
  readonly #made = new Map<string, Promise<Resource<unknown>>>();

  constructor(surroundings: ResourceSurroundings) {
    this.#surroundings = surroundings;
  }

  /** @throws ProjectError, AtomicError `CONFIG`, `CANCELLED` */
  resource(name: string, options: ModuleOptions = {}): Promise<Resource<unknown>> {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const making = this.#make(name, options);
    this.#made.set(name, making);
    // What failed may be mended, or was only given up.
    making.catch(() => this.#made.delete(name));
    return making;
  }

  /** A set in which the project's resources are found by their names. */
  set(options: ProjectResourcesOptions): ResourceSet {
    const find = (name: string) => this.resource(name);
    const { model, meter, onMeter, ...others } = options;
    const models = projectModels(this.#surroundings, { model, meter, onMeter });
    return createResources({
      ...others,
      overrides: [
        [projectTable(), { find }],
        [modelsResource(), models],
      ],
    });
  }

  async #make(name: string, options: ModuleOptions): Promise<Resource<unknown>> {
    const { content, document, problemsAt } = this.#surroundings;
    const entry = content.resources.find((each) => each.name === name);
    if (entry === undefined || document === undefined) throw this.#unknown(name);
    const errors = problemsAt(entry.path).filter(({ severity }) => severity === "error");
    if (errors.length > 0) throw new ProjectError(errors);
    try {
      return await this.#resourceOf(entry, document, options);
    } catch (error) {
      if (AtomicError.isInstance(error, "CANCELLED") || ProjectError.isProjectError(error)) throw error;
      throw new ProjectError(
        [problemFrom(error, { document, path: [...entry.path, "use"], code: "load" })],
        error,
      );
    }
  }

  #unknown(name: string): AtomicError<"CONFIG"> {
    const { document, problemsAt } = this.#surroundings;
    // Of a file that cannot be read nobody knows what it names.
    const problems = document === undefined ? problemsAt([]) : [];
    if (problems.some(({ severity }) => severity === "error")) return new ProjectError(problems);
    const names = this.#surroundings.content.resources.map((entry) => entry.name);
    const near = closest(name, names);
    const known = names.length === 0 ? "It has none." : `It has ${names.join(", ")}.`;
    return new AtomicError("CONFIG", `The project has no resource ${JSON.stringify(name)}`, {
      details: {
        path: "resource",
        expected: names.length === 0 ? "no resource" : `one of ${names.join(", ")}`,
        got: name,
      },
      hint:
        near === undefined
          ? `${known} They stand under resources in its file.`
          : `Did you mean ${JSON.stringify(near)}?`,
    });
  }

  async #resourceOf(
    { name, path, value }: Named<ResourceOfFile>,
    document: TextDocument,
    options: ModuleOptions,
  ): Promise<Resource<unknown>> {
    switch (value?.type) {
      case "sqlite":
        return this.#sqlite(name, value);
      case "http":
        return this.#http(name, value, { document, path });
      case "module":
        return this.#module(value, path, options);
      case undefined:
        throw new Error("unreachable: a resource without a type has a problem");
    }
  }

  #sqlite(name: string, { file, readOnly = false, busyTimeoutMs = 5_000 }: SqliteOfFile): Resource<unknown> {
    const { directory } = this.#surroundings;
    const path = file === ":memory:" ? file : projectPath(file, "output", { directory, inputFolders: [] });
    return sqliteResource(name, { file: path, readOnly, busyTimeoutMs });
  }

  #http(name: string, entry: HttpOfFile, { document, path }: PlaceInDocument): Resource<unknown> {
    const { url, headers = {}, timeoutMs = 30_000, maxResponseBytes = 10_485_760 } = entry;
    const { readValue } = this.#surroundings;
    return resource<HttpParts, HttpClient>(name, {
      create: async () => ({
        url: await readValue(url, { document, path: [...path, "url"] }),
        headers: Object.fromEntries(
          await Promise.all(
            Object.entries(headers).map(async ([header, value]) => [
              header,
              await readValue(value, { document, path: [...path, "headers", header] }),
            ]),
          ),
        ),
      }),
      bind: (parts, ctx) => httpClient({ name, ...parts, timeoutMs, maxResponseBytes }, ctx),
    });
  }

  async #module(
    { use, config }: ModuleOfFile,
    path: TextPath,
    options: ModuleOptions,
  ): Promise<Resource<unknown>> {
    const { directory, fillSecrets } = this.#surroundings;
    const exported = await loadExport(use, { ...options, cwd: directory }, "a resource");
    const made =
      config === undefined
        ? exported
        : await madeBy(use, exported, await fillSecrets(config, [...path, "config"]), options, "resource");
    if (isResource(made)) return made;
    const got = kindOf(made);
    throw new AtomicError("CONFIG", `${use} is no resource but ${got}`, {
      details: { path: use, expected: "a resource", got },
      hint:
        config === undefined && typeof made === "function"
          ? "Is it a function that makes one? Then give it a config, such as config: {}."
          : "Make one with resource(name, { create }) of the core.",
    });
  }
}

type HttpParts = Pick<Parameters<typeof httpClient>[0], "url" | "headers">;

function isResource(value: unknown): value is Resource<unknown> {
  return typeof value === "object" && value !== null && "~resource" in value;
}
