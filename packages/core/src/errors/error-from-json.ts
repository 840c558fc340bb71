import { AtomicError, type AtomicErrorOptions, type Disposition } from "./atomic-error.ts";
import { type ErrorCode, errorCatalog } from "./catalog.ts";
import { configError } from "./config-error.ts";
import type { ErrorDetails } from "./details.ts";
import { withoutStack } from "./without-stack.ts";

const dispositions: readonly Disposition[] = ["stop", "drop", "dead-letter"];

/**
 * The error that `JSON.stringify` wrote down: an `AtomicError` again, without stack, cause and report. One whose code is
 * not known here, because another version wrote it, has the code `EXECUTION`.
 *
 * @throws AtomicError `CONFIG` for what is no object
 * @example
 * ```ts
 * const result = await classify.tryRun({ text: "" });
 * const text = result.ok ? "" : JSON.stringify(result.error);
 * const error = errorFromJson(JSON.parse(text));
 * console.log(error.code, error.agent, AtomicError.isInstance(error)); // => VALIDATION_INPUT classify-ticket true
 * ```
 */
export function errorFromJson(json: unknown): AtomicError {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw configError("errorFromJson", "error", "an object", json);
  }
  // An object of JSON has any properties.
  const parts = json as Readonly<Record<string, unknown>>;
  const { code, message, details, agent, stage, runId, requestId } = parts;
  const { timestamp, retryable, hint, disposition } = parts;
  const isKnown = typeof code === "string" && Object.hasOwn(errorCatalog, code);
  const shown = textOr(message, "");
  const options: AtomicErrorOptions<ErrorCode> = {
    // They are those of the code, as far as they are JSON.
    details: (isKnown ? details : { thrown: shown }) as ErrorDetails[ErrorCode],
    agent: textOr(agent),
    stage: textOr(stage),
    runId: textOr(runId),
    requestId: textOr(requestId),
    timestamp: Date.parse(textOr(timestamp, "")),
    retryable: typeof retryable === "boolean" ? retryable : undefined,
    hint: textOr(hint),
    disposition: dispositions.find((one) => one === disposition),
  };
  // Where it was read is not where it happened.
  const error = withoutStack(
    () =>
      new AtomicError(
        // The catalogue has it, so it is one of its codes.
        isKnown ? (code as ErrorCode) : "EXECUTION",
        isKnown ? shown : `${textOr(code, "no code")}: ${shown}`,
        options,
      ),
  );
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

function textOr(value: unknown): string | undefined;
function textOr(value: unknown, otherwise: string): string;
function textOr(value: unknown, otherwise?: string): string | undefined {
  return typeof value === "string" ? value : otherwise;
}
