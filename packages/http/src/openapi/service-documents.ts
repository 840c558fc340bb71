import { type AgentDescription, describe, type Log } from "@atomic-agents/core";
import type { InterfacesAnswer } from "../wire.ts";
import type { ServedAgent } from "../server/service.ts";
import { buildOpenApi } from "./build-open-api.ts";

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

  /** Says in the log of which agents' contracts JSON carries not all: their callers cannot send it, or read it. */
  warn(log: Log): void {
    for (const { name, notJson } of this.#describeAll()) {
      if (notJson.length > 0) log.warn("a contract is not JSON", { agent: name, notJson });
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
