export { anything, arrayOf, intersectionOf, objectOf, tupleOf, unionOf } from "./compose.ts";
export { ContractError, type ContractErrorCode, type ContractErrorInit } from "./errors.ts";
export { describeIssues, type Issue } from "./issues.ts";
export { type Io, type JsonProblem, type JsonSchema, jsonProblems, toJsonSchema } from "./json-schema.ts";
export {
  type AnySchema,
  type InferInput,
  type InferOutput,
  isSchema,
  type Schema,
  type Validated,
  type VendorIssue,
} from "./schema.ts";
export { canParseOnce, inspectSchema, type SchemaTrait, type SchemaTraits } from "./traits.ts";
