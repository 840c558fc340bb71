/** Where a service stands. */
export type ServiceState = "starting" | "ready" | "draining" | "closed";

/** Knows where a service stands. */
export class LifeCycle {
  state: ServiceState = "starting";
}
