export {
  AnalyzedTasks,
  type AnalyzeToTasksOptions,
  defineAnalyzeToTasks,
} from "./define-analyze-to-tasks.ts";
export {
  type Classification,
  type ClassifierOptions,
  defineClassifier,
  TextContent,
} from "./define-classifier.ts";
export {
  Analysis,
  AnalysisDepth,
  AnalysisRequest,
  defineContentAnalyzer,
} from "./define-content-analyzer.ts";
export { defineExtractor, type ExtractorOptions } from "./define-extractor.ts";
export { defineTaskProcessor, failedTask } from "./define-task-processor.ts";
export type { ReadyOptions } from "./ready-options.ts";
export { Task, TaskPriority, TaskResult } from "./task.ts";
