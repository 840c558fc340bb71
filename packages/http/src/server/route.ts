import type { MaybePromise } from "../maybe-promise.ts";
import type { Answer } from "./answer.ts";
import type { Call } from "./call.ts";

/** What a token lets its bearer do. */
export type Scope = "execute" | "read" | "admin";

/** A route as data: from it come the router, the checks, the names in metrics, and the description of the service. */
export interface Route {
  /** The label of its metrics. */
  readonly name: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** As of Hono, such as `/runs/:id`. Of a route of an agent the part after `/agents/NAME`. */
  readonly path: string;
  /** `agent` is mounted once for each agent, and at the root as well when there is only one. */
  readonly of: "service" | "agent";
  /** What a token must have; `open` asks for none, `any` takes each: the handler says what else is needed. */
  readonly scope: Scope | "any" | "open";
  /** Takes a place among the requests in flight, of which there are so many at most. Records have places of their own. */
  readonly isWork: boolean;
  /** Its body is JSON, and is read as a whole before the request takes a place: who sends slowly keeps nobody from one. */
  readonly hasBody?: boolean;
  /** Gives the answer, or undefined when it has written one to `call.outgoing`. What it throws becomes a problem. */
  readonly handle: (call: Call, body: Buffer) => MaybePromise<Answer | undefined>;
}
