import type { Schema } from "../schema.ts";
import { compose } from "./compose.ts";

/**
 * A schema that takes every value and hands it on as it is. Its JSON Schema is `{}`, though a value that is not JSON
 * passes, too.
 *
 * @example
 * ```ts
 * import { anything } from "@atomic-agents/contracts";
 *
 * anything()["~standard"].validate(undefined); // => { value: undefined }
 * ```
 */
export function anything(): Schema<unknown, unknown> {
  return compose({ kind: "anything" }, (value) => ({ value }));
}
