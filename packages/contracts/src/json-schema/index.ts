export { type FromJsonSchemaOptions, fromJsonSchema } from "./from-json-schema.ts";
