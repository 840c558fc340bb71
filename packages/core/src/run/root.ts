import { Budget } from "../budget.ts";
import type { Metadata } from "../context.ts";
import type { AtomicError } from "../errors/atomic-error.ts";
import { ResourceSet } from "../resources/resource-set.ts";
import type { Env } from "./env.ts";

/** The metadata of a run that was given none. */
export const noMetadata: Metadata = /* @__PURE__ */ Object.freeze({});

/** What all frames of one run share and may change. Made when one of them first asks: most runs never do. */
export class Root {
  retriesLeft: number;
  /** How many of its attempts wait for a resource or for their turn. */
  waitingCount = 0;
  private readonly ownEnv: Env;
  private ownBudget: Budget | undefined = undefined;
  private ownResources: ResourceSet | undefined = undefined;
  private ownMetadata: Metadata | undefined = undefined;

  constructor(env: Env) {
    this.ownEnv = env;
    this.retriesLeft = env.maxRetries;
  }

  get budget(): Budget {
    if (this.ownBudget === undefined) {
      const { budget } = this.ownEnv.options;
      this.ownBudget = budget instanceof Budget ? budget : new Budget(budget);
    }
    return this.ownBudget;
  }

  /** What came with the run, and what its stages have written. */
  get metadata(): Metadata {
    return this.ownMetadata ?? this.ownEnv.options.metadata ?? noMetadata;
  }

  setMetadata(key: string, value: unknown): void {
    this.ownMetadata = Object.freeze({ ...this.metadata, [key]: value });
  }

  /** Those that the run was given, or its own. */
  get resources(): ResourceSet {
    const { clock, options } = this.ownEnv;
    if (options.resources !== undefined) return options.resources;
    this.ownResources ??= new ResourceSet({ clock, log: options.log });
    return this.ownResources;
  }

  get hasOwnResources(): boolean {
    return this.ownResources !== undefined;
  }

  /** Disposes of the run's own resources, and gives what went wrong. */
  async disposeResources(): Promise<readonly AtomicError<"RESOURCE">[]> {
    return this.ownResources === undefined ? [] : this.ownResources["~dispose"]();
  }
}
