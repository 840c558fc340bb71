import { isDeepStrictEqual } from "node:util";
import { type Agent, AtomicError, pipelineOf, type Result, type RunOptions } from "@atomic-agents/core";
import { type DeadLetter, flow, fromIterable, toArray } from "@atomic-agents/flow";
import { callRecords, remoteAgent, type RemoteAgentOptions } from "@atomic-agents/http/client";
import { ownWords, type Subject } from "./agents.ts";
import { serveForTests } from "./serve-for-tests.ts";

/** What of a failure is compared: all that it says but ids and times, which are of one run. */
const errorParts = [
  "code",
  "message",
  "details",
  "retryable",
  "hint",
  "disposition",
  "stage",
  "agent",
] as const;

/** What a run came to, by the names of what is compared. */
type Outcome = Readonly<Record<string, unknown>>;

type AnyInput = Agent<unknown, unknown>;

/** A way to run an agent, whose outcome is to be that of the agent itself. */
export interface Way {
  readonly name: string;
  /** The outcomes for inputs, in their order; undefined for one that this way cannot bring to the agent. */
  readonly outcomesOf: (
    subject: Subject,
    inputs: readonly unknown[],
  ) => Promise<readonly (Outcome | undefined)[]>;
  /** Whether what an agent's own code says in an error is kept from the caller; no unless said otherwise. */
  readonly hidesErrors?: boolean;
  /** What the agent itself is a part of when its outcome is compared. */
  readonly within?: (agent: AnyInput) => AnyInput;
  /** Whether it takes along the caller's ids, metadata, deadline and budget; yes unless said otherwise. */
  readonly hasContext?: boolean;
}

/** Where an outcome is another than that of the agent itself. */
interface Difference {
  readonly agent: string;
  readonly input: unknown;
  /** What of the outcome. */
  readonly part: string;
  readonly expected: unknown;
  readonly got: unknown;
}

/** How the outcomes of a way compare with those of the agents themselves. */
export interface Comparison {
  readonly way: string;
  readonly compared: number;
  /** What this way cannot bring to the agents. */
  readonly leftOut: number;
  readonly differences: readonly Difference[];
}

/** Ways whose outcomes are compared. */
export const ways: readonly Way[] = [
  { name: "flow", outcomesOf: byFlow },
  { name: "http answer", outcomesOf: byAnswer },
  { name: "http", outcomesOf: (subject, inputs) => byRemote(subject, inputs, {}) },
  { name: "http stream", outcomesOf: (subject, inputs) => byRemote(subject, inputs, { stream: true }) },
  // A request of many records has one time for all of them, and no budget.
  { name: "http records", outcomesOf: byRecords, hasContext: false },
  {
    name: "http, errors hidden",
    outcomesOf: (subject, inputs) => byRemote(subject, inputs, {}, false),
    hidesErrors: true,
  },
  { name: "http, in a pipeline", outcomesOf: byRemoteWithin, within: inPipeline },
];

function inPipeline(agent: AnyInput): AnyInput {
  return pipelineOf("outer", [pipelineOf("inner", [agent])]);
}

/** Compares the outcomes of a way with those of the agents themselves. */
export async function compareOutcomes(way: Way, subjects: readonly Subject[]): Promise<Comparison> {
  const differences: Difference[] = [];
  let compared = 0;
  let leftOut = 0;
  for (const subject of subjects) {
    const inputs = [...subject.valid, ...subject.invalid, ...subject.failing];
    const got = await way.outcomesOf(subject, inputs);
    const options = way.hasContext === false ? {} : optionsOf(subject);
    for (const [index, input] of inputs.entries()) {
      const outcome = got[index];
      if (outcome === undefined) {
        leftOut++;
        continue;
      }
      compared++;
      const expected = await outcomeOfRun(way.within?.(subject.agent) ?? subject.agent, input, options);
      // What is wrong with its own input a caller is told in any case.
      const isHidden = way.hidesErrors === true && subject.failing.includes(input);
      const find = isHidden ? differencesOfHidden : differencesOf;
      for (const difference of find(expected, outcome)) {
        differences.push({ agent: subject.agent.name, input, ...difference });
      }
    }
  }
  return { way: way.name, compared, leftOut, differences };
}

/** Only what a way shows of an outcome is compared. */
function differencesOf(
  expected: Outcome,
  got: Outcome,
): readonly Pick<Difference, "part" | "expected" | "got">[] {
  return (
    Object.keys(got)
      // Where it is wrong for a stage is another place than where it is wrong for the whole.
      .filter((part) => part !== "places" || expected["stage"] === got["stage"])
      .filter((part) => !isDeepStrictEqual(got[part], expected[part]))
      .map((part) => ({ part, expected: expected[part], got: got[part] }))
  );
}

/** As `differencesOf`, where a failure says nothing of its own. */
function differencesOfHidden(expected: Outcome, got: Outcome): ReturnType<typeof differencesOf> {
  const shown = Object.values(got).some((part) => JSON.stringify(part ?? "").includes(ownWords));
  const told = { part: "message", expected: "nothing of what the agent's code says", got };
  return [...differencesOf(expected, withoutWords(got)), ...(shown ? [told] : [])];
}

function withoutWords(outcome: Outcome): Outcome {
  const { message: _message, details: _details, hint: _hint, ...rest } = outcome;
  return rest;
}

function optionsOf({ timeoutMs = 30_000 }: Subject): RunOptions & { readonly timeoutMs: number } {
  return {
    requestId: "conformance-request",
    userId: "conformance-user",
    sessionId: "conformance-session",
    metadata: { conformance: { given: true, text: "\u00fc \ud83d\ude00" } },
    budget: { tokens: 100_000 },
    timeoutMs,
  };
}

async function outcomeOfRun(
  agent: Agent<unknown, unknown>,
  input: unknown,
  options: RunOptions,
): Promise<Outcome> {
  const run = agent.start(input, options);
  let lastDraft: unknown;
  for await (const draft of run.partials) lastDraft = draft;
  const result = await run.result;
  return { ...outcomeOf(result), status: run.status, spent: run.report().spent, lastDraft };
}

function outcomeOf(result: Result<unknown>): Outcome {
  return result.ok ? { output: result.output, code: undefined } : outcomeOfError(result.error);
}

function outcomeOfError(error: AtomicError): Outcome {
  const shown = Object.fromEntries(errorParts.map((part) => [part, error[part]]));
  return { output: undefined, ...shown, places: placesOf(error) };
}

/** Where an input is wrong. */
function placesOf(error: AtomicError): readonly string[] | undefined {
  if (!AtomicError.isInstance(error, "VALIDATION_INPUT")) return undefined;
  return [...new Set(error.details.issues.map(({ path }) => path))].toSorted();
}

async function byRemote(
  subject: Subject,
  inputs: readonly unknown[],
  options: RemoteAgentOptions<undefined>,
  exposeErrors = true,
): Promise<readonly Outcome[]> {
  await using service = await serveForTests([subject.agent], exposeErrors);
  await using remote = await remoteAgent(service.url, options);
  const outcomes: Outcome[] = [];
  for (const input of inputs) {
    const { lastDraft, ...outcome } = await outcomeOfRun(remote, input, optionsOf(subject));
    // Only a stream has drafts.
    const seen = options.stream === true ? { ...outcome, lastDraft } : outcome;
    outcomes.push((await isRefusedBy(remote, input)) ? refusalHere(seen) : seen);
  }
  return outcomes;
}

/**
 * What is refused before it is sent is refused by the JSON Schema of the agent, for the whole of it: in the words of that,
 * and not by the stage that would have refused it.
 */
function refusalHere({ code, status, retryable, disposition, places, spent }: Outcome): Outcome {
  return { code, status, retryable, disposition, places, spent };
}

/** As a stage of a pipeline: in the words of the service, which does not know of that. */
async function byRemoteWithin(subject: Subject, inputs: readonly unknown[]): Promise<readonly Outcome[]> {
  await using service = await serveForTests([subject.agent], true);
  await using remote = await remoteAgent(service.url);
  const whole = inPipeline(remote);
  const outcomes: Outcome[] = [];
  for (const input of inputs) {
    const { lastDraft: _lastDraft, ...outcome } = await outcomeOfRun(whole, input, optionsOf(subject));
    outcomes.push((await isRefusedBy(remote, input)) ? refusalHere(outcome) : withoutWords(outcome));
  }
  return outcomes;
}

async function isRefusedBy({ input: schema }: AnyInput, input: unknown): Promise<boolean> {
  return (await schema["~standard"].validate(input)).issues !== undefined;
}

/** The answers of `POST /execute` as they come over the wire. */
async function byAnswer(subject: Subject, inputs: readonly unknown[]): Promise<readonly Outcome[]> {
  const { requestId, userId, sessionId, metadata, timeoutMs } = optionsOf(subject);
  await using service = await serveForTests([subject.agent], true);
  const outcomes: Outcome[] = [];
  for (const input of inputs) {
    const response = await fetch(`${service.url}/execute`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "atomic-timeout-ms": String(timeoutMs),
        "atomic-budget": "tokens=100000",
      },
      body: JSON.stringify({ input, context: { requestId, userId, sessionId, metadata } }),
      signal: AbortSignal.timeout(30_000),
    });
    // What the service says is what is looked at.
    const answer = (await response.json()) as Readonly<Record<string, unknown>>;
    outcomes.push(
      response.ok
        ? { output: answer["output"], code: undefined, status: answer["status"] ?? "success" }
        : {
            output: undefined,
            ...Object.fromEntries(errorParts.map((part) => [part, answer[part]])),
            message: answer["detail"],
          },
    );
  }
  return outcomes;
}

async function byRecords(
  subject: Subject,
  inputs: readonly unknown[],
): Promise<readonly (Outcome | undefined)[]> {
  if (subject.showsContext === true || subject.timeoutMs !== undefined) return inputs.map(() => undefined);
  await using service = await serveForTests([subject.agent], true);
  const outcomes: Outcome[] = [];
  const results = callRecords(service.url, inputs, { signal: AbortSignal.timeout(30_000) });
  for await (const result of results) outcomes.push(withoutStage(outcomeOf(result), subject.agent.name));
  return outcomes;
}

/** Each input as the only record of a flow, in a run with the same options. */
async function byFlow(
  subject: Subject,
  inputs: readonly unknown[],
): Promise<readonly (Outcome | undefined)[]> {
  const outcomes: (Outcome | undefined)[] = [];
  for (const input of inputs) {
    const outputs: unknown[] = [];
    const letters: DeadLetter[] = [];
    const one = flow(fromIterable([input])).through(subject.agent, { onError: "dead-letter" });
    await one.to(toArray(outputs), { deadLetters: toArray(letters), run: optionsOf(subject) });
    const [letter] = letters;
    if (letter !== undefined) outcomes.push(outcomeOfLetter(letter));
    else outcomes.push(outputs.length === 0 ? undefined : { output: outputs[0], code: undefined });
  }
  return outcomes;
}

/** Of a letter the flow says where it ends. */
function outcomeOfLetter({ error, stage }: DeadLetter): Outcome {
  const { disposition: _disposition, ...outcome } = outcomeOfError(error);
  return withoutStage(outcome, stage);
}

/** An outcome whose texts and stages do not name the stage as which the agent was run. */
function withoutStage(outcome: Outcome, id: string): Outcome {
  const text = (value: string): string =>
    value.replaceAll(` at stage "${id}"`, "").replaceAll(` at stage "${id}/`, ' at stage "');
  const stage = typeof outcome["stage"] === "string" ? outcome["stage"] : undefined;
  const { message, details } = outcome;
  return {
    ...outcome,
    ...("stage" in outcome && { stage: stage === id ? undefined : stage?.replace(`${id}/`, "") }),
    ...(typeof message === "string" && { message: text(message) }),
    ...(details !== undefined && { details: deepText(details, text) }),
  };
}

function deepText(value: unknown, text: (value: string) => string): unknown {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return value.map((item) => deepText(item, text));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deepText(item, text)]));
}
