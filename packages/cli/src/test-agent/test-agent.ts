import type { Behaviour, BehaviourResult } from "@atomic-agents/testing";
import type { TestMessage, TestRequest, WireError } from "./messages.ts";
import { type ChildEnd, runChild } from "./watched-child.ts";
import { fromWireError } from "./wire-error.ts";

/** What is told while an agent is tested. */
export interface TestEvents {
  readonly onLoaded: (loaded: Extract<TestMessage, { readonly type: "loaded" }>) => void;
  readonly onStart: (behaviour: Behaviour) => void;
  readonly onResult: (result: BehaviourResult) => void;
  /** All has been looked at. */
  readonly onEnd: (end: Extract<TestMessage, { readonly type: "end" }>) => void;
  readonly onLine: (line: string) => void;
}

/** The least time after which code that does not yield is ended; and until it all has started. */
const leastStallMs = 20_000;
const leastStartMs = 60_000;

/** How many processes the agent may take with it, before the rest is left. */
const maxLosses = 3;

/**
 * Tests an agent, and tells of each behaviour as it has been looked at. One that ends the process, or keeps it busy for
 * ever, has failed; those after it are looked at in another process.
 *
 * @throws what is wrong with the request, or with the agent's module
 */
export async function testAgent(
  request: TestRequest,
  signal: AbortSignal,
  events: TestEvents,
): Promise<void> {
  let left = await oneTurn(request, signal, events, true);
  for (let losses = 1; left.length > 0 && losses < maxLosses; losses++) {
    left = await oneTurn({ ...request, behaviours: left.map(({ id }) => id) }, signal, events, false);
  }
  signal.throwIfAborted();
  const detail = `not looked at: the agent ended its process, or kept it busy, ${maxLosses} times before`;
  for (const behaviour of left) events.onResult({ ...behaviour, status: "not-applicable", detail });
}

/** Tests in one process; gives the behaviours that could not be looked at, because it was lost. */
async function oneTurn(
  request: TestRequest,
  signal: AbortSignal,
  events: TestEvents,
  isFirst: boolean,
): Promise<readonly Behaviour[]> {
  let open: readonly Behaviour[] | undefined;
  let current: Behaviour | undefined;
  let input: string | undefined;
  let error: WireError | undefined;
  const onMessage = (message: TestMessage) => {
    switch (message.type) {
      case "loaded":
        open = message.behaviours;
        if (isFirst) events.onLoaded(message);
        break;
      case "start":
        current = message.behaviour;
        input = undefined;
        events.onStart(current);
        break;
      case "input":
        input = message.text;
        break;
      case "result":
        open = open?.filter(({ id }) => id !== message.result.id);
        current = undefined;
        events.onResult(message.result);
        break;
      case "error":
        error = message.error;
        break;
      case "end":
        events.onEnd(message);
        break;
      case "beat":
        break;
    }
  };
  const stallMs = Math.max(leastStallMs, 2 * request.timeoutMs);
  const startMs = leastStartMs + 2 * (request.loadTimeoutMs ?? 0);
  const end = await runChild(request, { signal, startMs, stallMs, onMessage, onLine: events.onLine });
  if (end.how === "interrupted") return [];
  if (current === undefined || open === undefined) {
    if (error !== undefined) throw fromWireError(error);
    if (end.how === "done") return [];
    throw new Error(whyOf(end, undefined));
  }
  const failed = current;
  const why =
    error === undefined ? whyOf(end, input) : `something threw that nobody waited for: ${error.message}`;
  events.onResult({ ...failed, status: "failed", detail: why });
  return open.filter(({ id }) => id !== failed.id);
}

function whyOf(end: ChildEnd, input: string | undefined): string {
  const given = input === undefined ? "" : `; the input was ${input}`;
  if (end.how === "stalled") return `its code did not yield for ${end.ms} ms${given}`;
  return `${end.how === "vanished" ? end.why : "the process ended too early"}${given}`;
}
