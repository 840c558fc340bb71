export {
  expectOperatorConforms,
  operatorBehaviours,
  type OperatorConformanceOptions,
  type UseOperator,
} from "./operator-conformance.ts";
export {
  type CreateSink,
  expectSinkConforms,
  sinkBehaviours,
  type SinkCase,
} from "./sink-conformance.ts";
export {
  type CreateSource,
  expectSourceConforms,
  sourceBehaviours,
  type SourceCase,
  type SourceConformanceOptions,
} from "./source-conformance.ts";
export type { FlowBehaviour, FlowConformanceOptions } from "./suite.ts";
