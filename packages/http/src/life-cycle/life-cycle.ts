import type { Call } from "../server/call.ts";

/** Where a service stands. */
export type ServiceState = "starting" | "ready" | "draining" | "closed";

/** Knows where a service stands, and the calls that it has not answered yet. */
export class LifeCycle {
  state: ServiceState = "starting";
  readonly #calls = new Set<Call>();

  get isStopping(): boolean {
    return this.state === "draining" || this.state === "closed";
  }

  get calls(): ReadonlySet<Call> {
    return this.#calls;
  }

  begin(call: Call): void {
    this.#calls.add(call);
  }

  end(call: Call): void {
    this.#calls.delete(call);
  }
}
