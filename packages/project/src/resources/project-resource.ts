import { AtomicError, type Resource, resource } from "@atomic-agents/core";

/** Gives a project's resource by its name. */
export interface ProjectResourceTable {
  readonly find: (name: string) => Promise<Resource<unknown>>;
}

/** What all copies of this package in a process have in common, so that an agent's module may bring its own. */
interface Shared {
  /** Stands for the project in whose name something is run. */
  readonly table: Resource<ProjectResourceTable>;
  readonly resources: Map<string, Resource<unknown>>;
}

const key = Symbol.for("atomic-agents.project-resources");

function shared(): Shared {
  // Only this function writes there.
  const holder = globalThis as { [key]?: Shared };
  holder[key] ??= { table: resource("project", { create: noProject }), resources: new Map() };
  return holder[key];
}

function noProject(): never {
  throw new AtomicError("CONFIG", "This run has no project, and so no resources of one", {
    details: { path: "resources", expected: "a run in a project", got: "a run without resources" },
    hint: "Run it with atomic run, or give it resources: project.createResources().",
  });
}

/** The resource that stands for the project itself; a set of a project's resources overrides it. */
export function projectTable(): Resource<ProjectResourceTable> {
  return shared().table;
}

/** The longest delay there is: what is waited for has limits of its own. */
const timeoutMs = 2_147_483_647;

/**
 * A resource of the project by the name that it has in `atomic.yaml`, for agents: `await ctx.use(projectResource("db"))`.
 * It is looked up in the project in whose name the agent is run. The same name gives the same object, so that a test can
 * put something else in its place: `createResources({ overrides: [[projectResource("db"), fake]] })`.
 *
 * @typeParam TValue what the project's file makes of it: a `DatabaseSync` for `sqlite`, an `HttpClient` for `http`
 * @throws AtomicError `RESOURCE` from `ctx.use`, when the run has no project, or the project no such resource
 */
export function projectResource<TValue = unknown>(name: string): Resource<TValue> {
  const { table, resources } = shared();
  const known = resources.get(name);
  // What is behind the name is what the caller says: the file is not known to the compiler.
  if (known !== undefined) return known as Resource<TValue>;
  const made = resource<undefined, unknown>(name, {
    create: () => undefined,
    bind: async (_nothing, ctx) => ctx.use(await (await ctx.use(table)).find(name)),
    timeoutMs,
  });
  resources.set(name, made);
  return made as Resource<TValue>;
}
