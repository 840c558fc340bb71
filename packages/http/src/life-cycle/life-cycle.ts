import { Queue, type Spot } from "../queue.ts";
import type { Call } from "../server/call.ts";

/** Where a service stands. */
export type ServiceState = "starting" | "ready" | "draining" | "closed";

/** Knows where a service stands, and the calls that it has not answered yet. */
export class LifeCycle {
  state: ServiceState = "starting";
  readonly #calls = new Queue<Call>();

  get isStopping(): boolean {
    return this.state === "draining" || this.state === "closed";
  }

  /** How many calls are not answered yet. */
  get callCount(): number {
    return this.#calls.size;
  }

  get calls(): readonly Call[] {
    return this.#calls.all();
  }

  /** Gives what the call ends with. */
  begin(call: Call): Spot<Call> {
    return this.#calls.add(call);
  }

  end(spot: Spot<Call>): void {
    this.#calls.remove(spot);
  }
}
