import { AtomicError } from "@atomic-agents/core";
import { badRequest } from "../problem/bad-request.ts";
import type { Call } from "./call.ts";

/** For a path that nothing is at, or whose routes have another method. */
export function noRoute(call: Call): AtomicError {
  if (call.allowed.length > 0) {
    return badRequest(405, "method", `The methods of this path are: ${call.allowed.join(", ")}`);
  }
  return new AtomicError(
    "NOT_FOUND",
    `There is nothing at this path. The agents here are: ${agentNames(call)}`,
    {
      details: { what: "route", name: call.path.slice(0, 200) },
      hint: "Their work is at /agents/NAME/execute; /openapi.json has all paths, and /docs shows them in a browser.",
    },
  );
}

/** For the name of an agent that is not served. */
export function noAgent(call: Call): AtomicError<"NOT_FOUND"> {
  const name = call.parameters["agent"]?.slice(0, 200) ?? "";
  return new AtomicError("NOT_FOUND", `There is no such agent here; there are: ${agentNames(call)}`, {
    details: { what: "agent", name },
  });
}

function agentNames({ service }: Call): string {
  const names = [...service.agents.keys()];
  return names.length > 20
    ? `${names.slice(0, 20).join(", ")} and ${names.length - 20} more`
    : names.join(", ");
}
