import { isDeepStrictEqual } from "node:util";
import { AtomicError, type Run } from "@atomic-agents/core";
import { eventLoopTurn } from "../event-loop.ts";
import { preview } from "../usage-error.ts";
import type { Lab } from "./lab.ts";
import { type OutcomeView, viewOf } from "./reference.ts";
import { ensure, passed, type Verdict } from "./verdict.ts";

/** 50. */
export async function cancelsOnce(lab: Lab): Promise<Verdict> {
  const around = lab.within((next) => (input, ctx) => {
    const output = next(input, ctx);
    run.cancel("the first reason");
    run.cancel("another reason");
    return output;
  });
  const run: Run<unknown> = around.start(lab.valid[0], lab.options());
  const inPipeline = await lab.soon("the result of a run that was cancelled twice", run.result);
  ensure(!inPipeline.ok && inPipeline.error.code === "CANCELLED", () => "the run was not cancelled");
  const alone = lab.start(lab.valid[0]);
  alone.cancel("the first reason");
  alone.cancel("another reason");
  const result = await lab.soon("the result", alone.result);
  for (const [ended, { events }] of [
    [inPipeline, run],
    [result, alone],
  ] as const) {
    ensure(!ended.ok && AtomicError.isInstance(ended.error, "CANCELLED"), () => "the run was not cancelled");
    const { reason } = ended.error.details;
    ensure(reason === "the first reason", () => `cancelled twice, the reason is ${preview(reason)}`);
    const ends = events.snapshot().filter((event) => event.type === "run-end").length;
    ensure(ends === 1, () => `a run that was cancelled twice has ${ends} ends`);
  }
  return passed("alone and in a pipeline");
}

/** What may be given to `abort`, and somebody will. */
function oddReasons(): readonly (readonly [string, unknown])[] {
  const throwing = Object.defineProperty(new Error(), "message", {
    get: () => {
      throw new Error("this reason cannot be read");
    },
  });
  return [
    ["undefined", undefined],
    ["null", null],
    ["a text", "conformance"],
    ["a symbol", Symbol("conformance")],
    ["an object without a prototype", Object.create(null)],
    ["an error that throws when it is read", throwing],
  ];
}

/** 51. */
export async function takesOddReasons(lab: Lab): Promise<Verdict> {
  const reasons = oddReasons();
  for (const [name, reason] of reasons) {
    const controller = new AbortController();
    const run = lab.start(lab.valid[0], { signal: controller.signal });
    controller.abort(reason);
    const result = await lab.soon(`the result after abort with ${name}`, run.result);
    ensure(!result.ok && AtomicError.isInstance(result.error, "CANCELLED"), () => {
      return `aborted with ${name}: the run gave ${preview(viewOf(result))}, not CANCELLED`;
    });
    ensure(typeof result.error.details.reason === "string", () => {
      return `aborted with ${name}: the reason is ${preview(result.error.details)}`;
    });
    JSON.stringify(result.error);
  }
  return passed(`${reasons.length} reasons`);
}

/** 52. */
export async function draftsEnd(lab: Lab): Promise<Verdict> {
  let drafts = 0;
  for (const [what, input, cancels] of [
    ["a run", lab.valid[0], false],
    ["a run that is cancelled", lab.valid[0], true],
    ...lab.invalid.slice(0, 1).map((refused) => ["a run that is refused", refused, false] as const),
  ] as const) {
    const run = lab.start(input);
    const readers = [countDrafts(run), countDrafts(run)];
    if (cancels) {
      await eventLoopTurn();
      run.cancel("conformance");
    }
    await lab.wait("the result", run.result);
    const counts = await lab.wait(`readers of the drafts of ${what}`, Promise.all(readers));
    const late = await lab.soon(`a late reader of the drafts of ${what}`, countDrafts(run));
    ensure(
      late <= 1,
      () => `a reader after the end got ${late} drafts of ${what}, expected at most the last`,
    );
    drafts += Math.max(...counts);
  }
  return passed(`${drafts} drafts`);
}

async function countDrafts(run: Run<unknown>): Promise<number> {
  let count = 0;
  for await (const _draft of run.partials) count++;
  return count;
}

/** 53. */
export async function worksAfterTrouble(lab: Lab): Promise<Verdict> {
  const [input] = lab.valid;
  const before: OutcomeView[] = [];
  for (let run = 0; run < 3; run++) before.push(viewOf(await lab.tryRun(input)));
  const [first] = before;
  // What it gives may differ from run to run by itself.
  const isSteady = before.every((view) => isDeepStrictEqual(view, first));
  const troubles: readonly (readonly [string, () => Promise<unknown>])[] = [
    ...lab.invalid.slice(0, 2).map((refused) => ["a refused input", () => lab.tryRun(refused)] as const),
    [
      "a run that was cancelled",
      async () => {
        const run = lab.start(input);
        await eventLoopTurn();
        run.cancel("conformance");
        await lab.soon("the result", run.result);
      },
    ],
    [
      "a run that was cancelled around its code",
      async () => {
        const spent = lab.within((next) => (given, ctx) => {
          const output = next(given, ctx);
          run.cancel("conformance");
          return output;
        });
        const run: Run<unknown> = spent.start(input, lab.options());
        await lab.soon("the result", run.result);
      },
    ],
  ];
  for (const [what, trouble] of troubles) {
    await trouble();
    const after = viewOf(await lab.tryRun(input));
    const isSame = isSteady
      ? isDeepStrictEqual(after, first)
      : before.some((view) => "output" in view === "output" in after);
    ensure(isSame, () => `after ${what} it came to ${preview(after)}, before to ${preview(first)}`);
  }
  return passed(`${troubles.length} troubles`);
}
