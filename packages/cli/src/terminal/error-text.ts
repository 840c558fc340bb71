import { styleText } from "node:util";
import { UsageError } from "../usage-error.ts";

/** What of the framework's errors is shown; read by shape, so that an error of another copy of it is shown too. */
interface ShownError extends Error {
  readonly code?: unknown;
  readonly agent?: unknown;
  readonly stage?: unknown;
  readonly hint?: unknown;
  readonly details?: unknown;
}

/**
 * An error as lines for a person: what, where, expected, got, and what to try. Without a stack unless `verbose`.
 */
export function errorText(error: unknown, verbose: boolean): string {
  const lines: string[] = [];
  const say = (label: string, value: unknown) => {
    if (typeof value === "string" && value !== "")
      lines.push(`  ${style("dim", `${label}:`.padEnd(10))}${visible(value)}`);
  };
  const shown: ShownError = error instanceof Error ? error : new Error(String(error));
  const code = codeOf(shown);
  lines.push(`${style("red", `error: ${code}`)}${visible(shown.message)}`);
  if (error instanceof UsageError) {
    say("where", error.where);
    say("expected", error.expected);
    say("got", error.got);
  } else {
    say("where", placeOf(shown));
    for (const issue of issuesOf(shown)) say("issue", issue);
    const details = recordOf(shown.details);
    say("expected", details["expected"]);
    say("got", details["got"]);
  }
  say("try", shown.hint);
  if (verbose) lines.push(...stackLines(error));
  return lines.join("\n");
}

/** Errors of the system begin with theirs. */
function codeOf(error: ShownError): string {
  if (typeof error.code !== "string" || error instanceof UsageError) return "";
  return error.message.startsWith(error.code) ? "" : `${error.code} `;
}

/** What a terminal would obey is shown instead: messages hold what agents and their data say. */
function visible(text: string): string {
  // Colours of our own are put on later; line breaks stay.
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, (control) =>
    control === "\t" ? " " : `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

function style(format: "red" | "dim", text: string): string {
  return styleText(format, text, { stream: process.stderr });
}

function placeOf({ agent, stage }: ShownError): string | undefined {
  const places = [
    typeof agent === "string" ? `agent ${agent}` : undefined,
    typeof stage === "string" ? `stage ${stage}` : undefined,
  ];
  return places.filter((place) => place !== undefined).join(", ");
}

/** The message has the first issue already; with more than one, all are shown. */
function issuesOf({ details }: ShownError): readonly string[] {
  const { issues } = recordOf(details);
  if (!Array.isArray(issues) || issues.length < 2) return [];
  return issues.map((issue: unknown) => {
    const { path, message, got } = recordOf(issue);
    const where = typeof path === "string" && path !== "" ? path : "the value";
    return `${where}: ${String(message)}${typeof got === "string" && got !== "" ? `, got ${got}` : ""}`;
  });
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  // Any object can be asked for a key.
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function stackLines(error: unknown): readonly string[] {
  const lines: string[] = [];
  const seen = new Set<unknown>();
  for (let cause = error; cause instanceof Error && !seen.has(cause); cause = cause.cause) {
    lines.push(seen.size === 0 ? "" : "caused by:", cause.stack ?? cause.message);
    seen.add(cause);
  }
  return lines;
}
