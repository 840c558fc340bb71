import type { AgentPart } from "@atomic-agents/core";
import { element } from "./element.ts";
import { schemaView } from "./schema-view.ts";
import type { Service, ShownAgent } from "./service.ts";
import { tryView } from "./try-view.ts";

/** All about one agent. */
export function agentView(agent: ShownAgent, service: Service, document: unknown): readonly HTMLElement[] {
  const chips = [`version ${agent.version}`, agent.kind, ...agent.capabilities];
  return [
    element("h2", {}, agent.name),
    element("p", { class: "description" }, agent.description),
    element("div", { class: "chips" }, ...chips.map((text) => element("span", { class: "chip" }, text))),
    element(
      "div",
      { class: "columns" },
      element(
        "div",
        {},
        schemaView("Input", agent.input, document),
        schemaView("Output", agent.output, document),
        agent.parts.length > 0 &&
          element("section", { class: "card" }, element("h3", {}, "Composed of"), partsView(agent.parts)),
      ),
      tryView(agent, service, document),
    ),
  ];
}

function partsView(parts: readonly AgentPart[]): HTMLElement {
  const items = parts.map(({ id, name, kind, parts: inside }) =>
    element(
      "li",
      {},
      element("span", { class: "mono" }, id === name ? name : `${id}: ${name}`),
      kind !== "agent" && element("span", { class: "quiet" }, ` ${kind}`),
      inside.length > 0 && partsView(inside),
    ),
  );
  return element("ol", { class: "parts" }, ...items);
}
