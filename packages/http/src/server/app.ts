import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono } from "hono";
import { Call } from "./call.ts";
import { handleCall } from "./handle-call.ts";
import type { Route } from "./route.ts";
import type { ServedAgent, Service } from "./service.ts";

type HonoContext = Context<{ Bindings: HttpBindings }>;

/** What answers the requests of a service. */
export function createListener(
  service: Service,
): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  const app = new Hono<{ Bindings: HttpBindings }>();
  const answer = async (c: HonoContext, route?: Route, agent?: ServedAgent): Promise<Response> => {
    const call = new Call(service, c.env.incoming, c.env.outgoing);
    call.route = route;
    call.agent = agent;
    if (route !== undefined) call.parameters = c.req.param();
    await handleCall(call);
    return RESPONSE_ALREADY_SENT;
  };
  const mount = (path: string, route: Route, agent?: ServedAgent): void => {
    app.on(route.method, path, (c) => answer(c, route, agent));
  };
  for (const route of service.routes) {
    if (route.of === "service") {
      mount(route.path, route);
      continue;
    }
    if (service.onlyAgent !== undefined) mount(route.path, route, service.onlyAgent);
    for (const agent of service.agents.values()) mount(`${agent.basePath}${route.path}`, route, agent);
  }
  app.notFound((c) => answer(c));
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    overrideGlobalObjects: false,
    autoCleanupIncoming: false,
  });
  return (incoming, outgoing) => void listener(incoming, outgoing);
}
