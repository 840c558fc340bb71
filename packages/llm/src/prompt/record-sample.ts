import { checkCount, checkKeys, configError, type Context, type MaybePromise } from "@atomic-agents/core";
import {
  type PromptProvider,
  promptProvider,
  type PromptRequest,
  providerKeys,
  type ProviderOptions,
} from "./prompt-provider.ts";
import { recordLines } from "./record-lines.ts";

/** What `recordSample` is told. */
export interface RecordSampleOptions extends ProviderOptions {
  /** The records, or a function that gives them. */
  readonly records:
    | Iterable<unknown>
    | ((ctx: Context, request: PromptRequest) => MaybePromise<Iterable<unknown>>);
  /** How many are shown, the first ones; 5 unless said otherwise. */
  readonly limit?: number | undefined;
}

/**
 * Shows the model what records look like: the first few, as JSON, one a line, without media.
 *
 * @throws AtomicError `CONFIG` for wrong options
 * @example
 * ```ts
 * const provider = recordSample({ records: [{ city: "Brno" }, { city: "Ostrava" }], limit: 1 });
 * console.log(provider.name, provider.title); // => record-sample Sample of the records
 * ```
 */
export function recordSample(options: RecordSampleOptions): PromptProvider {
  const what = "recordSample";
  checkKeys(what, options, [...providerKeys, "records", "limit"]);
  const { records, limit = 5, name = "record-sample", title = "Sample of the records", ...others } = options;
  checkCount(what, "limit", limit);
  if (typeof records !== "function") checkRecords(records);
  const info: PromptProvider["info"] = async (ctx, request) => {
    const given = typeof records === "function" ? await records(ctx, request) : records;
    checkRecords(given);
    return recordLines(firstOf(given, limit));
  };
  return promptProvider({ ...others, name, title, info });
}

function checkRecords(records: unknown): void {
  if (typeof records !== "object" || records === null || !(Symbol.iterator in records)) {
    throw configError("recordSample", "records", "an array or another iterable, or a function", records);
  }
}

/** Reads no more than are wanted: there may be many, or no end to them. */
function firstOf(records: Iterable<unknown>, limit: number): readonly unknown[] {
  const first: unknown[] = [];
  for (const record of records) {
    first.push(record);
    if (first.length >= limit) break;
  }
  return first;
}
