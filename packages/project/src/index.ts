export { loadBuiltInAgents } from "./built-in-agents.ts";
export { inferFile, type InferFileOptions, type InferredFile } from "./capabilities/profile/infer-file.ts";
export { type InferOptions, inferSchema } from "./capabilities/profile/infer-schema.ts";
export type { ValueSort } from "./capabilities/profile/field-node.ts";
export {
  type FieldProfile,
  type Profile,
  type ProfileOptions,
  profileRecords,
} from "./capabilities/profile/profile-records.ts";
export {
  createRedactor,
  type RedactCounts,
  type Redacted,
  type Redactor,
} from "./capabilities/redact/create-redactor.ts";
export type { RedactOptions } from "./capabilities/redact/redact-options.ts";
export { type RedactAgentOptions, redactRecords } from "./capabilities/redact/redact-records.ts";
export type { RedactKind } from "./capabilities/redact/redact-text.ts";
export type { CastOptions, CastType } from "./capabilities/transform/cast-value.ts";
export type {
  DeriveTemplate,
  FlattenOptions,
  TransformOptions,
} from "./capabilities/transform/transform-options.ts";
export { type TransformAgentOptions, transformRecords } from "./capabilities/transform/transform-records.ts";
export type { ValidateManner } from "./capabilities/validate/validate-options.ts";
export { type ValidateAgentOptions, validateRecords } from "./capabilities/validate/validate-records.ts";
export { capabilities, type Capability, needsOf, type ResourceNeeds } from "./catalog/capabilities.ts";
export {
  type CatalogAgent,
  type CatalogConfiguredAgent,
  type CatalogEntry,
  type CatalogStage,
  loadCatalog,
} from "./catalog/catalog.ts";
export { checkProject, type CheckOptions } from "./check/check-project.ts";
export { requireSound, type SoundOptions } from "./check/require-sound.ts";
export { closest } from "./closest.ts";
export {
  type CompiledExpression,
  compileExpression,
  type ExpressionOptions,
} from "./expressions/compile-expression.ts";
export { type CompiledMapping, compileMapping } from "./expressions/compile-mapping.ts";
export {
  ExpressionError,
  type ExpressionPhase,
  type ExpressionWarning,
} from "./expressions/expression-error.ts";
export { addEntries, addEntry } from "./files/add-entries.ts";
export { type EditedText, type NewEntry, withEntries, withEntry } from "./files/edit-text.ts";
export { type Problem, type ProblemCode, formatProblem, sortProblems } from "./files/problem.ts";
export { ProjectError } from "./files/project-error.ts";
export { problemFrom } from "./files/problem-from.ts";
export type { Position } from "./files/position.ts";
export { parseText, type Reading, type TextName } from "./files/parse-text.ts";
export { readDocument, type ReadDocumentOptions } from "./files/read-document.ts";
export type { TextDocument, TextFormat } from "./files/text-document.ts";
export { findAgent } from "./find-agent.ts";
export type { DryRun, LoadFlowOptions } from "./flow-file/load-flow-options.ts";
export { type UnpublishedAddition, unpublishedAdditions } from "./flow-file/appending-sink.ts";
export { formatOfName } from "./flow-file/format-of-name.ts";
export { loadFlow } from "./flow-file/load-flow.ts";
export type { LoadedFlow, RedriveOptions, RedriveRun, StartOptions } from "./flow-file/loaded-flow.ts";
export { loadAgent } from "./load-agent.ts";
export type { LoadOptions } from "./load-module.ts";
export { provideModels } from "./models/models-resource.ts";
export type { ModelsChoice } from "./models/project-models.ts";
export { isModuleReference } from "./module-reference.ts";
export { checkPipeline } from "./project/check-pipeline.ts";
export { openProject, type OpenProjectOptions } from "./project/open-project.ts";
export type {
  AgentEntry,
  FlowEntry,
  ModuleOptions,
  PathUse,
  PipelineEntry,
  PipelineStage,
  PlaceInDocument,
  Project,
  ProjectEntry,
  ProjectResourcesOptions,
  ResourceEntry,
  Settings,
} from "./project/project.ts";
export type {
  HttpAnswer,
  HttpBodyOptions,
  HttpClient,
  HttpRequestOptions,
} from "./resources/http-client.ts";
export { projectResource } from "./resources/project-resource.ts";
export {
  type ClosableRunStore,
  createRunStore,
  type CreateRunStoreOptions,
  openRunStore,
  type ProjectOfRuns,
  type RunStoreSettings,
} from "./runs/create-run-store.ts";
export { FolderRunStore, type FolderRunStoreOptions } from "./runs/folder-run-store.ts";
export { type RunState, runStateOf, type RunStateOptions } from "./runs/run-state.ts";
export { SqliteRunStore, type SqliteRunStoreOptions } from "./runs/sqlite-run-store.ts";
export type { RunStoreLimits } from "./runs/store-limits.ts";
