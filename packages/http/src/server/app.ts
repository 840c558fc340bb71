import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono } from "hono";
import { Call } from "./call.ts";
import { handleCall } from "./handle-call.ts";
import type { Route } from "./route.ts";
import type { ServedAgent, Service } from "./service.ts";

interface Bindings {
  readonly Bindings: HttpBindings;
}

/** Finds the route of a request. Everything else is the call's: it writes its answer itself. */
export function createApp(service: Service): Hono<Bindings> {
  const app = new Hono<Bindings>();
  const answer = async (c: Context<Bindings>, fill: (call: Call) => void): Promise<Response> => {
    const call = new Call(service, c.env.incoming, c.env.outgoing);
    fill(call);
    await handleCall(call);
    return RESPONSE_ALREADY_SENT;
  };
  const mount = (
    path: string,
    route: Route,
    agentOf: (name: string | undefined) => ServedAgent | undefined,
  ) => {
    app.on(route.method, path, (c) =>
      answer(c, (call) => {
        call.route = route;
        call.parameters = c.req.param();
        call.agent = agentOf(call.parameters["agent"]);
      }),
    );
  };
  const { onlyAgent, agents, routes } = service;
  for (const route of routes.filter((one) => one.of === "agent")) {
    if (onlyAgent !== undefined) mount(route.path, route, () => onlyAgent);
    mount(`/agents/:agent${route.path}`, route, (name) => agents.get(name ?? ""));
  }
  for (const route of routes.filter((one) => one.of === "service")) mount(route.path, route, () => undefined);
  app.notFound((c) =>
    answer(c, (call) => {
      call.allowed = methods.filter((method) => app.router.match(method, c.req.path)[0].length > 0);
    }),
  );
  return app;
}

const methods = ["GET", "POST", "DELETE"] as const;
