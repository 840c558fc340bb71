import type {
  AnyAgent,
  Clock,
  Log,
  LogLevel,
  Policy,
  Resource,
  ResourceSet,
  Secret,
} from "@atomic-agents/core";
import type { ModelsChoice } from "../models/project-models.ts";
import type { ResourceNeeds } from "../catalog/capabilities.ts";
import type { Position } from "../files/position.ts";
import type { Problem } from "../files/problem.ts";
import type { Models } from "@atomic-agents/llm";
import type { TextDocument } from "../files/text-document.ts";
import type { TextPath } from "../files/text-node.ts";
import type { ServeOfFile, ValueOfFile } from "../schemas/project-file.ts";

/** What a project's settings are, those that it does not say by their defaults. */
export interface Settings {
  readonly logLevel: LogLevel | "silent";
  readonly outputFormat: "auto" | "json" | "jsonl" | "csv" | "table" | "text";
  readonly runs: {
    readonly store: "folder" | "sqlite";
    /** Relative to the project's directory. */
    readonly path: string;
    readonly retentionDays: number;
    readonly maxBytes: number;
  };
  /** When a flow's run warns; never where there is no number. */
  readonly alerts: {
    readonly errorRate: number | undefined;
    readonly deadLetters: number | undefined;
  };
  /** Folders outside of the project from which flows may read, as they are written. */
  readonly inputFolders: readonly string[];
  /** How `atomic serve` serves, as far as it is said. */
  readonly serve: ServeOfFile;
}

/** What all that is named in a project's file has. */
export interface ProjectEntry {
  readonly name: string;
  /** Where its name stands. */
  readonly position: Position;
  /** What is wrong with it in the project's file, as far as can be told without importing a module. */
  readonly problems: readonly Problem[];
}

export interface AgentEntry extends ProjectEntry {
  /** A module and its export, or the name of a built-in agent; empty where the file is wrong. */
  readonly use: string;
  readonly isBuiltIn: boolean;
  readonly description: string | undefined;
  /** As written: secrets are still `{ env }` or `{ secretFile }`. */
  readonly config: Readonly<Record<string, unknown>> | undefined;
  /** What of a computer it takes, where that is not what its capabilities say. */
  readonly needs: Partial<ResourceNeeds> | undefined;
}

export interface PipelineStage {
  /** Of a stage that names a module and no id, the module. */
  readonly id: string;
  /** An agent or a pipeline of the project, a built-in agent, or a module and its export. */
  readonly agent: string;
  readonly policy: Policy;
  readonly position: Position;
}

export interface PipelineEntry extends ProjectEntry {
  readonly description: string | undefined;
  readonly version: string | undefined;
  /** Those that are written rightly. */
  readonly stages: readonly PipelineStage[];
}

export interface ResourceEntry extends ProjectEntry {
  /** Undefined where the file is wrong. */
  readonly type: "sqlite" | "http" | "module" | undefined;
}

export interface FlowEntry {
  readonly name: string;
  /** Relative to the project's directory. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  /** Where its name stands in the project's file; undefined for one that was found. */
  readonly position: Position | undefined;
  readonly problems: readonly Problem[];
}

/** How a module is imported. */
export interface ModuleOptions {
  /** The most it may take; 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Stops the loading when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a path in a project file is for: `input` may also lie in one of the folders that the settings name, all others
 * lie in the project.
 */
export type PathUse = "input" | "output" | "module" | "schema" | "flow";

/** The place of a value in a document. */
export interface PlaceInDocument {
  readonly document: TextDocument;
  readonly path: TextPath;
}

/** A project: what its file says, and what is made of it when it is asked for. Nothing is imported before. */
export interface Project {
  /** Absolute, links followed. */
  readonly directory: string;
  /** The project's file, relative to the directory; undefined where there is none. */
  readonly file: string | undefined;
  /** The file with the profile laid over it: every part knows where it is written. */
  readonly document: TextDocument | undefined;
  /** The directory's name unless said. */
  readonly name: string;
  readonly description: string | undefined;
  /** The one that was chosen. */
  readonly profile: string | undefined;
  /** The names of all there are. */
  readonly profiles: readonly string[];
  readonly settings: Settings;
  readonly agents: ReadonlyMap<string, AgentEntry>;
  readonly pipelines: ReadonlyMap<string, PipelineEntry>;
  readonly resources: ReadonlyMap<string, ResourceEntry>;
  /** Those that the file lists, then those that were found, by their names. */
  readonly flows: ReadonlyMap<string, FlowEntry>;
  /** What is wrong in the project's file, as far as can be told without importing a module; sorted. */
  readonly problems: readonly Problem[];
  /**
   * An agent or pipeline of the project, a built-in agent, or what `./module.ts#export` names, made once: the same name
   * gives the same object.
   *
   * @throws ProjectError for what is wrong in the project's file; AtomicError `CONFIG` for a name that nothing has, and
   * `CANCELLED` when the signal aborts
   */
  readonly agent: (name: string, options?: ModuleOptions) => Promise<AnyAgent>;
  /**
   * What a module of the project exports under the name that stands behind the `#`; without one its default export, or
   * else its only export.
   *
   * @throws AtomicError `CONFIG`, `CANCELLED`
   */
  readonly load: (reference: string, options?: ModuleOptions) => Promise<unknown>;
  /**
   * Where a path of a project file leads, as an absolute path; of what is not there yet, where it would be.
   *
   * @throws AtomicError `CONFIG` for one that leaves the project, links followed
   */
  readonly pathOf: (path: string, use: PathUse) => string;
  /**
   * A text, or what an environment variable or a file holds, as a `Secret`.
   *
   * @throws ProjectError that says what to set
   */
  readonly secret: (value: ValueOfFile, place: PlaceInDocument) => Promise<Secret | string>;
  /**
   * A resource of the project.
   *
   * @throws ProjectError, AtomicError `CONFIG`
   */
  readonly resource: (name: string, options?: ModuleOptions) => Promise<Resource<unknown>>;
  /** The models that the project's file names, as agents find them in a set of its resources. */
  readonly models: (choice?: ModelsChoice) => Models;
  /**
   * A set in which `ctx.use(projectResource(name))` gives the project's resources, and agents find the models that the
   * project's file names. Who makes it closes it.
   */
  readonly createResources: (options?: ProjectResourcesOptions) => ResourceSet;
}

/** What a set of a project's resources is made with. */
export interface ProjectResourcesOptions extends ModelsChoice {
  readonly clock?: Clock | undefined;
  readonly log?: Log | undefined;
}
