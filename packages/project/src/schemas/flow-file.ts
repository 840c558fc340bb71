import type { OnError } from "@atomic-agents/core";
import type { Calculations, RecordPolicy, WindowKinds, WithinRecords } from "@atomic-agents/flow";
import type { ProfileOptions } from "../capabilities/profile/profile-records.ts";
import type { RedactOptions } from "../capabilities/redact/redact-options.ts";
import type { ValidateManner } from "../capabilities/validate/validate-options.ts";
import type { TransformOptions } from "../capabilities/transform/transform-options.ts";
import type { EnvOfFile, RetryOfFile, SecretFileOfFile, ValueOfFile } from "./project-file.ts";

/** What a flow file holds, as `flow.schema.json` has it. */
export interface FlowFile {
  readonly $schema?: string;
  readonly name?: string;
  readonly description?: string;
  readonly source: string | SourceOfFile;
  readonly stages?: readonly (string | FlowStage)[];
  readonly sink: string | SinkOfFile;
  readonly deadLetters?: string;
}

/** How bytes become records. */
export interface ReadOptionsOfFile {
  readonly format?: "jsonl" | "json" | "csv" | "text";
  readonly compression?: "auto" | "gzip" | "none";
  readonly delimiter?: string;
  readonly columns?: readonly string[];
  /** Whether the first row holds names: unless columns are given, which else stand in their place. */
  readonly header?: boolean;
  readonly types?: Readonly<Record<string, "text" | "number" | "integer" | "boolean" | "json">>;
  readonly maxRecordBytes?: number;
  /** A JSON Schema, the path of one, or a module and its export. */
  readonly schema?: string | Readonly<Record<string, unknown>>;
  readonly onError?: RecordPolicy;
}

/** Values for SQL, by name. */
type SqlParametersOfFile = Readonly<Record<string, string | number | boolean | null>>;

export interface FileSource extends Omit<ReadOptionsOfFile, "format"> {
  /** A path, or a pattern of paths. */
  readonly file: string;
  readonly format?: ReadOptionsOfFile["format"] | "parquet";
  /** Of Parquet: a condition in SQL. */
  readonly where?: string;
  readonly parameters?: SqlParametersOfFile;
}

export interface SqlSource extends Pick<ReadOptionsOfFile, "schema" | "onError"> {
  readonly sql: string;
  readonly parameters?: SqlParametersOfFile;
  /** Files by the names that the query has for them. */
  readonly tables?: Readonly<Record<string, string>>;
  /** A file of DuckDB's. */
  readonly database?: string;
}

export interface StdinSource extends ReadOptionsOfFile {
  readonly stdin: true;
}

export interface HttpSource extends ReadOptionsOfFile {
  readonly http: string;
  readonly headers?: Readonly<Record<string, ValueOfFile>>;
  readonly timeoutMs?: number;
}

export interface ModuleSource {
  readonly module: string;
  readonly schema?: string | Readonly<Record<string, unknown>>;
  readonly onError?: RecordPolicy;
}

export type SourceOfFile = FileSource | StdinSource | HttpSource | SqlSource | ModuleSource;

/** How records become bytes. */
interface WriteOptionsOfFile {
  readonly format?: "jsonl" | "json" | "csv" | "text";
  readonly compression?: "auto" | "gzip" | "none";
  readonly delimiter?: string;
  readonly columns?: readonly string[];
}

export interface FileSink extends Omit<WriteOptionsOfFile, "format"> {
  readonly file: string;
  readonly format?: WriteOptionsOfFile["format"] | "parquet";
}

export interface StdoutSink extends WriteOptionsOfFile {
  readonly stdout: true;
}

export interface HttpSink {
  readonly http: string;
  readonly headers?: Readonly<Record<string, ValueOfFile>>;
  readonly timeoutMs?: number;
  readonly batchSize?: number;
  /** What becomes of records that the server refuses for what is in them. */
  readonly onError?: "stop" | "dead-letter";
}

export interface ModuleSink {
  readonly module: string;
}

export type SinkOfFile = FileSink | StdoutSink | HttpSink | ModuleSink;

/** A template of CEL: a text is an expression, objects and lists hold further ones, other values are themselves. */
type MappingOfFile =
  | string
  | number
  | boolean
  | null
  | readonly MappingOfFile[]
  | { readonly [key: string]: MappingOfFile };

/** When a batch is full. */
export interface BatchOfFile {
  readonly size?: number;
  readonly maxBytes?: number;
  readonly maxWaitMs?: number;
}

/** How an agent is given lists of records. */
export interface AgentBatchOfFile extends BatchOfFile {
  /** Whether it gives an outcome for each. */
  readonly settled?: boolean;
}

export interface AgentStage {
  readonly agent: string;
  readonly id?: string;
  readonly batch?: number | AgentBatchOfFile;
  readonly input?: MappingOfFile;
  readonly output?: MappingOfFile;
  /** The key of the record under which its answer is put. */
  readonly as?: string;
  readonly concurrency?: number;
  readonly ordered?: boolean;
  readonly timeoutMs?: number;
  readonly retry?: RetryOfFile;
  readonly onError?: OnError;
}

/** What all operators that look at single records have. */
interface OperatorStage {
  readonly id?: string;
  readonly onError?: RecordPolicy;
}

export interface FilterStage extends OperatorStage {
  readonly filter: string;
}

export interface MapStage extends OperatorStage {
  readonly map: MappingOfFile;
}

export interface SplitStage extends OperatorStage {
  readonly split: string;
}

export interface BatchStage extends OperatorStage {
  readonly batch: number | BatchOfFile;
}

/** A key of the record, or an expression over it. */
export interface SortKeyOfFile {
  readonly key: string;
  readonly order?: "asc" | "desc";
}

export interface SortStage extends OperatorStage {
  readonly sort: {
    readonly by: readonly (string | SortKeyOfFile)[];
    readonly maxInMemory?: number;
    readonly past?: PastOfFile;
  };
}

/** What DuckDB may use. */
interface DuckDbLimitsOfFile {
  readonly memoryLimitMb?: number;
  readonly maxTemporaryMb?: number;
  readonly temporaryDirectory?: string;
  readonly threads?: number;
  readonly timeoutMs?: number;
}

/** Where a stage goes on when it has outgrown memory. */
export type PastOfFile = "duckdb" | { readonly duckdb: DuckDbLimitsOfFile };

export interface AggregateStage extends OperatorStage {
  readonly aggregate: {
    readonly by: readonly string[];
    readonly calculate: Calculations;
    readonly maxGroups?: number;
    readonly past?: PastOfFile;
  };
}

export interface WithinTimeOfFile {
  readonly ms: number;
  /** A key of the record, or an expression over it. */
  readonly time: string;
  readonly timeZone?: string;
  readonly maxAheadMs?: number;
}

export interface NearOfFile {
  /** A key of the record, or an expression over it. */
  readonly text: string;
  readonly similarity: number;
  readonly shingleSize?: number;
  readonly permutations?: number;
}

export interface DeduplicateStage extends OperatorStage {
  readonly deduplicate: {
    readonly by?: readonly string[];
    readonly near?: NearOfFile;
    readonly within?: WithinRecords | WithinTimeOfFile;
    readonly maxKeys?: number;
    readonly past?: PastOfFile;
  };
}

export interface WindowStage extends OperatorStage {
  readonly window: WindowKinds & {
    /** A key of the record, or an expression over it. */
    readonly time: string;
    readonly timeZone?: string;
    readonly by?: readonly string[];
    readonly calculate: Calculations;
    readonly outOfOrderMs?: number;
    readonly allowedLatenessMs?: number;
    readonly maxAheadMs?: number;
    readonly idleMs?: number;
    readonly onLate?: RecordPolicy;
    readonly maxOpenWindows?: number;
  };
}

/** What is put into records of what a lookup finds. */
interface LookupOfFile {
  readonly as?: string;
  /** Keys of what is found, by the names that they get. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly onMissing?: "keep" | "drop" | "error";
  readonly replace?: boolean;
}

export interface FileLookup extends LookupOfFile, Omit<ReadOptionsOfFile, "onError"> {
  readonly file: string;
  readonly key: string | readonly string[];
  readonly by: string | readonly string[];
  readonly onDuplicate?: "error" | "first" | "last";
  readonly maxRecords?: number;
}

export interface SqliteLookup extends LookupOfFile {
  /** A resource of the project, or a path. */
  readonly sqlite: string;
  readonly sql: string;
  readonly parameters?: Readonly<Record<string, MappingOfFile>>;
  readonly schema?: string | Readonly<Record<string, unknown>>;
  readonly onDuplicate?: "error" | "first";
  readonly busyTimeoutMs?: number;
}

export interface HttpLookup extends LookupOfFile {
  /** An address with names in braces, or a path below that of a resource. */
  readonly http: string | { readonly resource: string; readonly path: string };
  readonly values?: Readonly<Record<string, MappingOfFile>>;
  readonly headers?: Readonly<Record<string, ValueOfFile>>;
  readonly timeoutMs?: number;
  readonly retry?: RetryOfFile;
  readonly schema?: string | Readonly<Record<string, unknown>>;
  readonly maxBytes?: number;
  readonly rateLimit?: { readonly limit: number; readonly perMs: number; readonly burst?: number };
  readonly cache?:
    | false
    | { readonly maxAgeMs?: number; readonly missingMaxAgeMs?: number; readonly maxEntries?: number };
}

export interface LookupStage extends OperatorStage {
  readonly lookup: FileLookup | SqliteLookup | HttpLookup;
  readonly concurrency?: number;
  readonly ordered?: boolean;
  readonly timeoutMs?: number;
}

/** A key, or an expression, of each side. */
export interface JoinSidesOfFile {
  readonly left: string;
  readonly right: string;
}

export interface JoinStage extends OperatorStage {
  readonly join: {
    readonly source: string | SourceOfFile;
    readonly on: string | JoinSidesOfFile | readonly (string | JoinSidesOfFile)[];
    readonly type?: "inner" | "left" | "semi" | "anti";
    readonly as?: string;
    readonly replace?: boolean;
    readonly maxInMemory?: number;
    readonly past?: PastOfFile;
    readonly maxMatches?: number;
  };
}

export interface SqlStage extends OperatorStage {
  readonly sql:
    | string
    | {
        readonly query: string;
        readonly parameters?: SqlParametersOfFile;
        readonly memoryLimitMb?: number;
        readonly maxTemporaryMb?: number;
        readonly temporaryDirectory?: string;
        readonly threads?: number;
        readonly timeoutMs?: number;
      };
}

export interface TransformStage extends OperatorStage {
  readonly transform: TransformOptions;
}

export interface RedactStage extends OperatorStage {
  readonly redact: Omit<RedactOptions, "key"> & { readonly key?: EnvOfFile | SecretFileOfFile };
}

export interface ValidateStage extends OperatorStage {
  readonly validate: ValidateManner & {
    /** A JSON Schema, the path of one, or a module and its export. */
    readonly schema: string | Readonly<Record<string, unknown>>;
  };
}

export interface ProfileStage {
  readonly profile: true | ProfileOptions;
  readonly id?: string;
}

export interface TeeStage {
  readonly tee: string | SinkOfFile;
}

export type FlowStage =
  | AgentStage
  | FilterStage
  | MapStage
  | SplitStage
  | BatchStage
  | SortStage
  | AggregateStage
  | WindowStage
  | DeduplicateStage
  | LookupStage
  | JoinStage
  | SqlStage
  | TransformStage
  | RedactStage
  | ValidateStage
  | ProfileStage
  | TeeStage;
