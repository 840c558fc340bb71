import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { badRequest } from "../problem/bad-request.ts";
import { problemAnswer } from "../problem/problem.ts";
import { createApp } from "./app.ts";
import { Call } from "./call.ts";
import { comesTooLate } from "./closing-sockets.ts";
import { handleCall, refuseCall } from "./handle-call.ts";
import { headProblem } from "./head-problem.ts";
import { requestIdOf } from "./request-id.ts";
import type { Route } from "./route.ts";
import type { ServedAgent, Service } from "./service.ts";

/** What answers the requests of a service. Never throws. */
export function createListener(
  service: Service,
): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  const app = createApp(service);
  const routed = getRequestListener((request, env) => app.fetch(request, env), {
    // What is global in the process is not this package's.
    overrideGlobalObjects: false,
    // A body that was not read is dealt with where the answer is sent.
    autoCleanupIncoming: false,
    errorHandler: () => unreadable(service),
  });
  const direct = directTargets(service);
  return (incoming, outgoing) => {
    if (comesTooLate(incoming, outgoing)) return;
    const problem = headProblem(incoming);
    if (problem !== undefined) {
      refuseCall(new Call(service, incoming, outgoing), problem);
      return;
    }
    const target = incoming.method === "POST" ? direct.get(incoming.url ?? "") : undefined;
    if (target === undefined) {
      void routed(incoming, outgoing);
      return;
    }
    const call = new Call(service, incoming, outgoing);
    call.route = target.route;
    call.agent = target.agent;
    void handleCall(call);
  };
}

interface Target {
  readonly route: Route;
  readonly agent: ServedAgent;
}

/**
 * The paths of agents' work as they are usually written. Routing them through a web request would cost more than the
 * rest of a small call; what is written in any other way goes there all the same.
 */
function directTargets(service: Service): ReadonlyMap<string, Target> {
  const targets = new Map<string, Target>();
  for (const route of service.routes) {
    if (route.of !== "agent" || route.method !== "POST") continue;
    for (const agent of service.agents.values()) targets.set(agent.basePath + route.path, { route, agent });
    if (service.onlyAgent !== undefined) targets.set(route.path, { route, agent: service.onlyAgent });
  }
  return targets;
}

/** For what cannot be made a web request, such as a Host header that no URL can have. */
function unreadable({ options }: Service): Response {
  const error = badRequest(400, "target", "The request's target and Host header make no URL");
  const requestId = requestIdOf(undefined);
  const { status, contentType, body } = problemAnswer(error, {
    requestId,
    exposeErrors: options.exposeErrors,
  });
  return new Response(String(body), { status, headers: { "content-type": contentType } });
}
