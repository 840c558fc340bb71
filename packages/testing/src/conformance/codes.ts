import { AtomicError, errorCatalog, type Result, type Run, type RunOptions } from "@atomic-agents/core";
import { preview } from "../usage-error.ts";
import { refusedInputs } from "./hostile-inputs.ts";
import type { Lab } from "./lab.ts";
import { isText } from "./validation.ts";
import { Broken, ensure, passed, type Verdict } from "./verdict.ts";

const dispositions: readonly unknown[] = ["stop", "drop", "dead-letter"];

/** 6. */
export async function errorsAreAtomic(lab: Lab): Promise<Verdict> {
  const requestId = "conformance-request";
  const signal = AbortSignal.abort(new Error("conformance"));
  const tries = [
    { what: "a cancelled run", input: lab.valid[0], more: { requestId, signal } },
    ...lab.invalid.map((input, index) => ({ what: `invalid[${index}]`, input, more: { requestId } })),
  ];
  let seen = 0;
  for (const { what, input, more } of tries) {
    const result = await lab.tryRun(input, more);
    if (result.ok) continue;
    checkError(what, result.error, requestId);
    const thrown = await lab.wait(
      what,
      lab.agent.run(input, lab.options(more)).then(
        () => undefined,
        (reason: unknown) => ({ reason }),
      ),
    );
    ensure(thrown !== undefined, () => `${what}: tryRun gave an error, run an output`);
    checkError(`${what}, by run`, thrown.reason, requestId);
    seen++;
  }
  ensure(seen > 0, () => "no failure could be brought about: a run with an aborted signal gave an output");
  return passed(`${seen} errors`);
}

function checkError(what: string, error: unknown, requestId: string): void {
  ensure(AtomicError.isInstance(error), () => `${what}: the error is no AtomicError but ${preview(error)}`);
  ensure(
    Object.hasOwn(errorCatalog, error.code),
    () => `${what}: the code ${preview(error.code)} is in no catalogue`,
  );
  ensure(isText(error.message), () => `${what}: the error has no message`);
  ensure(isText(error.agent), () => `${what}: the error names no agent`);
  ensure(isText(error.runId), () => `${what}: the error has no runId`);
  ensure(error.requestId === requestId, () => {
    return `${what}: the error's requestId is ${preview(error.requestId)}, expected ${preview(requestId)}`;
  });
  ensure(
    Number.isFinite(error.timestamp),
    () => `${what}: the error's timestamp is ${preview(error.timestamp)}`,
  );
  ensure(error.hint === undefined || isText(error.hint), () => `${what}: the error's hint is empty`);
  ensure(
    typeof error.retryable === "boolean",
    () => `${what}: the error does not say whether it is retryable`,
  );
  ensure(
    dispositions.includes(error.disposition),
    () => `${what}: disposition is ${preview(error.disposition)}`,
  );
  ensure(
    JSON.stringify(error).includes(error.code),
    () => `${what}: the error written as JSON lacks its code`,
  );
}

/** Inputs that are given to the agent whatever they do to it. */
async function allInputs(lab: Lab): Promise<readonly { readonly name: string; readonly value: unknown }[]> {
  return [
    ...lab.valid.map((value, index) => ({ name: `valid[${index}]`, value })),
    ...lab.invalid.map((value, index) => ({ name: `invalid[${index}]`, value })),
    ...(await refusedInputs(lab.agent.input)),
  ];
}

/** 7. */
export async function runNeverThrows(lab: Lab): Promise<Verdict> {
  const inputs = await allInputs(lab);
  for (const { name, value } of inputs) {
    const promise = promiseOf("run", name, () => lab.agent.run(value, lab.options()));
    const thrown = await lab.wait(
      `run of ${name}`,
      promise.then(
        () => undefined,
        (reason: unknown) => ({ reason }),
      ),
    );
    ensure(thrown === undefined || AtomicError.isInstance(thrown.reason), () => {
      return `run of ${name} rejected with ${preview(thrown?.reason)}, which is no AtomicError`;
    });
  }
  ensure(!("polluted" in {}), () => "an input with __proto__ has changed the prototype of all objects");
  return passed(`${inputs.length} inputs`);
}

/** 8. */
export async function tryRunNeverRejects(lab: Lab): Promise<Verdict> {
  const inputs = await allInputs(lab);
  for (const { name, value } of inputs) {
    const promise = promiseOf("tryRun", name, () => lab.agent.tryRun(value, lab.options()));
    checkResult(`tryRun of ${name}`, await settled(lab, `tryRun of ${name}`, promise));
  }
  return passed(`${inputs.length} inputs`);
}

/** 10. */
export async function resultNeverRejects(lab: Lab): Promise<Verdict> {
  const inputs = await allInputs(lab);
  for (const { name, value } of inputs) {
    const run = started(name, () => lab.start(value));
    checkResult(`start of ${name}`, await settled(lab, `the result of ${name}`, run.result));
  }
  return passed(`${inputs.length} inputs`);
}

const misuses: readonly (readonly [text: string, options: unknown])[] = [
  ["null", null],
  ["a number", 5],
  ["timeoutMs NaN", { timeoutMs: Number.NaN }],
  ["timeoutMs -1", { timeoutMs: -1 }],
  ["timeoutMs 2 ** 31", { timeoutMs: 2 ** 31 }],
  ["timeoutMs as text", { timeoutMs: "5" }],
  ["maxRetries -1", { maxRetries: -1 }],
  ["maxRetries 1.5", { maxRetries: 1.5 }],
  ["an unknown option", { timeout: 5 }],
];

/** 9. */
export async function refusesOptions(lab: Lab): Promise<Verdict> {
  const input = lab.valid[0];
  for (const [text, misuse] of misuses) {
    // Wrong on purpose.
    const options = misuse as RunOptions;
    const rejected = promiseOf("run", text, () => lab.agent.run(input, options)).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    checkConfig(`run with ${text}`, await lab.wait(`run with ${text}`, rejected));
    const result = await lab.wait(`tryRun with ${text}`, lab.agent.tryRun(input, options));
    checkConfig(`tryRun with ${text}`, result.ok ? undefined : result.error);
    checkConfig(`start with ${text}`, await startError(lab, input, options));
  }
  return passed(`${misuses.length} options`);
}

/** Where there is no run yet, `start` may throw. */
async function startError(lab: Lab, input: unknown, options: RunOptions): Promise<unknown> {
  let run: Run<unknown>;
  try {
    run = lab.agent.start(input, options);
  } catch (thrown) {
    return thrown;
  }
  const result = await lab.wait("start", run.result);
  return result.ok ? undefined : result.error;
}

function checkConfig(what: string, error: unknown): void {
  ensure(AtomicError.isInstance(error, "CONFIG"), () => {
    return `${what} should fail with CONFIG, ${error === undefined ? "it gave an output" : `it gave ${preview(error)}`}`;
  });
}

function promiseOf<TValue>(way: string, what: string, call: () => Promise<TValue>): Promise<TValue> {
  let promise: unknown;
  try {
    promise = call();
  } catch (thrown) {
    throw new Broken(`${way} of ${what} threw ${preview(thrown)} instead of giving a promise`);
  }
  ensure(promise instanceof Promise, () => `${way} of ${what} gave ${preview(promise)} instead of a promise`);
  // What the agent's type says, once it is a promise at all.
  return promise as Promise<TValue>;
}

export function started(what: string, start: () => Run<unknown>): Run<unknown> {
  try {
    return start();
  } catch (thrown) {
    throw new Broken(`start of ${what} threw ${preview(thrown)}`);
  }
}

async function settled(lab: Lab, what: string, promise: Promise<Result<unknown>>): Promise<unknown> {
  const outcome = await lab.wait(
    what,
    promise.then(
      (value) => ({ value }),
      (reason: unknown) => ({ reason }),
    ),
  );
  if ("reason" in outcome) throw new Broken(`${what} rejected with ${preview(outcome.reason)}`);
  return outcome.value;
}

function checkResult(what: string, result: unknown): void {
  const isResult = typeof result === "object" && result !== null && "ok" in result;
  ensure(isResult, () => `${what} gave ${preview(result)}, which is no result`);
  if (result.ok === true) return;
  ensure(result.ok === false && "error" in result && AtomicError.isInstance(result.error), () => {
    return `${what} gave a failure without an AtomicError: ${preview(result)}`;
  });
  ensure("disposition" in result && dispositions.includes(result.disposition), () => {
    return `${what} gave a failure without a disposition`;
  });
}
