import type { Build, Row } from "./contender.ts";

/** The path is computed, so that the type-check of this folder does not need the peers installed. */
async function loadPeer(name: string): Promise<Build> {
  const module: unknown = await import(new URL(`./peers/${name}.ts`, import.meta.url).href);
  // Every file in peers/ exports `contender` as a Build; peers/tsconfig.json checks it where they are installed.
  return (module as { readonly contender: Build }).contender;
}

/** Every row of the table, in the order it is printed. */
export const rows: readonly Row[] = [
  {
    id: "floor-again",
    title: "floor (i) against itself: the noise of this harness",
    group: "floor",
    schemas: "shared",
    load: async () => (await import("./contenders/floor-again.ts")).floorAgain,
  },
  {
    id: "floor-compiled",
    title: "floor (i), its author compiled the schemas with `z.compile`",
    group: "floor",
    schemas: "shared",
    load: async () => (await import("./contenders/floor-compiled.ts")).floorCompiled,
  },
  {
    id: "floor-for-await",
    title: "floor (i), then a bare `for await` over eight objects that are there",
    group: "floor",
    schemas: "shared",
    load: async () => (await import("./contenders/floor-for-await.ts")).floorForAwait,
  },
  {
    id: "sync-shared",
    title: "`run`, sync stages, boundaries share a schema",
    group: "ours",
    schemas: "shared",
    target: { sixParses: 1, fourParses: 1.2 },
    load: async () => (await import("./contenders/atomic.ts")).syncRun,
  },
  {
    id: "sync-different",
    title: "`run`, sync stages, every schema object different",
    group: "ours",
    schemas: "different",
    target: { sixParses: 1.3 },
    load: async () => (await import("./contenders/atomic.ts")).syncRun,
  },
  {
    id: "sync-snapshot",
    title: "`start`, sync stages, whole report, events as a snapshot",
    group: "ours",
    schemas: "shared",
    target: { sixParses: 1.4 },
    load: async () => (await import("./contenders/atomic.ts")).syncStartSnapshot,
  },
  {
    id: "sync-for-await",
    title: "`start`, sync stages, whole report, events by `for await`",
    group: "ours",
    schemas: "shared",
    target: { sixParses: 2 },
    load: async () => (await import("./contenders/atomic.ts")).syncStartIterate,
  },
  {
    id: "async-shared",
    title: "`run`, async stages, boundaries share a schema",
    group: "ours",
    schemas: "shared",
    target: { sixParses: 1.2 },
    load: async () => (await import("./contenders/atomic.ts")).asyncRun,
  },
  {
    id: "async-different",
    title: "`run`, async stages, every schema object different",
    group: "ours",
    schemas: "different",
    target: { sixParses: 1.4 },
    load: async () => (await import("./contenders/atomic.ts")).asyncRun,
  },
  {
    id: "async-snapshot",
    title: "`start`, async stages, whole report, events as a snapshot",
    group: "ours",
    schemas: "shared",
    target: { sixParses: 1.8 },
    load: async () => (await import("./contenders/atomic.ts")).asyncStartSnapshot,
  },
  {
    id: "async-retry",
    title: "`run`, async stages, each with its own timeout and retry",
    group: "ours",
    schemas: "shared",
    target: { sixParses: 1.6 },
    load: async () => (await import("./contenders/atomic.ts")).asyncRetryRun,
  },
  {
    id: "moleculer",
    title: "Moleculer, three local `broker.call`",
    group: "peer",
    schemas: "shared",
    checkedBy: "inputs only, by fastest-validator (its default); outputs are not checked",
    packages: ["moleculer", "fastest-validator"],
    load: () => loadPeer("moleculer"),
  },
  {
    id: "rxjs",
    title: "RxJS, three `concatMap`",
    group: "peer",
    schemas: "shared",
    checkedBy: "six boundaries, Zod by hand",
    packages: ["rxjs"],
    load: () => loadPeer("rxjs"),
  },
  {
    id: "effect",
    title: "Effect, `gen` with Schema",
    group: "peer",
    schemas: "shared",
    checkedBy: "six boundaries, by Effect Schema",
    packages: ["effect"],
    load: () => loadPeer("effect"),
  },
  {
    id: "mastra",
    title: "Mastra, workflow of three steps",
    group: "peer",
    schemas: "shared",
    checkedBy: "by Mastra, with the Zod schemas of its steps",
    packages: ["@mastra/core"],
    load: () => loadPeer("mastra"),
  },
  {
    id: "voltagent",
    title: "VoltAgent, workflow chain of three steps",
    group: "peer",
    schemas: "shared",
    checkedBy: "six boundaries, Zod by hand in the steps",
    packages: ["@voltagent/core"],
    load: () => loadPeer("voltagent"),
  },
  {
    id: "langgraph",
    title: "LangGraph, `StateGraph` of three nodes, annotated state",
    group: "peer",
    schemas: "shared",
    checkedBy: "six boundaries, Zod by hand in the nodes",
    packages: ["@langchain/langgraph", "@langchain/core"],
    load: () => loadPeer("langgraph"),
  },
];

export function rowById(id: string): Row {
  const row = rows.find((candidate) => candidate.id === id);
  if (row === undefined) {
    throw new Error(`no row "${id}"; there are: ${rows.map((candidate) => candidate.id).join(", ")}`);
  }
  return row;
}
