import { AtomicError } from "@atomic-agents/core";
import type { Item } from "./item.ts";
import type { RecordPolicy } from "./nodes/node.ts";
import type { Place } from "./place.ts";
import { withoutStack } from "./without-stack.ts";

/** What is said of a record that cannot be read. */
export interface RefusedSettings {
  /** The name of the source. */
  readonly stage: string;
  readonly runId: string;
  readonly disposition: RecordPolicy;
}

/** Of a record that cannot be read. */
export function refusalError(
  message: string,
  { stage, runId, disposition }: RefusedSettings,
): AtomicError<"VALIDATION_INPUT"> {
  return withoutStack(
    () =>
      new AtomicError("VALIDATION_INPUT", message, {
        stage,
        runId,
        details: { issues: [{ path: "", message, expected: "a record", got: "something else" }] },
        hint: "Correct the record where it is from.",
        disposition,
      }),
  );
}

/** Where an item is from, and what in its line is wrong. */
export function placeOfRefusal({ file, line }: Item, column: number | undefined): Place {
  return {
    ...(file === undefined ? {} : { file }),
    ...(line === 0 ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  };
}
