import { jsonType } from "../server/answer.ts";
import type { Route } from "../server/route.ts";

/** An agent's contract. */
export const interfaceRoute: Route = {
  name: "interface",
  method: "GET",
  path: "/interface",
  of: "agent",
  scope: "read",
  isWork: false,
  handle: ({ service, agent }) => ({
    status: 200,
    contentType: jsonType,
    body: service.documents.interfaceOf(agent),
  }),
};

/** The contracts of all agents; where there is but one, its own route stands before this. */
export const interfacesRoute: Route = { ...interfaceRoute, of: "service" };
