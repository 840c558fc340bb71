export { loadBuiltInAgents } from "./built-in-agents.ts";
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
export { findAgent } from "./find-agent.ts";
export { loadAgent } from "./load-agent.ts";
export type { LoadOptions } from "./load-module.ts";
