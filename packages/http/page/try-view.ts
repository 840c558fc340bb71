import { EventStreamParser } from "../src/docs-page/event-stream.ts";
import { curlCommand } from "../src/docs-page/curl-command.ts";
import { exampleValue } from "../src/openapi/example-value.ts";
import { findByPointer } from "../src/openapi/find-by-pointer.ts";
import { button, copyButton, element } from "./element.ts";
import { jsonView } from "./json-view.ts";
import { type Service, type ShownAgent, urlOf } from "./service.ts";

/** What has been typed, by agent, so that looking at another one loses nothing. */
const drafts = new Map<string, string>();

/** The newest of the events are shown. */
const mostEvents = 500;

/** A place to call the agent from. */
export function tryView(agent: ShownAgent, service: Service, document: unknown): HTMLElement {
  const find = (reference: string) => findByPointer(document, reference);
  const example = JSON.stringify(exampleValue(find(agent.input), find), undefined, 2);
  const input = element("textarea", {
    id: "input",
    spellcheck: "false",
    autocomplete: "off",
    "aria-describedby": "input-problem",
  });
  input.value = drafts.get(agent.name) ?? example;
  const problem = element("span", { id: "input-problem", class: "bad", role: "status" });
  const timeout = element("input", { id: "timeout", class: "narrow", type: "number", min: 1, step: 1 });
  timeout.placeholder = "default";
  const result = element("div", { "aria-live": "polite", id: "result" });
  const command = element("pre", { tabindex: 0 });
  let running: AbortController | undefined;

  const body = (): string | undefined => {
    drafts.set(agent.name, input.value);
    try {
      const text = JSON.stringify({ input: JSON.parse(input.value) as unknown });
      problem.textContent = "";
      input.setAttribute("aria-invalid", "false");
      return text;
    } catch (error) {
      problem.textContent = `Not JSON yet: ${error instanceof Error ? error.message : String(error)}`;
      input.setAttribute("aria-invalid", "true");
      return undefined;
    }
  };
  const headers = (): Record<string, string> => ({
    "content-type": "application/json",
    ...(timeout.value !== "" && { "atomic-timeout-ms": timeout.value }),
  });
  const refresh = (): void => {
    const text = body();
    for (const each of [run, stream]) each.disabled = text === undefined || running !== undefined;
    cancel.hidden = running === undefined;
    command.textContent = curlCommand({
      url: urlOf(`${agent.basePath}/execute`),
      headers: headers(),
      hasToken: service.hasToken,
      body: text ?? "…",
    });
  };
  const call = async (path: string, show: (response: Response, answer: Answer) => Promise<void>) => {
    const text = body();
    if (text === undefined || running !== undefined) return;
    const controller = new AbortController();
    running = controller;
    const answer = new Answer(result);
    refresh();
    try {
      const response = await service.fetch(`${agent.basePath}${path}`, {
        method: "POST",
        headers: headers(),
        body: text,
        signal: controller.signal,
      });
      answer.begin(response);
      await show(response, answer);
    } catch (error) {
      answer.fail(controller.signal.aborted ? "Cancelled." : `The service did not answer: ${String(error)}`);
    } finally {
      running = undefined;
      refresh();
      result.scrollIntoView({ block: "nearest" });
    }
  };
  const run = button("Run", () => void call("/execute", showAnswer), {
    class: "main",
    title: "Ctrl+Enter, or ⌘+Enter",
  });
  const stream = button("Stream", () => void call("/stream", showStream));
  const cancel = button("Cancel", () => running?.abort());
  input.addEventListener("input", refresh);
  timeout.addEventListener("input", refresh);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run.click();
  });
  refresh();

  return element(
    "section",
    { class: "card", "aria-label": "Try it" },
    element(
      "div",
      { class: "bar" },
      element("h3", {}, "Try it"),
      element("label", { class: "quiet", for: "input" }, "Input, as JSON"),
      element(
        "span",
        { class: "end" },
        button(
          "Example",
          () => {
            input.value = example;
            refresh();
          },
          { class: "link" },
        ),
      ),
    ),
    input,
    element(
      "div",
      { class: "bar" },
      run,
      stream,
      cancel,
      element(
        "span",
        { class: "bar together" },
        element("label", { for: "timeout" }, "Wait at most"),
        timeout,
        element("span", { class: "quiet" }, "ms"),
      ),
      problem,
    ),
    result,
    element(
      "details",
      {},
      element("summary", {}, "The same from a shell"),
      command,
      copyButton(() => command.textContent),
    ),
  );
}

/** Where the answer to a call is shown. */
class Answer {
  readonly #place: HTMLElement;
  readonly #line = element("p", { class: "bar" });
  readonly #startedAt = performance.now();
  readonly #status = element("span", { class: "status", id: "status" }, "Waiting …");
  readonly #took = element("span", { class: "quiet" });

  constructor(place: HTMLElement) {
    this.#place = place;
    this.#line.append(this.#status, this.#took);
    place.replaceChildren(this.#line);
  }

  begin(response: Response): void {
    this.#say(`${response.status} ${response.statusText}`.trim(), response.ok);
    const lines = [...response.headers].map(([name, value]) => `${name}: ${value}`);
    this.#place.append(
      element(
        "details",
        {},
        element("summary", {}, `${lines.length} headers`),
        element("pre", { tabindex: 0 }, lines.join("\n")),
      ),
    );
  }

  /** What the status says, once more is known than the status of HTTP. */
  end(isGood: boolean, word?: string): void {
    this.#say(word ?? this.#status.textContent, isGood);
  }

  show(...parts: readonly HTMLElement[]): void {
    this.#place.append(...parts);
  }

  fail(message: string): void {
    this.#say(message, false);
  }

  sinceStart(): string {
    const ms = performance.now() - this.#startedAt;
    return ms < 10_000 ? `${ms.toFixed(ms < 100 ? 1 : 0)} ms` : `${(ms / 1_000).toFixed(1)} s`;
  }

  #say(text: string, isGood: boolean): void {
    this.#status.textContent = text;
    this.#status.className = `status ${isGood ? "good" : "bad"}`;
    this.#took.textContent = `after ${this.sinceStart()}`;
  }
}

async function showAnswer(response: Response, answer: Answer): Promise<void> {
  const text = await response.text();
  answer.end(response.ok);
  const parsed = parse(text);
  answer.show(parsed === undefined ? element("pre", { tabindex: 0 }, text) : jsonView(parsed.value));
}

async function showStream(response: Response, answer: Answer): Promise<void> {
  if (!response.ok || response.body === null) return showAnswer(response, answer);
  const events = element("ol", { class: "events", tabindex: 0, "aria-label": "Events" });
  const draft = element("div");
  answer.show(events, draft);
  const parser = new EventStreamParser();
  let last = "";
  for await (const chunk of chunksOf(response.body)) {
    for (const { name, data } of parser.push(chunk)) {
      const value = parse(data)?.value ?? data;
      last = name;
      if (name === "run") {
        events.append(eventLine(answer.sinceStart(), value));
        if (events.childElementCount > mostEvents) events.firstElementChild?.remove();
      } else draft.replaceChildren(jsonView(value));
    }
  }
  const word = last === "output" ? "Output" : last === "error" ? "Error" : "The stream broke off";
  answer.end(last === "output", `${response.status} ${word}`);
}

function eventLine(when: string, event: unknown): HTMLElement {
  const fields: readonly (readonly [string, unknown])[] =
    typeof event === "object" && event !== null ? Object.entries(event) : [["data", event]];
  const type = fields.find(([name]) => name === "type")?.[1];
  // The run is the same in all of them.
  const rest = fields.filter(([name]) => name !== "type" && name !== "runId" && name !== "atMs");
  const text = rest.map(
    ([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return element(
    "li",
    {},
    element("span", { class: "when" }, when),
    element("span", { class: "name" }, typeof type === "string" ? type : "event"),
    element("span", {}, text.join(" · ")),
  );
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    yield decoder.decode(next.value, { stream: true });
  }
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
