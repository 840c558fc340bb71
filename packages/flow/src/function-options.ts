import { checkKeys, configError } from "./config-error.ts";
import type { RecordPolicy } from "./nodes/node.ts";
import { checkName } from "./source.ts";

/** How a function is used over records. */
export interface FunctionOptions {
  /** The stage's id; the operator's name. */
  readonly id?: string | undefined;
  /** What becomes of a record for which the function throws; `stop`. */
  readonly onError?: RecordPolicy | undefined;
}

const policies: readonly RecordPolicy[] = ["stop", "drop", "dead-letter"];

/** The stage's id and policy. @throws AtomicError `CONFIG` */
export function checkFunctionOptions(
  what: string,
  options: FunctionOptions,
  defaultId: string,
  moreKeys: readonly string[] = [],
): { readonly id: string; readonly onError: RecordPolicy } {
  checkKeys(what, options, [...moreKeys, "id", "onError"]);
  const { id = defaultId, onError = "stop" } = options;
  checkName(what, id);
  checkPolicy(what, onError);
  return { id, onError };
}

/** @throws AtomicError `CONFIG` */
export function checkPolicy(what: string, policy: RecordPolicy): void {
  if (!policies.includes(policy)) throw configError(what, "onError", `one of ${policies.join(", ")}`, policy);
}
