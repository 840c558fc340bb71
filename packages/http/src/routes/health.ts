import { jsonAnswer } from "../server/answer.ts";
import type { Route } from "../server/route.ts";

/** Alive: the process answers. */
export const healthRoute: Route = {
  name: "health",
  method: "GET",
  path: "/health",
  of: "service",
  scope: "open",
  isWork: false,
  handle: () => jsonAnswer({ status: "ok" }),
};

/** Whether new requests should be sent here. */
export const readyRoute: Route = {
  name: "ready",
  method: "GET",
  path: "/ready",
  of: "service",
  scope: "open",
  isWork: false,
  handle: ({ service }) => {
    const { state } = service.lifeCycle;
    return jsonAnswer({ status: state }, state === "ready" ? 200 : 503);
  },
};
