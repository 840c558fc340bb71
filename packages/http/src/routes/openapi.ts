import { jsonType } from "../server/answer.ts";
import type { Route } from "../server/route.ts";

/** The service as OpenAPI 3.1. */
export const openApiRoute: Route = {
  name: "openapi",
  method: "GET",
  path: "/openapi.json",
  of: "service",
  scope: "read",
  isWork: false,
  handle: ({ service }) => ({
    status: 200,
    contentType: jsonType,
    body: service.documents.openApi(undefined),
  }),
};

/** One agent as OpenAPI 3.1. At the root of a service of one it is the service that is described. */
export const agentOpenApiRoute: Route = {
  ...openApiRoute,
  of: "agent",
  handle: ({ service, agent, parameters }) => {
    const isAtRoot = parameters["agent"] === undefined;
    const body = service.documents.openApi(isAtRoot ? undefined : agent);
    return { status: 200, contentType: jsonType, body };
  },
};
