/**
 * A program: reads a request as JSON from standard input, tests an agent, and says how it goes on file descriptor 3, a
 * line of JSON each. Whoever started it watches it and ends it: the agent's code may do here what it likes.
 */
import { readFileSync, writeSync } from "node:fs";
import { inspect } from "node:util";
import type { ModelMeter } from "@atomic-agents/llm";
import { type AnyAgent, createLog, untyped } from "@atomic-agents/core";
import { type Behaviour, type BehaviourId, behaviours, conformance } from "@atomic-agents/testing";
import { openProject, provideModels } from "@atomic-agents/project";
import { agentInputs } from "../input/agent-inputs.ts";
import { agentToTest } from "../input/agent-to-test.ts";
import { UsageError } from "../usage-error.ts";
import type { TestMessage, TestRequest } from "./messages.ts";
import { toWireError } from "./wire-error.ts";

const beatMs = 200;
const maxInputLength = 1_000;

function say(message: TestMessage): void {
  writeSync(3, `${JSON.stringify(message)}\n`);
}

let meter: ModelMeter | undefined;
const controller = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => controller.abort(new Error("interrupted")));
}
process.on("uncaughtException", (thrown) => {
  say({ type: "error", error: toWireError(thrown), isStray: true });
  process.exit(1);
});
// Should whoever reads this be gone, writing fails, and this process ends by it.
setInterval(() => say({ type: "beat" }), beatMs).unref();

try {
  // Written by whoever started this.
  await testAgent(JSON.parse(readFileSync(0, "utf8")) as TestRequest);
  say({ type: "end", models: meter?.uses ?? [] });
} catch (thrown) {
  say({ type: "error", error: toWireError(thrown), isStray: false });
}
process.exit(0);

async function testAgent(request: TestRequest): Promise<void> {
  const { reference, runs = 100, seed, timeoutMs, limitMs, logLevel } = request;
  const { signal } = controller;
  const chosen = chosenOf(request.behaviours);
  const { model } = request;
  const opening = openProject(request).then((project) =>
    project.models({ model, onMeter: (made) => (meter = made) }),
  );
  // The agent's runs here have no resources of the project, but its models. It may load what asks for them.
  provideModels({ resolve: async (choice) => (await opening).resolve(choice) });
  const models = await opening;
  if (model !== undefined) await models.resolve(model);
  const agent = await agentToTest(reference, request, { signal, timeoutMs: request.loadTimeoutMs });
  const valid = await agentInputs(agent, request, signal);
  await checkInputs(agent, reference, valid);
  const { name, version } = agent;
  say({ type: "loaded", agent: { name, version }, behaviours: chosen, runs });
  await conformance(untyped(agent), {
    ...(valid.length === 0 ? {} : { valid }),
    runs,
    seed,
    patienceMs: timeoutMs,
    limitMs,
    only: chosen.map(({ id }) => id),
    log: createLog({ level: logLevel }),
    signal,
    onStart: (behaviour) => say({ type: "start", behaviour }),
    onInput: (input) => say({ type: "input", text: textOf(input) }),
    onResult: (result) => say({ type: "result", result }),
  });
}

/** The behaviours that were asked for, in their order. @throws UsageError for one that there is not */
function chosenOf(asked: readonly string[] | undefined): readonly Behaviour[] {
  if (asked === undefined) return behaviours;
  const ids = asked.map((word): BehaviourId => {
    const found = behaviours.find(({ id, number }) => id === word || String(number) === word);
    if (found !== undefined) return found.id;
    throw new UsageError(`There is no behaviour ${JSON.stringify(word)}`, {
      where: "--behaviour",
      expected: `one of ${behaviours.map(({ id }) => id).join(", ")}, or its number`,
      got: word,
      hint: "atomic test <agent> lists them.",
    });
  });
  return behaviours.filter(({ id }) => ids.includes(id));
}

/** What a user gives as an example must be one. @throws UsageError */
async function checkInputs(agent: AnyAgent, reference: string, inputs: readonly unknown[]): Promise<void> {
  for (const input of inputs) {
    const { issues } = await agent.input["~standard"].validate(input);
    if (issues === undefined) continue;
    const [first] = issues;
    const path = (first?.path ?? [])
      .map((part) => String(typeof part === "object" ? part.key : part))
      .join(".");
    throw new UsageError(
      `Agent "${agent.name}" does not take this input: ${path === "" ? "" : `${path}: `}${first?.message ?? "it is refused"}`,
      {
        where: "--input",
        expected: "an input that the agent takes",
        got: textOf(input),
        hint: `atomic describe ${reference} shows what it takes.`,
      },
    );
  }
}

/** A value as JSON where it can be, or as it is shown; its beginning. */
function textOf(value: unknown): string {
  const text = jsonOf(value) ?? shown(value);
  return text.length > maxInputLength ? `${text.slice(0, maxInputLength)}…` : text;
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    // A circle, what is too deep, or what throws when it is read.
    return undefined;
  }
}

function shown(value: unknown): string {
  const options = {
    depth: 1,
    maxStringLength: 100,
    maxArrayLength: 5,
    breakLength: Number.POSITIVE_INFINITY,
  };
  try {
    return inspect(value, options);
  } catch {
    return `a value of type ${typeof value}`;
  }
}
