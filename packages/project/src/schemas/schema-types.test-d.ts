import type atomic from "@atomic-agents/project/schemas/atomic.schema.json";
import type flow from "@atomic-agents/project/schemas/flow.schema.json";
import type { SessionGap, SlidingWindows, TumblingWindows, WithinRecords } from "@atomic-agents/flow";
import { expectTypeOf } from "vitest";
import type {
  AgentBatchOfFile,
  AggregateStage,
  AgentStage,
  BatchOfFile,
  BatchStage,
  DeduplicateStage,
  FileLookup,
  FileSink,
  FileSource,
  FilterStage,
  FlowFile,
  HttpLookup,
  HttpSink,
  HttpSource,
  JoinSidesOfFile,
  JoinStage,
  LookupStage,
  MapStage,
  ModuleSink,
  ModuleSource,
  SortKeyOfFile,
  SortStage,
  SplitStage,
  SqliteLookup,
  StdinSource,
  StdoutSink,
  NearOfFile,
  TeeStage,
  WindowStage,
  WithinTimeOfFile,
} from "./flow-file.ts";
import type {
  AgentOfFile,
  EndpointOfFile,
  EnvOfFile,
  HttpOfFile,
  ModelsOfFile,
  ModuleOfFile,
  NeedsOfFile,
  PipelineOfFile,
  PriceOfFile,
  ProfileOfFile,
  ProjectFile,
  ResourceOverlayOfFile,
  RetryOfFile,
  SecretFileOfFile,
  ServeOfFile,
  SettingsOfFile,
  SqliteOfFile,
  StageOfFile,
} from "./project-file.ts";

/** Types and schemas name the same keys; what values they take is held against each other in schemas.test.ts. */
type Atomic = (typeof atomic)["definitions"];
type Flow = (typeof flow)["definitions"];
type KeysOf<TSchema extends { readonly properties: unknown }> = keyof TSchema["properties"];
type ObjectOf<TSchema extends { readonly anyOf: readonly unknown[] }> = Extract<
  TSchema["anyOf"][number],
  { readonly properties: object }
>;
type KeysOfOption<TOption> = TOption extends { readonly properties: infer P }
  ? { [K in keyof P]: P[K] extends undefined ? never : K }[keyof P]
  : never;

expectTypeOf<keyof ProjectFile>().toEqualTypeOf<KeysOf<typeof atomic>>();
expectTypeOf<keyof ProfileOfFile>().toEqualTypeOf<KeysOf<Atomic["profile"]>>();
expectTypeOf<keyof AgentOfFile>().toEqualTypeOf<KeysOfOption<ObjectOf<Atomic["agent"]>>>();
expectTypeOf<keyof AgentOfFile>().toEqualTypeOf<KeysOfOption<ObjectOf<Atomic["agentOverlay"]>>>();
expectTypeOf<keyof NeedsOfFile>().toEqualTypeOf<KeysOf<Atomic["needs"]>>();
expectTypeOf<keyof PipelineOfFile>().toEqualTypeOf<KeysOf<Atomic["pipeline"]>>();
expectTypeOf<keyof PipelineOfFile>().toEqualTypeOf<KeysOf<Atomic["pipelineOverlay"]>>();
expectTypeOf<keyof StageOfFile>().toEqualTypeOf<KeysOfOption<ObjectOf<Atomic["stage"]>>>();
expectTypeOf<keyof RetryOfFile>().toEqualTypeOf<KeysOf<Atomic["retry"]>>();
expectTypeOf<keyof RetryOfFile>().toEqualTypeOf<KeysOf<Flow["agentStage"]["properties"]["retry"]>>();
expectTypeOf<keyof EnvOfFile>().toEqualTypeOf<KeysOf<Atomic["env"]>>();
expectTypeOf<keyof SecretFileOfFile>().toEqualTypeOf<KeysOf<Atomic["secretFile"]>>();
expectTypeOf<keyof SqliteOfFile>().toEqualTypeOf<KeysOf<Atomic["sqlite"]>>();
expectTypeOf<keyof HttpOfFile>().toEqualTypeOf<KeysOf<Atomic["http"]>>();
expectTypeOf<keyof ModuleOfFile>().toEqualTypeOf<KeysOf<Atomic["module"]>>();
expectTypeOf<keyof ResourceOverlayOfFile>().toEqualTypeOf<KeysOf<Atomic["resourceOverlay"]>>();
expectTypeOf<keyof ModelsOfFile>().toEqualTypeOf<KeysOf<Atomic["models"]>>();
expectTypeOf<keyof EndpointOfFile>().toEqualTypeOf<KeysOf<Atomic["endpoint"]>>();
expectTypeOf<keyof PriceOfFile>().toEqualTypeOf<KeysOf<Atomic["price"]>>();
expectTypeOf<keyof ServeOfFile>().toEqualTypeOf<KeysOf<Atomic["settings"]["properties"]["serve"]>>();
expectTypeOf<keyof SettingsOfFile>().toEqualTypeOf<KeysOf<Atomic["settings"]>>();
expectTypeOf<keyof NonNullable<SettingsOfFile["runs"]>>().toEqualTypeOf<
  KeysOf<Atomic["settings"]["properties"]["runs"]>
>();
expectTypeOf<keyof NonNullable<SettingsOfFile["alerts"]>>().toEqualTypeOf<
  KeysOf<Atomic["settings"]["properties"]["alerts"]>
>();

expectTypeOf<keyof FlowFile>().toEqualTypeOf<KeysOf<typeof flow>>();
expectTypeOf<keyof FileSource>().toEqualTypeOf<KeysOf<Flow["fileSource"]>>();
expectTypeOf<keyof StdinSource>().toEqualTypeOf<KeysOf<Flow["stdinSource"]>>();
expectTypeOf<keyof HttpSource>().toEqualTypeOf<KeysOf<Flow["httpSource"]>>();
expectTypeOf<keyof ModuleSource>().toEqualTypeOf<KeysOf<Flow["moduleSource"]>>();
expectTypeOf<keyof FileSink>().toEqualTypeOf<KeysOf<Flow["fileSink"]>>();
expectTypeOf<keyof StdoutSink>().toEqualTypeOf<KeysOf<Flow["stdoutSink"]>>();
expectTypeOf<keyof HttpSink>().toEqualTypeOf<KeysOf<Flow["httpSink"]>>();
expectTypeOf<keyof ModuleSink>().toEqualTypeOf<KeysOf<Flow["moduleSink"]>>();
expectTypeOf<keyof AgentStage>().toEqualTypeOf<KeysOf<Flow["agentStage"]>>();
expectTypeOf<keyof FilterStage>().toEqualTypeOf<KeysOf<Flow["filterStage"]>>();
expectTypeOf<keyof MapStage>().toEqualTypeOf<KeysOf<Flow["mapStage"]>>();
expectTypeOf<keyof SplitStage>().toEqualTypeOf<KeysOf<Flow["splitStage"]>>();
expectTypeOf<keyof BatchStage>().toEqualTypeOf<KeysOf<Flow["batchStage"]>>();
expectTypeOf<keyof BatchOfFile>().toEqualTypeOf<
  KeysOfOption<ObjectOf<Flow["batchStage"]["properties"]["batch"]>>
>();
expectTypeOf<keyof AgentBatchOfFile>().toEqualTypeOf<
  KeysOfOption<ObjectOf<Flow["agentStage"]["properties"]["batch"]>>
>();
expectTypeOf<keyof SortStage>().toEqualTypeOf<KeysOf<Flow["sortStage"]>>();
expectTypeOf<keyof SortStage["sort"]>().toEqualTypeOf<KeysOf<Flow["sortStage"]["properties"]["sort"]>>();
type SortKeySchema = Flow["sortStage"]["properties"]["sort"]["properties"]["by"]["items"];
expectTypeOf<keyof SortKeyOfFile>().toEqualTypeOf<KeysOfOption<ObjectOf<SortKeySchema>>>();
expectTypeOf<keyof AggregateStage>().toEqualTypeOf<KeysOf<Flow["aggregateStage"]>>();
expectTypeOf<keyof AggregateStage["aggregate"]>().toEqualTypeOf<
  KeysOf<Flow["aggregateStage"]["properties"]["aggregate"]>
>();
expectTypeOf<keyof DeduplicateStage>().toEqualTypeOf<KeysOf<Flow["deduplicateStage"]>>();
expectTypeOf<keyof DeduplicateStage["deduplicate"]>().toEqualTypeOf<
  KeysOf<Flow["deduplicateStage"]["properties"]["deduplicate"]>
>();
expectTypeOf<keyof LookupStage>().toEqualTypeOf<KeysOf<Flow["lookupStage"]>>();
expectTypeOf<keyof FileLookup>().toEqualTypeOf<KeysOf<Flow["fileLookup"]>>();
expectTypeOf<keyof SqliteLookup>().toEqualTypeOf<KeysOf<Flow["sqliteLookup"]>>();
expectTypeOf<keyof HttpLookup>().toEqualTypeOf<KeysOf<Flow["httpLookup"]>>();
expectTypeOf<keyof JoinStage>().toEqualTypeOf<KeysOf<Flow["joinStage"]>>();
expectTypeOf<keyof JoinStage["join"]>().toEqualTypeOf<KeysOf<Flow["joinStage"]["properties"]["join"]>>();
expectTypeOf<keyof JoinSidesOfFile>().toEqualTypeOf<KeysOf<Flow["joinSides"]>>();
type DeduplicateSchema = Flow["deduplicateStage"]["properties"]["deduplicate"]["properties"];
expectTypeOf<keyof NearOfFile>().toEqualTypeOf<KeysOf<DeduplicateSchema["near"]>>();
type WithinOfFile = WithinTimeOfFile | WithinRecords;
type KeysOfEach<TUnion> = TUnion extends unknown ? keyof TUnion : never;
expectTypeOf<KeysOfEach<WithinOfFile>>().toEqualTypeOf<
  NonNullable<KeysOfOption<ObjectOf<DeduplicateSchema["within"]>>>
>();
expectTypeOf<keyof WindowStage>().toEqualTypeOf<KeysOf<Flow["windowStage"]>>();
type WindowSchema = Flow["windowStage"]["properties"]["window"];
expectTypeOf<keyof WindowStage["window"]>().toEqualTypeOf<KeysOf<WindowSchema>>();
expectTypeOf<keyof TumblingWindows>().toEqualTypeOf<KeysOf<WindowSchema["properties"]["tumbling"]>>();
expectTypeOf<keyof SlidingWindows>().toEqualTypeOf<KeysOf<WindowSchema["properties"]["sliding"]>>();
expectTypeOf<keyof SessionGap>().toEqualTypeOf<KeysOf<WindowSchema["properties"]["session"]>>();
expectTypeOf<keyof TeeStage>().toEqualTypeOf<KeysOf<Flow["teeStage"]>>();
