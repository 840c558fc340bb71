export type {
  Calculation,
  Calculations,
  Figure,
  GroupKey,
  GroupRecord,
  NumberKey,
  OrderedKey,
} from "./aggregation/calculation.ts";
export type { FlowAlerts } from "./alerts.ts";
export type { BatchLimits, BatchOptions } from "./batch/batch-options.ts";
export type { ItemOutcome } from "./batch/item-outcome.ts";
export type { DeadLetter, LetterEntry, RecordRange } from "./dead-letter.ts";
export type {
  DeduplicateOptions,
  NearOptions,
  WithinRecords,
  WithinTime,
} from "./deduplicate/deduplicate-options.ts";
export type { ColumnType } from "./csv/column-type.ts";
export { fromFile, type FromFileOptions } from "./files/from-file.ts";
export { toFile, type ToFileOptions } from "./files/to-file.ts";
export { type UnpublishedFile, unpublishedFiles } from "./files/unpublished-files.ts";
export type { AggregateOptions } from "./aggregate-options.ts";
export { type Flow, flow, type OtherRecords } from "./flow.ts";
export type { RawFlow } from "./raw-flow.ts";
export type { FlowOptions, FlowRunOptions } from "./flow-options.ts";
export type {
  PassThroughOptions,
  ThroughBatchOptions,
  ThroughOptions,
  ThroughSettings,
} from "./through-options.ts";
export type { FlowRun } from "./flow-run.ts";
export type { Compression, FileFormat } from "./formats/file-format.ts";
export type { ReadOptions } from "./formats/read-options.ts";
export type { WriteOptions } from "./formats/write-options.ts";
export type { FlowStage, StageKind } from "./flow-stage.ts";
export type { FunctionOptions } from "./function-options.ts";
export { fromIterable, type FromIterableOptions } from "./from-iterable.ts";
export { fromHttp, type FromHttpOptions } from "./http/from-http.ts";
export type { HttpOptions, HttpRetry } from "./http/http-options.ts";
export { toHttp, type ToHttpOptions } from "./http/to-http.ts";
export type {
  Joined,
  JoinFilterOptions,
  JoinKey,
  JoinOptions,
  JoinSides,
} from "./join/join-options.ts";
export type { KeyOf, KeyValue, RecordKey } from "./keys.ts";
export { fromDeadLetters } from "./letters/from-dead-letters.ts";
export { planRedrive } from "./letters/plan-redrive.ts";
export {
  type DamagedLetter,
  readDeadLetters,
  type ReadDeadLettersOptions,
} from "./letters/read-dead-letters.ts";
export type { DeadLetters, RedriveOptions, RedrivePlan, RedriveTarget } from "./letters/redrive-scan.ts";
export { toDeadLetters } from "./letters/to-dead-letters.ts";
export type { BatchMapping } from "./nodes/batch-through-node.ts";
export type { AskOptions, LookupCache, LookupRate } from "./lookup/asked.ts";
export { httpTable, type HttpTableOptions, type UrlValues } from "./lookup/http-table.ts";
export { type LookedUp, lookup, type LookupOptions } from "./lookup/lookup.ts";
export {
  type SqliteRow,
  sqliteTable,
  type SqliteTableOptions,
  type SqliteValues,
} from "./lookup/sqlite-table.ts";
export { defineTable, type Table, type TableDefinition, type TableInternals } from "./lookup/table.ts";
export { type TableKey, tableOf, type TableOfOptions } from "./lookup/table-of.ts";
export type { UrlValue } from "./lookup/url-template.ts";
export type { RecordPolicy } from "./nodes/node.ts";
export {
  defineOperator,
  type EmitOptions,
  type Operator,
  type OperatorContext,
  type OperatorDefinition,
  type OperatorInternals,
  type OperatorOptions,
  type OperatorOutput,
  type OperatorWork,
} from "./operator.ts";
export type { Overflow } from "./overflow/overflow.ts";
export type { Place } from "./place.ts";
export {
  defineSink,
  type Sink,
  type SinkContext,
  type SinkDefinition,
  type SinkInternals,
  type SinkWriter,
} from "./sink.ts";
export { DistinctSketch } from "./sketch/distinct-sketch.ts";
export { QuantileSketch, type QuantileSketchOptions } from "./sketch/quantile-sketch.ts";
export type { SortKey, SortOptions } from "./sort/sort-options.ts";
export {
  defineSource,
  type Refusal,
  type RefusedRecord,
  type Source,
  type SourceCursor,
  type SourceDefinition,
  type SourceInternals,
  type SourceReader,
  type SourceSize,
} from "./source.ts";
export { fromStdin } from "./stdio/from-stdin.ts";
export { toStdout } from "./stdio/to-stdout.ts";
export type {
  FlowCounts,
  FlowProgress,
  FlowSinkSummary,
  FlowStageSummary,
  FlowStatus,
  FlowSummary,
} from "./summary.ts";
export type { TextLine } from "./text/read-text.ts";
export { sumOfRuns } from "./sum-of-runs.ts";
export { toArray } from "./to-array.ts";
export type { TimeKey, TimeOf, TimeValue } from "./window/event-time.ts";
export type {
  SessionGap,
  SlidingWindows,
  TumblingWindows,
  WindowKinds,
  WindowOptions,
  WindowResult,
} from "./window/window-options.ts";
