import { type AgentDescription, describe, type Log } from "@atomic-agents/core";
import type { InterfacesAnswer } from "../wire.ts";
import type { ServedAgent } from "../server/service.ts";
import { buildOpenApi } from "./build-open-api.ts";
import { checkJson, jsonDoubts } from "./json-contracts.ts";

/** Of how many places the log says that JSON may not be there. */
const maxToldDoubts = 20;

/** What a service says of itself, as JSON, made when somebody asks for the first time. */
export class ServiceDocuments {
  readonly #agents: ReadonlyMap<string, ServedAgent>;
  readonly #isSecured: boolean;
  readonly #descriptions = new Map<string, AgentDescription>();
  readonly #documents = new Map<string, string>();

  constructor(agents: ReadonlyMap<string, ServedAgent>, isSecured: boolean) {
    this.#agents = agents;
    this.#isSecured = isSecured;
  }

  /**
   * Sees to it that the agents' contracts can go over a wire. Of what they do not say the log is told, once.
   *
   * @throws AtomicError `CONFIG` where one surely is not JSON
   */
  check(log: Log): void {
    for (const agent of this.#agents.values()) checkJson(agent);
    const doubts = this.#describeAll().flatMap(jsonDoubts);
    if (doubts.length === 0) return;
    try {
      log.warn("contracts do not say that all is JSON; what is not is answered with an error", {
        count: doubts.length,
        places: doubts.slice(0, maxToldDoubts),
      });
    } catch {
      // A log that fails leaves nobody to tell, and the agents can be served.
    }
  }

  /** The interface of one agent, or of all. */
  interfaceOf(agent: ServedAgent | undefined): string {
    return this.#document(`interface ${agent?.name ?? ""}`, () =>
      agent === undefined
        ? ({ agents: this.#describeAll() } satisfies InterfacesAnswer)
        : this.#describe(agent),
    );
  }

  /** The OpenAPI document of the service, or of one agent below `/agents`. */
  openApi(agent: ServedAgent | undefined): string {
    const isSecured = this.#isSecured;
    return this.#document(`openapi ${agent?.name ?? ""}`, () =>
      agent === undefined
        ? buildOpenApi({ agents: this.#describeAll(), isAtRoot: this.#agents.size === 1, isSecured })
        : buildOpenApi({ agents: [this.#describe(agent)], isAtRoot: false, isSecured, serverUrl: "../.." }),
    );
  }

  #describeAll(): readonly AgentDescription[] {
    return [...this.#agents.values()].map((agent) => this.#describe(agent));
  }

  #describe({ name, agent }: ServedAgent): AgentDescription {
    const known = this.#descriptions.get(name) ?? describe(agent);
    this.#descriptions.set(name, known);
    return known;
  }

  #document(key: string, make: () => unknown): string {
    const known = this.#documents.get(key);
    if (known !== undefined) return known;
    const document = JSON.stringify(make());
    this.#documents.set(key, document);
    return document;
  }
}
