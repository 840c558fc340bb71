import {
  type AnyAgent,
  AtomicError,
  errorCatalog,
  type ErrorCode,
  type RunReport,
  type StageReport,
} from "@atomic-agents/core";

/** Of details, what is a number, or one of a few words; by no code can it hold what an agent's code knows. */
const safeKeys: Partial<Readonly<Record<ErrorCode, readonly string[]>>> = {
  TIMEOUT: ["timeoutMs"],
  BUDGET_EXCEEDED: ["limit", "spent", "asked"],
  RATE_LIMITED: ["retryAfterMs"],
  CIRCUIT_OPEN: ["retryAfterMs"],
  OVERLOADED: ["retryAfterMs"],
  NO_INSTANCE: ["replicas", "capacity", "waitedMs"],
  LOOP_LIMIT: ["maxRounds"],
};

/** The few words that details may have, by their keys. */
const words: readonly (readonly [key: string, allowed: ReadonlySet<unknown>])[] = [
  ["scope", new Set(["attempt", "run"])],
  ["kind", new Set(["calls", "tokens", "money"])],
  ["executed", new Set(["no", "perhaps"])],
  ["phase", new Set(["create", "wait", "bind", "dispose"])],
  ["problem", new Set(["late", "ahead", "next-twice", "next-never", "next-pending", "missing", "invalid"])],
  ["side", new Set(["input", "output"])],
  ["verdict", new Set(["sometimes", "never", "unknown"])],
];

/** What a caller may see of the details of an error whose text it does not get. */
export function safeDetailsOf(error: AtomicError): unknown {
  const { details } = error as { readonly details?: unknown };
  if (typeof details !== "object" || details === null) return undefined;
  const { code } = error;
  if (code === "VALIDATION_OUTPUT" || code === "VALIDATION_INPUT") return { issues: pathsOf(details) };
  const all = details as Readonly<Record<string, unknown>>;
  const safe: Record<string, unknown> = {};
  for (const key of safeKeys[code] ?? []) if (typeof all[key] === "number") safe[key] = all[key];
  for (const [key, allowed] of words) if (allowed.has(all[key])) safe[key] = all[key];
  if (code === "ALL_FAILED") safe["failures"] = failuresOf(all["failures"]);
  return Object.keys(safe).length === 0 ? undefined : safe;
}

/** Which agents failed with what code, which errors say of themselves, too; not with what words. */
function failuresOf(failures: unknown): readonly unknown[] {
  if (!Array.isArray(failures)) return [];
  return failures.flatMap((failure: unknown) => {
    if (typeof failure !== "object" || failure === null) return [];
    const { agent, code } = failure as Readonly<Record<string, unknown>>;
    if (typeof agent !== "string" || typeof code !== "string" || !Object.hasOwn(errorCatalog, code))
      return [];
    // A key of the catalogue.
    return [{ agent, code, message: errorCatalog[code as ErrorCode].meaning }];
  });
}

/** Where the issues are and what was expected there, which the contract says; not what came. */
function pathsOf(details: object): readonly unknown[] {
  if (!("issues" in details) || !Array.isArray(details.issues)) return [];
  return details.issues.map((issue: unknown) => {
    if (typeof issue !== "object" || issue === null) return {};
    const { path, expected } = issue as Readonly<Record<string, unknown>>;
    return {
      path: typeof path === "string" ? path : "",
      message: "is not valid",
      ...(typeof expected === "string" && { expected }),
      got: "not shown",
    };
  });
}

/** Whether an error is about the very input that the caller sent, so that telling it what was there tells nothing new. */
export function isOfCallersInput(error: AtomicError): boolean {
  if (!AtomicError.isInstance(error, "VALIDATION_INPUT") || error.cause !== undefined) return false;
  const { report, stage, agent } = error;
  if (report === undefined) return false;
  if (stage === undefined) return agent === report.agent;
  let at: RunReport | StageReport = report;
  for (const id of stage.split("/")) {
    const first: StageReport | undefined = at.stages?.[0];
    if (first?.id !== id) return false;
    at = first;
  }
  return agent === at.agent;
}

/**
 * The same of an error without a report, as one of many records has: `stage` is where it happened within the agent that
 * the record was for.
 */
export function isOfRecord(error: AtomicError, served: AnyAgent): boolean {
  if (!AtomicError.isInstance(error, "VALIDATION_INPUT") || error.cause !== undefined) return false;
  let at = served;
  for (const id of error.stage?.split("/") ?? []) {
    const { kind, parts } = at["~atomic"];
    const [first] = kind === "pipeline" ? parts() : [];
    if (first?.[0] !== id) return false;
    at = first[1];
  }
  return error.agent === at.name;
}
