import type { LogLevel, OnError } from "@atomic-agents/core";

/** What `atomic.yaml` holds, as `atomic.schema.json` has it. */
export interface ProjectFile {
  readonly $schema?: string;
  readonly name?: string;
  readonly description?: string;
  readonly agents?: Readonly<Record<string, string | AgentOfFile>> | null;
  readonly pipelines?: Readonly<Record<string, PipelineOfFile>> | null;
  readonly resources?: Readonly<Record<string, ResourceOfFile>> | null;
  readonly models?: ModelsOfFile | null;
  readonly flows?: Readonly<Record<string, string>> | null;
  readonly settings?: SettingsOfFile | null;
  readonly profiles?: Readonly<Record<string, ProfileOfFile>> | null;
}

/** What is different in an environment. */
export interface ProfileOfFile {
  readonly name?: string;
  readonly description?: string;
  readonly agents?: Readonly<Record<string, string | Partial<AgentOfFile>>>;
  readonly pipelines?: Readonly<Record<string, Partial<PipelineOfFile>>>;
  readonly resources?: Readonly<Record<string, ResourceOverlayOfFile>>;
  readonly models?: ModelsOfFile | null;
  readonly flows?: Readonly<Record<string, string>> | null;
  readonly settings?: SettingsOfFile | null;
}

type ConfigOfFile = Readonly<Record<string, unknown>>;

export interface AgentOfFile {
  /** A module and its export, or the name of a built-in agent. */
  readonly use: string;
  readonly description?: string;
  readonly config?: ConfigOfFile;
  readonly needs?: NeedsOfFile;
}

/** What of a computer an agent takes: told, and not enforced. */
export interface NeedsOfFile {
  readonly memoryMb?: number;
  readonly cores?: number;
}

export interface RetryOfFile {
  readonly attempts: number;
  readonly baseDelayMs?: number;
  readonly factor?: number;
  readonly maxDelayMs?: number;
  readonly jitter?: "full" | "none";
}

export interface StageOfFile {
  readonly agent: string;
  readonly id?: string;
  readonly timeoutMs?: number;
  readonly retry?: RetryOfFile;
  readonly onError?: OnError;
}

export interface PipelineOfFile {
  readonly description?: string;
  readonly version?: string;
  readonly stages: readonly (string | StageOfFile)[];
}

/** The name of an environment variable that holds a secret. */
export interface EnvOfFile {
  readonly env: string;
}

/** The path of a file that holds a secret. */
export interface SecretFileOfFile {
  readonly secretFile: string;
}

/** A text as it is, or where a secret is. */
export type ValueOfFile = string | EnvOfFile | SecretFileOfFile;

export interface SqliteOfFile {
  readonly type: "sqlite";
  readonly file: string;
  readonly readOnly?: boolean;
  readonly busyTimeoutMs?: number;
}

export interface HttpOfFile {
  readonly type: "http";
  readonly url: ValueOfFile;
  readonly headers?: Readonly<Record<string, ValueOfFile>>;
  readonly timeoutMs?: number;
  readonly maxResponseBytes?: number;
}

export interface ModuleOfFile {
  readonly type: "module";
  readonly use: string;
  readonly config?: ConfigOfFile;
}

export type ResourceOfFile = SqliteOfFile | HttpOfFile | ModuleOfFile;

export interface ResourceOverlayOfFile
  extends Partial<Omit<SqliteOfFile, "type">>,
    Partial<Omit<HttpOfFile, "type">>,
    Partial<Omit<ModuleOfFile, "type">> {
  readonly type?: ResourceOfFile["type"];
}

/** Which models there are, and what they cost. */
export interface ModelsOfFile {
  readonly aliases?: Readonly<Record<string, string | readonly string[]>>;
  readonly endpoints?: Readonly<Record<string, EndpointOfFile>>;
  readonly prices?: Readonly<Record<string, PriceOfFile>>;
  readonly override?: string;
}

/** A server of models. */
export interface EndpointOfFile {
  readonly baseUrl?: string;
  readonly apiKey?: EnvOfFile | SecretFileOfFile;
  readonly headers?: Readonly<Record<string, ValueOfFile>>;
  readonly supportsSchema?: boolean;
}

/** What a million tokens of a model cost. */
export interface PriceOfFile {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
  readonly cachedInputPerMillion?: number;
  readonly cacheWriteInputPerMillion?: number;
}

export interface SettingsOfFile {
  readonly logLevel?: LogLevel | "silent";
  readonly outputFormat?: "auto" | "json" | "jsonl" | "csv" | "table" | "text";
  readonly runs?: {
    readonly store?: "folder" | "sqlite";
    readonly path?: string;
    readonly retentionDays?: number;
    readonly maxBytes?: number;
  };
  readonly alerts?: {
    readonly errorRate?: number;
    readonly deadLetters?: number;
  };
  readonly inputFolders?: readonly string[];
  readonly serve?: ServeOfFile;
}

/** How `atomic serve` serves. */
export interface ServeOfFile {
  readonly agents?: readonly string[];
  readonly host?: string;
  readonly port?: number;
  readonly tokens?: EnvOfFile | SecretFileOfFile;
  readonly allowedHosts?: readonly string[];
  readonly allowedOrigins?: readonly string[];
  readonly timeoutMs?: number;
  readonly maxBodyBytes?: number;
  readonly maxInFlight?: number;
  readonly maxQueued?: number;
  readonly drainDelayMs?: number;
  readonly drainTimeoutMs?: number;
  readonly accessLog?: boolean;
}
