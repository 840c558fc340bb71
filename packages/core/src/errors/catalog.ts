/** One kind of error: what it means to a caller, and what to do about it. */
export interface CatalogEntry {
  /** What happened, in one sentence. */
  readonly meaning: string;
  /** Why it usually happens. */
  readonly cause: string;
  /** What to try. */
  readonly fix: string;
  /** Whether trying the same call again may help; a retry policy asks this. */
  readonly retryable: boolean;
  /** The HTTP status an agent behind HTTP answers with. */
  readonly httpStatus: number;
}

/** Every error the framework raises, by code. `docs/errors.md` is made from it. */
export const errorCatalog = {
  VALIDATION_INPUT: {
    meaning: "An agent was given an input that its contract does not accept.",
    cause: "The caller sent a wrong shape, or the stage before gives what this one does not take.",
    fix: "Compare the issues (path, expected, got) with the agent's input schema.",
    retryable: false,
    httpStatus: 422,
  },
  VALIDATION_OUTPUT: {
    meaning: "An agent produced an output that breaks its own contract.",
    cause: "A bug in the agent's code, or a model that answered in another shape.",
    fix: "Correct what the agent returns, or widen its output schema; nothing unvalidated leaves an agent.",
    retryable: true,
    httpStatus: 502,
  },
  EXECUTION: {
    meaning: "An agent's code threw.",
    cause: "Whatever the agent calls failed, or its code has a bug; `cause` holds what was thrown.",
    fix: "Look at `cause`; give the stage a retry for what passes by itself, or an `onError`.",
    retryable: true,
    httpStatus: 500,
  },
  TIMEOUT: {
    meaning: "An agent, or the whole run, took longer than allowed; what it was doing was aborted.",
    cause: "A slow dependency, too short a `timeoutMs`, or code that ignores `ctx.signal`.",
    fix: "Raise `timeoutMs`, or make the work faster and let it listen to `ctx.signal`. A run that has had its time is not retryable.",
    retryable: true,
    httpStatus: 504,
  },
  CANCELLED: {
    meaning: "The run was cancelled before it ended.",
    cause: "`run.cancel()`, an aborted `signal`, or a sibling that failed.",
    fix: "Nothing, when it was meant.",
    retryable: false,
    httpStatus: 499,
  },
  BUDGET_EXCEEDED: {
    meaning: "The run would spend more calls, tokens or money than its budget allows.",
    cause: "The budget given to the run, or inherited from its caller, is used up.",
    fix: "Raise the budget, or make the run do less.",
    retryable: false,
    httpStatus: 429,
  },
  RATE_LIMITED: {
    meaning: "A dependency refused the call because there were too many.",
    cause: "The agent reported a limit; `details.retryAfterMs` says how long to wait, where it is known.",
    fix: "Retry with a delay, or lower the concurrency.",
    retryable: true,
    httpStatus: 429,
  },
  NO_ROUTE: {
    meaning: "A branch chose a case that does not exist.",
    cause: "The choosing function returned a name that is not among the cases.",
    fix: "Add the case, or correct the choosing function.",
    retryable: false,
    httpStatus: 500,
  },
  ALL_FAILED: {
    meaning: "Every agent of a fallback failed.",
    cause: "`details.failures` holds each agent's error in the order they were tried.",
    fix: "Look at the first failure; the last agent should be one that hardly can fail.",
    retryable: true,
    httpStatus: 502,
  },
  CIRCUIT_OPEN: {
    meaning: "A circuit breaker refused the call, because calls of that agent have been failing.",
    cause:
      "Enough calls failed or broke the agent's contract; until the breaker tries again nothing gets through.",
    fix: "Wait for `details.retryAfterMs`, or give the stage a fallback; `cause` and the log have the failures.",
    retryable: false,
    httpStatus: 503,
  },
  NO_INSTANCE: {
    meaning: "None of an agent's replicas could take the call.",
    cause: "All of them are at their capacity, and nobody finished within the wait that is allowed.",
    fix: "Add replicas or capacity, or send less at a time.",
    retryable: true,
    httpStatus: 503,
  },
  RESOURCE: {
    meaning: "A resource that an agent uses could not be made, waited for or disposed of.",
    cause:
      "The database or service behind it is down or slow, or all of a pool are in use; `cause` says more.",
    fix: "Look at `cause` and `details.phase`; for a pool raise its size or shorten its uses.",
    retryable: true,
    httpStatus: 503,
  },
  LOOP_LIMIT: {
    meaning: "A loop did not reach its end within the rounds it may take.",
    cause: "Its condition never held, or holds later than `maxRounds` allows.",
    fix: "Correct the condition or what the agent does to reach it, or raise `maxRounds`.",
    retryable: false,
    httpStatus: 500,
  },
  EVENT_TIME: {
    meaning:
      "A record came after the windows of its time were closed, or is from further in the future than allowed.",
    cause:
      "It was held up on its way for longer than is waited for, or a clock that it was made by is wrong.",
    fix: "Raise `outOfOrderMs` or `allowedLatenessMs` for what is late, and `maxAheadMs` for what is from the future; or correct the time.",
    retryable: false,
    httpStatus: 422,
  },
  MIDDLEWARE: {
    meaning:
      "A middleware called `next` twice, or gave an output without calling it or before it had answered.",
    cause: "A missing `await` or `return`, or a middleware that means to answer in the agent's place.",
    fix: "Call `next` exactly once, or throw to refuse; to repeat or to answer in its place, wrap the agent instead.",
    retryable: false,
    httpStatus: 500,
  },
  BAD_REQUEST: {
    meaning: "A service did not understand a request, and no agent saw it.",
    cause:
      "A body that is not JSON, too large or too deep, a wrong content type, or a route or method that is not there.",
    fix: "Compare the request with the service's `/openapi.json`; `details.status` is the HTTP status.",
    retryable: false,
    httpStatus: 400,
  },
  UNAUTHENTICATED: {
    meaning: "A request came without a token that the service knows.",
    cause: "The `Authorization` header is missing, or its token is wrong, cut or has expired.",
    fix: "Send `Authorization: Bearer TOKEN` with a token that the service was given.",
    retryable: false,
    httpStatus: 401,
  },
  FORBIDDEN: {
    meaning: "A service refuses the request of a caller that it knows, or from where it comes.",
    cause:
      "The token lacks the scope in `details.needs`, or the `Origin` or `Host` header names a place that is not allowed.",
    fix: "Use a token with that scope, or allow the origin or host in the service's options.",
    retryable: false,
    httpStatus: 403,
  },
  NOT_FOUND: {
    meaning: "There is no such agent or run at a service.",
    cause: "A misspelt name, a run that has been let go, or one of another instance.",
    fix: "See `/interface` for the agents; runs are kept for a limited time.",
    retryable: false,
    httpStatus: 404,
  },
  IDEMPOTENCY_CONFLICT: {
    meaning: "An idempotency key was used before, with another body.",
    cause: "Two different requests share one key.",
    fix: "Make a new key for each request; use one again only to repeat the very same request.",
    retryable: false,
    httpStatus: 422,
  },
  OVERLOADED: {
    meaning: "A service refuses work that it has no room for; nothing was begun.",
    cause: "As many requests as it takes are in flight, or it is stopping.",
    fix: "Try again after `details.retryAfterMs`, or add instances.",
    retryable: true,
    httpStatus: 503,
  },
  CONNECTION: {
    meaning: "A remote agent did not answer, or its answer broke off.",
    cause: "The service is down, unreachable or was stopped in mid-answer; `cause` says more.",
    fix: "With `details.executed` `no` the call may be repeated safely; with `perhaps` only what is idempotent may.",
    retryable: true,
    httpStatus: 502,
  },
  INCOMPATIBLE: {
    meaning: "A remote agent's interface does not fit what is expected of it.",
    cause: "The service runs another agent, or another version of it.",
    fix: "Compare the reasons in `details`; deploy a version that fits, or change what is expected.",
    retryable: false,
    httpStatus: 502,
  },
  CONFIG: {
    meaning: "An agent, a policy or an option was written wrongly.",
    cause: "A missing name, a negative number, a stage id used twice, an unknown option.",
    fix: "Correct the place that the message names.",
    retryable: false,
    httpStatus: 500,
  },
} as const satisfies Readonly<Record<string, CatalogEntry>>;

/** The codes of all errors. */
export type ErrorCode = keyof typeof errorCatalog;
