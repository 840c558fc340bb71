import { isDeepStrictEqual } from "node:util";
import {
  type DeadLetter,
  defineSink,
  type Flow,
  flow,
  type FlowRun,
  type FlowSummary,
  fromIterable,
  toArray,
} from "@atomic-agents/flow";
import { ensure } from "../conformance/verdict.ts";
import { preview, usageError } from "../usage-error.ts";
import { ensureBalance, ensureStatus } from "./balance.ts";
import { createGate } from "./gate.ts";
import {
  behavioursOf,
  type Check,
  chosenOf,
  type FlowBehaviour,
  type FlowConformanceOptions,
  lookAt,
  type Seen,
} from "./suite.ts";

/** Puts the stage, or the stages, that are looked at behind a flow: `(records) => records.operator(sessions)`. */
export type UseOperator<TRecord, TOutput> = (records: Flow<TRecord>) => Flow<TOutput>;

/** How an operator is looked at. */
export interface OperatorConformanceOptions<TRecord, TOutput> extends FlowConformanceOptions {
  /** Records that it takes; at least two, of which something is made. */
  readonly records: readonly TRecord[];
  /** What it makes of them; what it makes at first, unless it is said. */
  readonly outputs?: readonly TOutput[] | undefined;
  /** From which records an output is, by their indexes; not looked at unless it is said. */
  readonly madeOf?: ((output: TOutput, index: number) => readonly number[]) | undefined;
  /** How many of its uses are open: begun and not closed. */
  readonly open?: (() => number) | undefined;
}

class Lab {
  readonly use: UseOperator<unknown, unknown>;
  readonly options: OperatorConformanceOptions<unknown, unknown>;

  constructor(use: UseOperator<unknown, unknown>, options: OperatorConformanceOptions<unknown, unknown>) {
    this.use = use;
    this.options = options;
  }

  get records(): readonly unknown[] {
    return this.options.records;
  }

  over(records: Iterable<unknown> | AsyncIterable<unknown> = this.records): Flow<unknown> {
    // What comes is what the operator takes, though nobody knows its type here.
    return this.use(flow(fromIterable(records)) as unknown as Flow<unknown>);
  }

  /** What is made of the records by a flow that nothing disturbs. */
  async outputs(): Promise<readonly unknown[]> {
    const { outputs } = this.options;
    if (outputs !== undefined) return outputs;
    const got: unknown[] = [];
    await this.over().to(toArray(got));
    return got;
  }

  async close(): Promise<void> {
    const left = this.options.open?.() ?? 0;
    ensure(left === 0, () => `${left} uses of it were not closed`);
  }
}

const checks: readonly Check<Lab>[] = [
  ["makes", "of the records the outputs are made, and all records end", makes],
  ["makes-none", "a flow without records ends well", makesNone],
  ["again", "each flow begins anew", again],
  ["at-a-time", "two flows at a time know nothing of one another", atATime],
  ["at-any-pace", "the same is made where outputs have to wait", atAnyPace],
  ["leaves-records-alone", "records are not changed", leavesRecordsAlone],
  ["from-records", "what is made is from records: they fail when it does", fromRecords],
  ["ends-as-made", "a record is delivered when something that is made of it is", endsAsMade],
  ["from-the-right", "an output is from the records that it is made of, and no others", fromTheRight],
  ["filtered-with", "when nothing goes on of what is made, no record is delivered", filteredWith],
  [
    "ends-when-cancelled",
    "a flow that is cancelled ends, whenever, and its books balance",
    endsWhenCancelled,
  ],
  ["ends-when-failed", "a flow that fails behind it ends, and its books balance", endsWhenFailed],
];

/** What is expected of every operator, in order. */
export const operatorBehaviours: readonly FlowBehaviour[] = behavioursOf(checks);

/**
 * Asserts that an operator does what flows expect of one: that it makes the same whatever happens around it, and that each
 * record ends as what is made of it. Needs no test framework, and fails in any.
 *
 * @returns the behaviours that were seen
 * @throws AssertionError that says which behaviours do not hold and why; AtomicError `CONFIG` for a wrong option
 * @example
 * ```ts
 * import { defineOperator } from "@atomic-agents/flow";
 *
 * const pairs = defineOperator<number, number>({
 *   name: "pairs",
 *   start: () => {
 *     let before: number | undefined;
 *     return {
 *       take: (number, { emit }) => {
 *         if (before === undefined) before = number;
 *         else {
 *           emit(before + number, { from: [before, number] });
 *           before = undefined;
 *         }
 *       },
 *     };
 *   },
 * });
 * const seen = await expectOperatorConforms((numbers) => numbers.operator(pairs), {
 *   records: [1, 2, 3, 4, 5],
 *   outputs: [3, 7],
 *   madeOf: (_, index) => [2 * index, 2 * index + 1],
 * });
 * console.log(seen.length, "of", operatorBehaviours.length); // => 12 of 12
 * ```
 */
export async function expectOperatorConforms<TRecord, TOutput>(
  use: UseOperator<TRecord, TOutput>,
  options: OperatorConformanceOptions<TRecord, TOutput>,
): Promise<readonly FlowBehaviour[]> {
  const what = "expectOperatorConforms";
  if (typeof use !== "function") {
    throw usageError(what, "use", "a function that puts the operator into a flow", use);
  }
  const { records } = options;
  if (!Array.isArray(records) || records.length < 2) {
    throw usageError(what, "records", "an array of at least two records", records);
  }
  const chosen = chosenOf(what, checks, options, ["records", "outputs", "madeOf", "open"]);
  // It is only given the records and outputs that it is for.
  const untyped = [use, options] as unknown as ConstructorParameters<typeof Lab>;
  return lookAt(what, "operator", chosen, () => new Lab(...untyped));
}

async function ensureMakes(lab: Lab, what: string, records?: AsyncIterable<unknown>): Promise<void> {
  const expected = await lab.outputs();
  const got: unknown[] = [];
  const summary = await lab.over(records).to(toArray(got));
  ensureStatus(what, summary, "success");
  ensureBalance(what, summary);
  ensure(summary.read === lab.records.length, () => `${what} read ${summary.read} records`);
  ensureSame(what, got, expected);
}

function ensureSame(what: string, got: readonly unknown[], expected: readonly unknown[]): void {
  ensure(isDeepStrictEqual(got, expected), () => {
    return `${what} made ${got.length} outputs, ${preview(got)}, instead of ${expected.length}, ${preview(expected)}`;
  });
}

async function makes(lab: Lab): Promise<Seen> {
  const outputs = await lab.outputs();
  ensure(outputs.length > 0, () => "nothing is made of the records: give some of which something is");
  await ensureMakes(lab, "a flow");
  return "seen";
}

async function makesNone(lab: Lab): Promise<Seen> {
  const summary = await lab.over([]).to(toArray<unknown>([]));
  ensureStatus("a flow without records", summary, "success");
  ensure(
    summary.read === 0 && summary.delivered === 0,
    () => `of no records ${summary.delivered} were delivered`,
  );
  return "seen";
}

async function again(lab: Lab): Promise<Seen> {
  const begun = lab.over();
  const expected = await lab.outputs();
  for (const what of ["the first flow", "the second flow"]) {
    const got: unknown[] = [];
    ensureStatus(what, await begun.to(toArray(got)), "success");
    ensureSame(what, got, expected);
  }
  // One that has not come to the end leaves nothing behind either.
  const run: FlowRun = begun
    .map((output) => {
      run.cancel();
      return output;
    })
    .start(toArray<unknown>([]));
  await run.summary;
  await ensureMakes(lab, "a flow after a cancelled one");
  return "seen";
}

async function atATime(lab: Lab): Promise<Seen> {
  // One record after the other in turns.
  const slowly = async function* () {
    for (const record of lab.records) {
      await Promise.resolve();
      yield record;
    }
  };
  await Promise.all([
    ensureMakes(lab, "the one flow", slowly()),
    ensureMakes(lab, "the other flow", slowly()),
  ]);
  return "seen";
}

async function atAnyPace(lab: Lab): Promise<Seen> {
  const expected = await lab.outputs();
  for (const passes of [0, 1]) {
    const gate = createGate(passes);
    const run = lab.over().start(gate.sink);
    await Promise.race([gate.reached, run.summary]);
    gate.open();
    const summary = await run.summary;
    ensureStatus("a flow whose sink takes one at a time", summary, "success");
    ensureBalance("a flow whose sink takes one at a time", summary);
    ensureSame("a flow whose sink takes one at a time", gate.got, expected);
  }
  return "seen";
}

async function leavesRecordsAlone(lab: Lab): Promise<Seen> {
  const before = structuredCloned(lab.records);
  if (before === undefined) return "no-occasion";
  await lab.over().to(toArray<unknown>([]));
  const changed = lab.records.findIndex((record, index) => !isDeepStrictEqual(record, before[index]));
  ensure(changed === -1, () => {
    return `record ${changed + 1} was ${preview(before[changed])} and is ${preview(lab.records[changed])}`;
  });
  return "seen";
}

/** Undefined for what cannot be copied. */
function structuredCloned(records: readonly unknown[]): readonly unknown[] | undefined {
  try {
    return structuredClone(records);
  } catch {
    return undefined;
  }
}

/** The records, by their indexes, that are dead-lettered when the outputs that are chosen fail. */
async function failedWith(
  lab: Lab,
  isChosen: (index: number) => boolean,
): Promise<{ readonly indexes: readonly number[]; readonly summary: FlowSummary }> {
  let index = -1;
  const failed = new Set<number>();
  const letters = defineSink<DeadLetter>({
    name: "letters",
    open: () => ({
      write: (some) => {
        for (const { record } of some) failed.add(record - 1);
      },
    }),
  });
  const summary = await lab
    .over()
    .map(
      (output) => {
        index++;
        if (isChosen(index)) throw new Error("as asked");
        return output;
      },
      { onError: "dead-letter" },
    )
    .to(toArray<unknown>([]), { deadLetters: letters });
  ensureBalance("a flow of which an output fails", summary);
  return { indexes: [...failed].toSorted((a, b) => a - b), summary };
}

async function fromRecords(lab: Lab): Promise<Seen> {
  const outputs = await lab.outputs();
  for (const index of outputs.keys()) {
    const { summary } = await failedWith(lab, (each) => each === index);
    ensure(summary.deadLettered > 0, () => {
      return `output ${index + 1}, ${preview(outputs[index])}, is from no record: none fails when it does`;
    });
  }
  return "seen";
}

async function endsAsMade(lab: Lab): Promise<Seen> {
  const all = await lab.over().to(toArray<unknown>([]));
  const { summary } = await failedWith(lab, () => true);
  ensure(summary.deadLettered === all.delivered, () => {
    return `${all.delivered} records are delivered when all goes on, ${summary.deadLettered} fail when nothing does`;
  });
  return "seen";
}

async function fromTheRight(lab: Lab): Promise<Seen> {
  const { madeOf } = lab.options;
  if (madeOf === undefined) return "no-occasion";
  const outputs = await lab.outputs();
  for (const [index, output] of outputs.entries()) {
    const expected = madeOf(output, index).toSorted((a, b) => a - b);
    const { indexes, summary } = await failedWith(lab, (each) => each === index);
    // Of records that are held together only their number is known.
    const isSame =
      indexes.length === summary.deadLettered
        ? isDeepStrictEqual(indexes, expected)
        : summary.deadLettered === expected.length;
    ensure(isSame, () => {
      return `output ${index + 1}, ${preview(output)}, is from the records ${preview(indexes)} (${summary.deadLettered}) instead of ${preview(expected)}`;
    });
  }
  return "seen";
}

async function filteredWith(lab: Lab): Promise<Seen> {
  const summary = await lab
    .over()
    .filter(() => false)
    .to(toArray<unknown>([]));
  ensureStatus("a flow that filters all", summary, "success");
  ensure(summary.filtered === summary.read, () => {
    return `${summary.delivered} records are delivered though nothing goes on`;
  });
  return "seen";
}

async function endsWhenCancelled(lab: Lab): Promise<Seen> {
  for (let at = 0; at <= lab.records.length; at++) {
    // Before it, at each record that is given to it.
    let given = 0;
    const records = function* () {
      for (const record of lab.records) {
        if (given === at) run.cancel();
        given++;
        yield record;
      }
      if (given === at) run.cancel();
    };
    const run: FlowRun = lab.over({ [Symbol.iterator]: records }).start(toArray<unknown>([]));
    const summary = await run.summary;
    ensureStatus(`a flow cancelled at record ${at}`, summary, "cancelled");
    ensureBalance(`a flow cancelled at record ${at}`, summary);
    await lab.close();
  }
  for (const passes of [0, 1, 2]) {
    const gate = createGate(passes);
    const run = lab.over().start(gate.sink);
    await Promise.race([gate.reached, run.summary]);
    run.cancel();
    gate.open();
    ensureBalance("a flow cancelled while outputs wait", await run.summary);
    await lab.close();
  }
  return "seen";
}

async function endsWhenFailed(lab: Lab): Promise<Seen> {
  const outputs = await lab.outputs();
  for (const index of outputs.keys()) {
    let at = -1;
    const summary = await lab
      .over()
      .map((output) => {
        at++;
        if (at === index) throw new Error("as asked");
        return output;
      })
      .to(toArray<unknown>([]));
    ensureStatus(`a flow that fails at output ${index + 1}`, summary, "failed");
    ensureBalance(`a flow that fails at output ${index + 1}`, summary);
    await lab.close();
  }
  return "seen";
}
