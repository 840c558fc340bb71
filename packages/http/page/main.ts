import type { OpenApiDocument } from "../src/openapi/build-open-api.ts";
import { agentView } from "./agent-view.ts";
import { button, byId, element } from "./element.ts";
import { routesView } from "./routes-view.ts";
import { agentsOf, Service } from "./service.ts";

const service = new Service();
const main = byId("main");
const routesHash = "#routes";

function agentHash(name: string): string {
  return `#/${encodeURIComponent(name.toWellFormed())}`;
}

await open();

async function open(): Promise<void> {
  let response: Response;
  try {
    response = await service.fetch("/openapi.json");
  } catch (error) {
    say(`The service did not answer: ${String(error)}`);
    return;
  }
  if (response.status === 401 || response.status === 403) {
    const isKnown = response.status === 403;
    askForToken(
      isKnown
        ? "The token lacks the scope “read”."
        : service.hasToken
          ? "The service does not know this token."
          : "This service asks for a token.",
    );
    return;
  }
  if (!response.ok) {
    say(`The service answers ${response.status}: ${await response.text()}`);
    return;
  }
  // The service's own document, made by the code next to this.
  show((await response.json()) as OpenApiDocument);
}

function say(text: string): void {
  main.replaceChildren(element("p", { class: "bad", role: "alert" }, text));
}

function askForToken(reason: string): void {
  const field = element("input", {
    id: "token",
    type: "password",
    autocomplete: "off",
    required: true,
    size: 40,
  });
  const form = element(
    "form",
    { class: "card" },
    element("p", { role: "status" }, reason),
    element("p", { class: "quiet" }, "It stays in this page's memory, and is gone with it."),
    element(
      "div",
      { class: "bar" },
      element("label", { for: "token" }, "Token"),
      field,
      element("button", { class: "main" }, "Open"),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    service.setToken(field.value);
    void open();
  });
  byId("header").replaceChildren(element("h1", {}, "Agents"));
  main.replaceChildren(form);
  field.focus();
}

function show(description: OpenApiDocument): void {
  const { info } = description;
  const agents = agentsOf(description);
  document.title = info.title;
  byId("header").replaceChildren(
    element("h1", {}, info.title),
    ...(agents.length === 1 ? [element("span", { class: "quiet" }, info.version)] : []),
    ...(service.hasToken
      ? [button("Forget token", () => location.reload(), { class: "link end" })]
      : [element("a", { href: "openapi.json" }, "openapi.json")]),
  );
  const links = new Map<string, HTMLAnchorElement>();
  const link = (hash: string, text: string): HTMLElement => {
    const made = element("a", { href: hash }, text);
    links.set(hash, made);
    return element("li", {}, made);
  };
  byId("agents").replaceChildren(
    element("ul", {}, ...agents.map(({ name }) => link(agentHash(name), name))),
    element("ul", {}, link(routesHash, "Routes")),
  );
  const turn = (): void => {
    const hash = links.has(location.hash) ? location.hash : agentHash(agents[0]?.name ?? "");
    for (const [each, made] of links) {
      if (each === hash) made.setAttribute("aria-current", "page");
      else made.removeAttribute("aria-current");
    }
    const agent = agents.find(({ name }) => agentHash(name) === hash);
    main.replaceChildren(
      ...(agent === undefined ? routesView(description) : agentView(agent, service, description)),
    );
  };
  addEventListener("hashchange", turn);
  turn();
}
