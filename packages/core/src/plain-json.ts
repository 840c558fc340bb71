import { configError } from "./errors/config-error.ts";
import { jsonLine, leastLineBytes } from "./json-line.ts";
import { checkKeys } from "./limits.ts";
import { defaultRedactKeys, keyTest } from "./redact.ts";

/** How much of one value of the caller's or the agents' is kept, as JSON in UTF-8. */
const defaultMaxBytes = 16_384;

/** Any value as JSON that is not too large, without the texts of secrets. */
export function plainJson(value: unknown, maxBytes = defaultMaxBytes): unknown {
  if (typeof value === "boolean") return value;
  // What JSON has no number for would keep a record from being read.
  if (typeof value === "number") return Number.isFinite(value) ? value : 0;
  return JSON.parse(jsonLine(value, { maxBytes, bigintText }));
}

/** How a value is made fit to be shown. */
export interface RedactedOptions {
  /** How much of it is kept, as JSON in UTF-8; 16,384 unless said otherwise, and not below 1,024. */
  readonly maxBytes?: number | undefined;
  /** Properties whose values are replaced, at any depth; `defaultRedactKeys` unless said otherwise. */
  readonly redactKeys?: readonly string[] | undefined;
}

/**
 * A value as JSON that may be shown: the texts of all `Secret`s there are, and what stands under one of `redactKeys`, are
 * replaced, as in a log. What is no JSON, is deeper than ten levels or has no room has a mark in its place.
 *
 * @throws AtomicError `CONFIG` for options that make no sense
 * @example
 * ```ts
 * console.log(redacted({ user: "ada", password: "x1", since: new Date(0) }));
 * // => { user: 'ada', password: '[redacted]', since: '1970-01-01T00:00:00.000Z' }
 * ```
 */
export function redacted(value: unknown, options: RedactedOptions = {}): unknown {
  checkKeys("redacted", options, ["maxBytes", "redactKeys"]);
  const { maxBytes = defaultMaxBytes, redactKeys = defaultRedactKeys } = options;
  if (!Number.isInteger(maxBytes) || maxBytes < leastLineBytes) {
    throw configError("redacted", "maxBytes", `a whole number from ${leastLineBytes}`, maxBytes);
  }
  if (!Array.isArray(redactKeys) || redactKeys.some((key) => typeof key !== "string")) {
    throw configError("redacted", "redactKeys", "an array of names of properties", redactKeys);
  }
  return JSON.parse(jsonLine(value, { maxBytes, bigintText, isSecretKey: keyTest(redactKeys) }));
}

const bigintText = (digits: string): string => `[bigint ${digits}]`;
