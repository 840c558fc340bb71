import { schemasFor, wrongOutputOf } from "./check.ts";
import type { Build, Row } from "./contender.ts";
import { fourParses, sixParses } from "./floors.ts";
import { median } from "./statistics.ts";
import { messages, type Operation, stages } from "./workload.ts";

/** How much work one process does. */
export interface Effort {
  readonly slices: number;
  /** CPU time a slice of each contender should take. */
  readonly sliceMs: number;
  /** CPU time each contender runs before the first slice. */
  readonly warmUpMs: number;
}

/** Nanoseconds of CPU per operation. */
export interface Cost {
  /** Of the thread that runs the code. */
  readonly threadNs: number;
  /** Of the whole process: with the garbage collector's and the compiler's threads. */
  readonly processNs: number;
}

/** One slice of the contender and the slices of both floors next to it in time. */
export interface Slice {
  readonly contender: Cost;
  readonly sixParses: Cost;
  readonly fourParses: Cost;
}

export interface Measurement {
  readonly slices: readonly Slice[];
  /** Bytes allocated per operation on the JavaScript heap. */
  readonly bytes: { readonly contender: number; readonly sixParses: number; readonly fourParses: number };
}

type Lane = keyof Slice;
const lanes: readonly Lane[] = ["contender", "sixParses", "fourParses"];

/** Keeps the last output reachable, so that no compiler may drop the work. */
export let lastOutput: unknown;

async function runOperations(operation: Operation, count: number): Promise<void> {
  let output: unknown;
  for (let index = 0; index < count; index += 1) {
    // The mask keeps the index inside the 64 messages.
    output = await operation(messages[index & 63] as (typeof messages)[number]);
  }
  lastOutput = output;
}

async function timed(operation: Operation, count: number): Promise<Cost> {
  // The order matters: Linux brings the thread's clock up to date when the process's is read, and otherwise
  // at its next tick only, up to 4 ms later.
  const processBefore = process.cpuUsage();
  const threadBefore = process.threadCpuUsage();
  await runOperations(operation, count);
  const whole = process.cpuUsage(processBefore);
  const thread = process.threadCpuUsage(threadBefore);
  return {
    threadNs: ((thread.user + thread.system) * 1_000) / count,
    processNs: ((whole.user + whole.system) * 1_000) / count,
  };
}

/** Operations that take about `ms` of CPU: a multiple of the 64 messages, at least one round of them. */
function countFor(ms: number, nsPerOperation: number): number {
  return (
    Math.max(1, Math.round((ms * 1_000_000) / Math.max(nsPerOperation, 1) / messages.length)) *
    messages.length
  );
}

/** A slow contender gets more time to warm up, so that its code is compiled too, within a bound. */
const SLOW_WARM_UP_OPERATIONS = 2_000;
const LONGEST_WARM_UP_MS = 3_000;

function warmUpMsFor(effort: Effort, nsPerOperation: number): number {
  const slowMs = Math.min((SLOW_WARM_UP_OPERATIONS * nsPerOperation) / 1_000_000, LONGEST_WARM_UP_MS);
  return Math.max(effort.warmUpMs, slowMs);
}

/** Runs in turns until every lane had its share, so that all are compiled with the others around. */
async function warmUp(operations: Record<Lane, Operation>, effort: Effort): Promise<Record<Lane, number>> {
  const turns = 5;
  const ns: Record<Lane, number> = { contender: 0, sixParses: 0, fourParses: 0 };
  for (const lane of lanes) ns[lane] = (await timed(operations[lane], messages.length)).threadNs;
  for (let turn = 0; turn < turns; turn += 1) {
    for (const lane of lanes) {
      const turnMs = warmUpMsFor(effort, ns[lane]) / turns;
      ns[lane] = (await timed(operations[lane], countFor(turnMs, ns[lane]))).threadNs;
    }
  }
  return ns;
}

/** Below the young generation at its smallest, so that no collection falls into the stretch. */
const ALLOCATION_STRETCH_BYTES = 500_000;

/** Bytes per operation by the growth of the heap between two collections. */
async function allocationOf(operation: Operation): Promise<number> {
  const { gc } = globalThis;
  if (gc === undefined) return Number.NaN;
  const grown = async (count: number): Promise<number> => {
    gc();
    const before = process.memoryUsage().heapUsed;
    await runOperations(operation, count);
    return (process.memoryUsage().heapUsed - before) / count;
  };
  const first = await grown(messages.length);
  const count = Math.max(messages.length, Math.round(ALLOCATION_STRETCH_BYTES / Math.max(first, 1)));
  return median([await grown(count), await grown(count), await grown(count)]);
}

export async function measure(row: Row, build: Build, effort: Effort): Promise<Measurement> {
  const schemas = schemasFor(row);
  const operations: Record<Lane, Operation> = {
    contender: await build(schemas, stages),
    sixParses: sixParses(schemas, stages),
    fourParses: fourParses(schemas, stages),
  };
  for (const lane of lanes) {
    const wrong = await wrongOutputOf(operations[lane]);
    if (wrong !== "") throw new Error(`${lane}: ${wrong}`);
  }
  const ns = await warmUp(operations, effort);
  const counts: Record<Lane, number> = {
    contender: countFor(effort.sliceMs, ns.contender),
    sixParses: countFor(effort.sliceMs, ns.sixParses),
    fourParses: countFor(effort.sliceMs, ns.fourParses),
  };
  const slices: Slice[] = [];
  for (let index = 0; index < effort.slices; index += 1) {
    const costs: Partial<Record<Lane, Cost>> = {};
    // Forward, then backward: a machine that gets slower over time favours nobody.
    for (const lane of index % 2 === 0 ? lanes : lanes.toReversed()) {
      costs[lane] = await timed(operations[lane], counts[lane]);
    }
    // Every lane was timed in the loop above.
    slices.push(costs as Slice);
  }
  const bytes = {
    contender: await allocationOf(operations.contender),
    sixParses: await allocationOf(operations.sixParses),
    fourParses: await allocationOf(operations.fourParses),
  };
  return { slices, bytes };
}
