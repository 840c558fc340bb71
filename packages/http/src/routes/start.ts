import { type Answer, jsonAnswer } from "../server/answer.ts";
import type { Call } from "../server/call.ts";
import { noAgent } from "../server/not-found.ts";
import type { Route } from "../server/route.ts";
import type { ServedAgent } from "../server/service.ts";

/** Where everything is, for who has the address alone. Browsers are sent to the page. */
export const startRoute: Route = {
  name: "start",
  method: "GET",
  path: "/",
  of: "service",
  scope: "any",
  isWork: false,
  handle: (call) =>
    startOf(call, () => ({ ...ofService, agents: [...call.service.agents.values()].map(pathsOf) })),
};

/** The same of one agent. */
export const agentStartRoute: Route = {
  ...startRoute,
  path: "/agents/:agent",
  handle: (call) => {
    const agent = call.service.agents.get(call.parameters["agent"] ?? "");
    if (agent === undefined) throw noAgent(call);
    return startOf(call, () => ({ ...pathsOf(agent), docs: ofService.docs }));
  },
};

const ofService = {
  docs: "/docs",
  openapi: "/openapi.json",
  interface: "/interface",
  ready: "/ready",
  metrics: "/metrics",
} as const;

function pathsOf({ agent, name, basePath }: ServedAgent) {
  return {
    name,
    description: agent.description,
    execute: `${basePath}/execute`,
    stream: `${basePath}/stream`,
    records: `${basePath}/records`,
    interface: `${basePath}/interface`,
    openapi: `${basePath}/openapi.json`,
  };
}

function startOf(call: Call, index: () => object): Answer {
  const vary = ["vary", "accept"];
  if (!/\btext\/html\b/i.test(call.header("accept") ?? "")) return jsonAnswer(index(), 200, vary);
  return jsonAnswer({ docs: ofService.docs }, 302, [...vary, "location", ofService.docs]);
}
