import { Ajv, type ValidateFunction } from "ajv";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseText } from "../files/parse-text.ts";
import { checkShape } from "./check-shape.ts";
import type { FlowFile, FlowStage, LookupStage, SinkOfFile, SourceOfFile } from "./flow-file.ts";
import type { ProjectFile, ResourceOfFile } from "./project-file.ts";
import { type FileSchema, loadSchema, resolveSchema, type SchemaDocument } from "./schema.ts";

/** Every key that the types have, at all levels. */
type Full<T> = T extends readonly (infer TItem)[]
  ? readonly Full<TItem>[]
  : T extends object
    ? string extends keyof T
      ? T
      : { readonly [K in keyof T]-?: Full<NonNullable<T[K]>> }
    : T;

const retry = { attempts: 3, baseDelayMs: 10, factor: 2, maxDelayMs: 100, jitter: "none" } as const;
const settings: Full<NonNullable<ProjectFile["settings"]>> = {
  logLevel: "silent",
  outputFormat: "table",
  runs: { store: "sqlite", path: "runs.db", retentionDays: 0.5, maxBytes: 1_000 },
  alerts: { errorRate: 0.05, deadLetters: 100 },
  inputFolders: ["/data", "../shared"],
  serve: {
    agents: ["triage", "./agents/clean.ts#clean"],
    host: "0.0.0.0",
    port: 0,
    tokens: { secretFile: "/run/secrets/tokens" },
    allowedHosts: ["*.example.com"],
    allowedOrigins: ["https://app.example.com"],
    timeoutMs: 1_000,
    maxBodyBytes: 1_000,
    maxInFlight: 1,
    maxQueued: 0,
    drainDelayMs: 0,
    drainTimeoutMs: 0,
    accessLog: false,
  },
};
const resources: readonly Full<ResourceOfFile>[] = [
  { type: "sqlite", file: "data/a.db", readOnly: true, busyTimeoutMs: 0 },
  {
    type: "http",
    url: "https://example.com",
    headers: {
      authorization: { env: "TOKEN" },
      cookie: { secretFile: "/run/secrets/a" },
      accept: "text/plain",
    },
    timeoutMs: 1,
    maxResponseBytes: 1,
  },
  { type: "module", use: "./a.ts#a", config: { key: { env: "KEY" } } },
];
const models: Full<NonNullable<ProjectFile["models"]>> = {
  aliases: { default: "openai/gpt-5-mini", careful: ["anthropic/claude-sonnet-4-5", "vllm/qwen3"] },
  endpoints: {
    vllm: {
      baseUrl: "http://localhost:8000/v1",
      apiKey: { env: "VLLM_KEY" },
      headers: { "x-team": "a" },
      supportsSchema: false,
    },
  },
  prices: {
    "vllm/qwen3": {
      inputPerMillion: 0,
      outputPerMillion: 0.5,
      cachedInputPerMillion: 0,
      cacheWriteInputPerMillion: 1,
    },
  },
  override: "simulated",
};
const project: Full<ProjectFile> = {
  $schema: "https://example.com",
  name: "tickets",
  description: "Tickets.",
  agents: {
    clean: "./agents/clean.ts#clean",
    sum: {
      use: "summarize",
      description: "Sums up.",
      config: { maxSentences: 2 },
      needs: { memoryMb: 64, cores: 0.5 },
    },
  },
  pipelines: {
    triage: {
      description: "Triage.",
      version: "2.0.0",
      stages: ["clean", { agent: "sum", id: "sum", timeoutMs: 1_000, retry, onError: "pass" }],
    },
  },
  resources: Object.fromEntries(resources.map((resource) => [resource.type, resource])),
  models,
  flows: { tickets: "etl/tickets.flow.yaml" },
  settings,
  profiles: {
    production: {
      name: "tickets in production",
      description: "Production.",
      agents: { clean: "./b.ts", sum: { use: "./c.ts", description: "d", config: {}, needs: { cores: 4 } } },
      pipelines: { triage: { description: "d", version: "3", stages: ["clean"] } },
      resources: {
        sqlite: {
          type: "http",
          file: "a",
          readOnly: false,
          busyTimeoutMs: 1,
          url: { env: "URL" },
          headers: {},
          timeoutMs: 1,
          maxResponseBytes: 1,
          use: "./a.ts",
          config: {},
        },
      },
      models,
      flows: { other: "other.flow.yaml" },
      settings,
    },
  },
};

const reading = {
  format: "csv",
  compression: "gzip",
  delimiter: ";",
  columns: ["a"],
  header: true,
  types: { a: "number" },
  maxRecordBytes: 1,
  schema: { type: "object" },
  onError: "drop",
} as const;
const sources: readonly Full<SourceOfFile>[] = [
  { file: "data/*.csv", ...reading, where: "a > $b", parameters: { b: 1 } },
  { stdin: true, ...reading },
  { http: "https://example.com/a", headers: { a: { env: "B" } }, timeoutMs: 1, ...reading },
  { module: "./a.ts#a", schema: "./a.json", onError: "stop" },
];
const writing = { format: "csv", compression: "none", delimiter: "\t", columns: ["a"] } as const;
const sinks: readonly Full<SinkOfFile>[] = [
  { file: "out/a.csv", ...writing },
  { stdout: true, ...writing },
  { http: "http://example.com/a", headers: { a: "b" }, timeoutMs: 1, batchSize: 1, onError: "stop" },
  { module: "./a.ts#a" },
];
const put = { as: "a", fields: { b: "c" }, onMissing: "drop", replace: true } as const;
const lookups: readonly Full<LookupStage["lookup"]>[] = [
  {
    file: "data/a.csv",
    key: ["a"],
    by: "record.a",
    onDuplicate: "last",
    maxRecords: 1,
    format: "csv",
    compression: "gzip",
    delimiter: ";",
    columns: ["a"],
    header: true,
    types: { a: "integer" },
    maxRecordBytes: 1,
    schema: "./a.schema.json",
    ...put,
  },
  {
    sqlite: "data/a.db",
    sql: "select 1",
    parameters: { id: "record.id" },
    schema: {},
    onDuplicate: "first",
    busyTimeoutMs: 1,
    ...put,
  },
  {
    http: "https://example.com/{id}",
    values: { id: "record.id" },
    headers: { accept: "text/plain" },
    timeoutMs: 1,
    retry,
    schema: {},
    maxBytes: 1,
    rateLimit: { limit: 1, perMs: 1, burst: 1 },
    cache: { maxAgeMs: 1, missingMaxAgeMs: 0, maxEntries: 1 },
    ...put,
  },
];
const stages: readonly Full<FlowStage>[] = [
  {
    agent: "clean",
    id: "clean",
    batch: { size: 1, maxBytes: 1, maxWaitMs: 1, settled: true },
    input: { text: "record.text", nested: { list: ["record.a", 1, true, null] } },
    output: "output.text",
    as: "text",
    concurrency: 1,
    ordered: false,
    timeoutMs: 1,
    retry,
    onError: "dead-letter",
  },
  { filter: "record.a", id: "f", onError: "drop" },
  { map: { a: "record.a" }, id: "m", onError: "stop" },
  { split: "record.a", id: "s", onError: "dead-letter" },
  { batch: { size: 10, maxBytes: 100, maxWaitMs: 1 }, id: "b", onError: "drop" },
  {
    sort: { by: ["a", { key: "record.b", order: "desc" }], maxInMemory: 1, past: "duckdb" },
    id: "o",
    onError: "drop",
  },
  {
    aggregate: {
      by: [],
      calculate: {
        a: { count: true },
        b: { count: "a" },
        c: { sum: "a" },
        d: { mean: "a" },
        e: { min: "a" },
        f: { max: "a" },
        g: { quantile: "a", at: 0.5 },
        h: { distinct: "a" },
      },
      maxGroups: 1,
      past: "duckdb",
    },
    id: "a",
    onError: "drop",
  },
  {
    window: {
      time: "at",
      timeZone: "Europe/Berlin",
      tumbling: { sizeMs: 1, offsetMs: -1 },
      sliding: { sizeMs: 2, everyMs: 1, offsetMs: 0 },
      session: { gapMs: 1 },
      by: ["a"],
      calculate: { a: { count: true } },
      outOfOrderMs: 0,
      allowedLatenessMs: 0,
      maxAheadMs: 0,
      idleMs: 1,
      onLate: "drop",
      maxOpenWindows: 1,
    },
    id: "w",
    onError: "drop",
  },
  {
    deduplicate: {
      by: ["id"],
      near: { text: "a", similarity: 1, shingleSize: 1, permutations: 16 },
      within: { records: 1 },
      maxKeys: 1,
      past: {
        duckdb: {
          memoryLimitMb: 1,
          maxTemporaryMb: 1,
          temporaryDirectory: "out",
          threads: 1,
          timeoutMs: 1,
        },
      },
    },
    id: "d",
    onError: "drop",
  },
  {
    deduplicate: {
      by: ["id"],
      near: { text: "record.a", similarity: 0.01, shingleSize: 100, permutations: 1_024 },
      within: { ms: 1, time: "record.at", timeZone: "Z", maxAheadMs: 0 },
      maxKeys: 1,
      past: "duckdb",
    },
    id: "d",
    onError: "drop",
  },
  ...lookups.map((lookup) => ({
    lookup,
    id: "l",
    concurrency: 1,
    ordered: false,
    timeoutMs: 1,
    onError: "drop" as const,
  })),
  {
    join: {
      source: sources[0] ?? "a.jsonl",
      on: ["a", { left: "record.a", right: "b" }],
      type: "left",
      as: "c",
      replace: true,
      maxInMemory: 1,
      past: "duckdb",
      maxMatches: 1,
    },
    id: "j",
    onError: "drop",
  },
  ...sinks.map((tee) => ({ tee })),
];
const flows: readonly Full<FlowFile>[] = sources.map((source, index) => ({
  $schema: "https://example.com",
  name: "tickets",
  description: "Tickets.",
  source,
  stages: ["clean", ...stages],
  sink: sinks[index] ?? "out/a.jsonl",
  deadLetters: "out/a.dead-letters.jsonl",
}));

const documents: readonly (readonly [name: "atomic" | "flow", example: unknown])[] = [
  ["atomic", project],
  ...flows.map((flow) => ["flow", flow] as const),
  ["atomic", {}],
  ["atomic", { agents: null, pipelines: null, resources: null, flows: null, settings: null, profiles: null }],
  ["flow", { source: "a.jsonl", sink: "b.jsonl" }],
];

const ajv = new Ajv({ strict: true, allowUnionTypes: true });
const compiled = new Map<string, ValidateFunction>();
function isValid(name: "atomic" | "flow", value: unknown): boolean {
  const validate = compiled.get(name) ?? ajv.compile(loadSchema(name));
  compiled.set(name, validate);
  return validate(value) === true;
}

function messages(name: "atomic" | "flow", value: unknown): readonly string[] {
  const { document, problems } = parseText(JSON.stringify(value), { file: "a", format: "json" });
  if (document === undefined) throw new Error(problems[0]?.message);
  return checkShape(document, loadSchema(name)).map(({ message }) => message);
}

describe("what the types allow, the schemas allow", () => {
  test.each(documents)("%s %#", (name, example) => {
    expect(messages(name, example)).toEqual([]);
    expect(isValid(name, example)).toBe(true);
  });
});

describe("what is checked here is what the schemas say", () => {
  /** What may stand somewhere else than it should. */
  const odd = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      "",
      "a",
      "stop",
      "sqlite",
      "none",
      [],
      {},
      -1,
      0,
      0.5,
      1,
      3e9,
      9e15,
    ),
    fc.constantFrom<unknown>({ env: "A" }, { secretFile: "b" }, { env: 1 }, { type: "http" }, ["a"], [{}], {
      use: "a",
    }),
    fc.constantFrom(
      "x".repeat(65),
      "y".repeat(201),
      "z".repeat(9_000),
      "a b",
      "é",
      ".a",
      "-a",
      "http://x",
      "ftp://x",
    ),
  );
  const keys = fc.constantFrom(
    "name",
    "agent",
    "use",
    "type",
    "file",
    "stdin",
    "env",
    "filter",
    "id",
    "x",
    "a b",
  );

  test("for documents with some parts changed", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...documents),
        fc.array(
          fc.record({ at: fc.nat(), change: fc.constantFrom("replace", "remove", "add"), odd, keys }),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
        ([name, example], changes) => {
          // JSON makes a copy that may be changed.
          let value: unknown = JSON.parse(JSON.stringify(example));
          for (const { at, change, odd: given, keys: key } of changes) {
            const other = structuredClone(given);
            const places = placesIn(value);
            const place = places[at % places.length];
            if (place === undefined) value = other;
            else if (change === "add") Reflect.set(place.holder, key, other);
            else if (change === "replace") Reflect.set(place.holder, place.key, other);
            else if (Array.isArray(place.holder)) place.holder.splice(Number(place.key), 1);
            else Reflect.deleteProperty(place.holder, place.key);
          }
          const text = JSON.stringify(value);
          const found = messages(name, JSON.parse(text));
          expect([found.length === 0, found]).toEqual([isValid(name, JSON.parse(text)), found]);
        },
      ),
    );
  });
});

/** All places in a value at which something stands. */
function placesIn(value: unknown): readonly { readonly holder: object; readonly key: string }[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [{ holder: value, key }, ...placesIn(part)]);
}

describe.each(["atomic", "flow"] as const)("the schema %s", (name) => {
  const document = loadSchema(name);

  test("says of everything what it is, so that messages can", () => {
    for (const [path, schema] of partsOf(document)) {
      if (schema.$ref !== undefined || schema.const !== undefined || path.endsWith("/propertyNames"))
        continue;
      expect([path, schema.title]).toEqual([path, expect.stringMatching(/^\S/)]);
    }
  });

  test("has defaults and examples that it takes itself", () => {
    const ajv = new Ajv({ strict: true, allowUnionTypes: true }).addSchema(document, name);
    for (const [path, schema] of partsOf(document)) {
      const shown = [...(schema.examples ?? []), ...(schema.default === undefined ? [] : [schema.default])];
      const validate = ajv.compile({ $ref: `${name}#/definitions${path}` });
      for (const value of shown) expect([path, value, validate(value)]).toEqual([path, value, true]);
    }
  });

  test("describes each key", () => {
    const bare = [...partsOf(document)].flatMap(([path, schema]) =>
      Object.entries(schema.properties ?? {}).flatMap(([key, given]) => {
        const { description } = resolveSchema(document, given);
        const isPlain =
          /^(?:type|stdin|stdout|count|sum|mean|min|max|order|env|key|agent|use|by|calculate)$/.test(key);
        return description === undefined && !isPlain ? [`${path}/${key}`] : [];
      }),
    );
    expect(bare).toEqual([]);
  });
});

/** Every schema in a document, by the path to it under `definitions`. */
function partsOf(document: SchemaDocument): ReadonlyMap<string, FileSchema> {
  const parts = new Map<string, FileSchema>();
  const add = (path: string, schema: FileSchema): void => {
    parts.set(path, schema);
    for (const [key, part] of Object.entries(schema.properties ?? {})) add(`${path}/properties/${key}`, part);
    for (const [index, part] of (schema.anyOf ?? []).entries()) add(`${path}/anyOf/${index}`, part);
    if (schema.items !== undefined) add(`${path}/items`, schema.items);
    if (schema.propertyNames !== undefined) add(`${path}/propertyNames`, schema.propertyNames);
    if (typeof schema.additionalProperties === "object") {
      add(`${path}/additionalProperties`, schema.additionalProperties);
    }
  };
  for (const [name, schema] of Object.entries(document.definitions)) add(`/${name}`, schema);
  return parts;
}
