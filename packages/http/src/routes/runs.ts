import { AtomicError, redactText } from "@atomic-agents/core";
import { refusalOfRun } from "../auth/may-use-run.ts";
import { outputJson } from "../problem/output-json.ts";
import { runPartsToJson } from "../runs/run-json.ts";
import type { KeptRun } from "../runs/kept-run.ts";
import { type Answer, jsonType } from "../server/answer.ts";
import type { Call } from "../server/call.ts";
import type { Route } from "../server/route.ts";

/** Where a run stands. Tokens with `read` may ask for every run, others for those that they began. */
export const runRoute: Route = {
  name: "runs",
  method: "GET",
  path: "/runs/:id",
  of: "service",
  scope: "any",
  isWork: false,
  handle: async (call) => stateAnswer(call, await stateOf(call, runOf(call, "read")), 200),
};

/** Cancels a run. Tokens with `admin` may cancel every run, others those that they began. */
export const cancelRunRoute: Route = {
  name: "runs",
  method: "DELETE",
  path: "/runs/:id",
  of: "service",
  scope: "any",
  isWork: false,
  handle: cancelRun,
};

async function cancelRun(call: Call): Promise<Answer> {
  const kept = runOf(call, "admin");
  const hadEnded = kept.hasEnded;
  if (!hadEnded) kept.cancel(`Cancelled by the request ${call.requestId}`);
  return stateAnswer(call, await stateOf(call, kept), hadEnded ? 200 : 202);
}

/**
 * The run that a call names. Who may not see a run of others is not told either whether there is one.
 *
 * @throws AtomicError `FORBIDDEN` or `NOT_FOUND`
 */
function runOf(call: Call, scopeForAll: "read" | "admin"): KeptRun {
  const { principal, service, parameters } = call;
  const id = parameters["id"] ?? "";
  const kept = service.runs.get(id);
  const refusal = refusalOfRun(principal, kept?.owner, scopeForAll);
  if (refusal !== undefined) throw refusal;
  if (kept !== undefined) return kept;
  const name = redactText(id.slice(0, 200));
  throw new AtomicError("NOT_FOUND", "There is no such run; runs are kept for a limited time", {
    details: { what: "run", name },
  });
}

async function stateOf({ service, requestId }: Call, kept: KeptRun): Promise<object> {
  const report = kept.report();
  const { exposeErrors } = service.options;
  const state = {
    id: kept.id,
    agent: report.agent,
    status: report.status,
    report: runPartsToJson(report, {
      requestId: report.requestId ?? requestId,
      runId: kept.id,
      exposeErrors,
    }),
  };
  if (report.status !== "success" && report.status !== "partial") return state;
  const result = await kept.result();
  return result.ok ? { ...state, output: result.output ?? null } : state;
}

function stateAnswer({ service }: Call, state: { readonly output?: unknown }, status: number): Answer {
  return { status, contentType: jsonType, body: outputJson(state, service.options.exposeErrors) };
}
