export { cautiousRegExp, withCautiousPatterns } from "./cautious-patterns.ts";
export { type FromJsonSchemaOptions, fromJsonSchema } from "./from-json-schema.ts";
export type { CompiledPattern, PatternEngine } from "./pattern-engine.ts";
