import { configError } from "../errors/config-error.ts";

/** A place in a trace that more than one process takes part in, as W3C Trace Context tells it. */
export interface TraceContext {
  /** 32 hexadecimal digits in lower case, not all of them 0. */
  readonly traceId: string;
  /** 16 hexadecimal digits in lower case, not all of them 0. */
  readonly spanId: string;
  /** A byte; its lowest bit says that the trace is recorded. */
  readonly flags: number;
  /** What the vendors of tracing systems add: `tracestate` as it came. */
  readonly state?: string | undefined;
}

const traceIdForm = /^(?!0{32})[0-9a-f]{32}$/;
const spanIdForm = /^(?!0{16})[0-9a-f]{16}$/;
const traceParentForm =
  /^(?!ff)(?<version>[0-9a-f]{2})-(?<traceId>(?!0{32})[0-9a-f]{32})-(?<spanId>(?!0{16})[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?<more>-.*)?$/;

/** The longest `traceparent` that is read: the first version has 55 characters, later ones may have more. */
const maxTraceParentLength = 512;

/**
 * Reads the headers `traceparent` and `tracestate` of W3C Trace Context, level 1. What is malformed is as if it had not
 * come: a bad `traceparent` takes the `tracestate` with it, a bad or too long `tracestate` goes alone.
 *
 * @example
 * ```ts
 * const trace = parseTraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=a1");
 * console.log(trace?.spanId, trace?.flags, trace?.state); // => b7ad6b7169203331 1 vendor=a1
 * console.log(parseTraceContext("00-0af7-01")); // => undefined
 * ```
 */
export function parseTraceContext(
  traceParent: string | undefined,
  traceState?: string,
): TraceContext | undefined {
  if (traceParent === undefined || traceParent.length > maxTraceParentLength) return undefined;
  const { version, traceId, spanId, flags, more } = traceParentForm.exec(traceParent)?.groups ?? {};
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  // Only later versions may say more than the first one.
  if (version === "00" && more !== undefined) return undefined;
  const state = traceState !== undefined && isTraceState(traceState) ? traceState : undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16), ...(state === undefined ? {} : { state }) };
}

/**
 * The header `traceparent` that names a place in a trace, in the first version of W3C Trace Context; what has its state
 * is sent as `tracestate` beside it.
 *
 * @example
 * ```ts
 * const trace = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", flags: 1 };
 * console.log(traceParentOf(trace)); // => 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
 * ```
 */
export function traceParentOf({ traceId, spanId, flags }: TraceContext): string {
  // Of the flags of later versions nobody may tell more than this one.
  return `00-${traceId}-${spanId}-${(flags & 1) === 1 ? "01" : "00"}`;
}

/** @throws AtomicError `CONFIG` for what is no place in a trace */
export function checkTraceContext(what: string, path: string, value: unknown): void {
  // Any value may be asked for properties that it does not have.
  const { traceId, spanId, flags, state } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const isTrace =
    typeof traceId === "string" &&
    traceIdForm.test(traceId) &&
    typeof spanId === "string" &&
    spanIdForm.test(spanId) &&
    Number.isInteger(flags) &&
    Number(flags) >= 0 &&
    Number(flags) <= 255 &&
    (state === undefined || (typeof state === "string" && isTraceState(state)));
  if (!isTrace) throw configError(what, path, "a TraceContext", value, "Read one with parseTraceContext.");
}

const maxStateLength = 512;
const maxStateMembers = 32;
const stateMemberForm =
  /^(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})=[\u0020-\u002b\u002d-\u003c\u003e-\u007e]{0,255}[\u0021-\u002b\u002d-\u003c\u003e-\u007e]$/;

/** Whether a text is a list of vendors' members, each named once; members may be empty. */
function isTraceState(text: string): boolean {
  if (text.length > maxStateLength) return false;
  const members = text.split(",").map((member) => member.replaceAll(/^[ \t]+|[ \t]+$/g, ""));
  const named = members.filter((member) => member !== "");
  if (named.length === 0 || named.length > maxStateMembers) return false;
  const keys = new Set(named.map((member) => member.slice(0, member.indexOf("="))));
  return keys.size === named.length && named.every((member) => stateMemberForm.test(member));
}
