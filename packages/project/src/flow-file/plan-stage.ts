import type { Flow, Sink } from "@atomic-agents/flow";
import type { ModuleOptions, Project } from "../project/project.ts";
import type { FlowReport } from "./flow-report.ts";
import type { OutputPlan } from "./plan-output.ts";
import type { SourcePlan } from "./plan-source.ts";
import type { RecordType } from "./record-type.ts";

/** What a flow file is planned with. */
export interface PlanContext {
  readonly project: Project;
  readonly report: FlowReport;
  /** Of every agent, over what the file says. */
  readonly concurrency: number | undefined;
  readonly moduleOptions: ModuleOptions;
  /** Whether it is about to be run, for which all secrets have to be there. */
  readonly isRun: boolean;
}

/** The sink that an output is in one run. */
export type SinkOf = (output: OutputPlan) => Sink<unknown>;

/** One stage of a flow file, looked at. */
export interface StagePlan {
  /** What is known of the records behind it. */
  readonly records: RecordType;
  /** Adds it to a flow; absent where it is wrong. */
  readonly add?: ((flow: Flow<unknown>, sinkOf: SinkOf) => Flow<unknown>) | undefined;
  /** What decides its results besides what the file says of it. */
  readonly design?: unknown;
  /** What else it reads, which nothing of the flow may write. */
  readonly reads?:
    | (Pick<SourcePlan, "files" | "finds"> & Partial<Pick<SourcePlan, "path" | "isStdin">>)
    | undefined;
  /** Where the copies of a tee go. */
  readonly output?: OutputPlan | undefined;
}
