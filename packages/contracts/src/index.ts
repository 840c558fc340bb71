export { anything } from "./compose/anything.ts";
export { arrayOf } from "./compose/array-of.ts";
export { intersectionOf } from "./compose/intersection-of.ts";
export { objectOf } from "./compose/object-of.ts";
export { tupleOf } from "./compose/tuple-of.ts";
export { unionOf } from "./compose/union-of.ts";
export { ContractError, type ContractErrorCode, type ContractErrorInit } from "./errors.ts";
export { describeIssues, type Issue } from "./issues.ts";
export type { JsonProblem } from "./json/problem.ts";
export { mapSubschemas, type SchemaKeys, type SchemaNode, visitSchemas } from "./json/schema-positions.ts";
export type { Io, JsonSchema } from "./json-schema.ts";
export {
  type AnySchema,
  type InferInput,
  type InferOutput,
  isSchema,
  type Schema,
  type Validated,
  type VendorIssue,
} from "./schema.ts";
export { type SchemaTrait, type SchemaTraits } from "./traits/trait.ts";
export { canParseOnce, inspectSchema } from "./traits.ts";
export { jsonProblems, toJsonSchema } from "./to-json-schema.ts";
export { type Validator, validatorOf } from "./validator.ts";
