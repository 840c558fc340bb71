import { execFileSync } from "node:child_process";
import { machineLine } from "./machine.ts";
import { median } from "./statistics.ts";

/** Runs of a contender in its process before those that are measured. */
const warmUps = 3;
/** Runs that are measured: so many, or fewer of one that takes long. */
const mostMeasured = 9;
const leastMeasured = 3;
const measuredMs = 1_200;
/** Processes of each contender, unless that took longer than anybody wants to wait. */
const rounds = 5;
const patienceMs = 80_000;

/** What is compared: each contender does the same work on the same input, in processes of its own. */
export interface Comparison<TInput> {
  /** The file that calls this; it is started again for each process. */
  readonly script: string;
  /** Makes the input, outside of what is measured. */
  readonly prepare: () => TInput;
  readonly contenders: Readonly<
    Record<string, (input: TInput) => readonly unknown[] | Promise<readonly unknown[]>>
  >;
  /** Ours, and what it is held against. */
  readonly pairs: readonly (readonly [ours: string, byHand: string])[];
}

/** What one process tells of its contender, in milliseconds of CPU. */
interface Told {
  readonly coldMs: number;
  readonly warmMs: number;
  readonly result: string;
}

/** Measures one contender when it is such a process; otherwise starts them all, and prints what they took and their ratios. */
export async function compareInProcesses<TInput>(comparison: Comparison<TInput>): Promise<void> {
  const [, , task = "", name = ""] = process.argv;
  if (task === "child") await beChild(comparison, name);
  else compare(comparison);
}

async function beChild<TInput>({ prepare, contenders }: Comparison<TInput>, name: string): Promise<void> {
  const input = prepare();
  const times: number[] = [];
  let result: readonly unknown[] | undefined;
  let spentMs = 0;
  while (
    times.length < warmUps + leastMeasured ||
    (spentMs < measuredMs && times.length < warmUps + mostMeasured)
  ) {
    const before = process.cpuUsage();
    result = await contenders[name]?.(input);
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1_000;
    times.push(ms);
    if (times.length > warmUps) spentMs += ms;
  }
  // By hand the rounding of each addition stays in a sum, so that the last digits may differ.
  const text = JSON.stringify(result, (_key, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(10)) : value,
  );
  console.log(JSON.stringify({ coldMs: times[0] ?? 0, warmMs: median(times.slice(warmUps)), result: text }));
}

function runChild(script: string, name: string): Told {
  const child = [...process.execArgv, script, "child", name];
  const options = { encoding: "utf8", maxBuffer: 1 << 26, timeout: 10 * 60_000 } as const;
  // A child prints what `Told` says.
  return JSON.parse(execFileSync(process.execPath, child, options)) as Told;
}

function compare<TInput>({ script, contenders, pairs }: Comparison<TInput>): void {
  const names = Object.keys(contenders);
  const told = new Map<string, Told[]>(names.map((name) => [name, []]));
  const startMs = performance.now();
  let round = 0;
  let longestMs = 0;
  while (round < rounds && performance.now() - startMs + longestMs < patienceMs) {
    const roundStartMs = performance.now();
    // Forward, then backward: a machine that gets slower over time favours nobody.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const taken = runChild(script, name);
      told.get(name)?.push(taken);
      const atSeconds = ((performance.now() - startMs) / 1_000).toFixed(0);
      console.error(`${atSeconds} s, round ${round + 1}: ${name}, warm ${taken.warmMs.toFixed(0)} ms`);
    }
    longestMs = Math.max(longestMs, performance.now() - roundStartMs);
    round++;
  }
  const figure = (name: string, of: "coldMs" | "warmMs"): number =>
    median((told.get(name) ?? []).map((each) => each[of]));
  console.log(`${machineLine()}, ${round} processes each`);
  for (const name of names) {
    const [cold, warm] = [figure(name, "coldMs"), figure(name, "warmMs")].map((ms) => ms.toFixed(0));
    console.log(`${name.padEnd(36)} cold ${cold?.padStart(4)} ms   warm ${warm?.padStart(4)} ms`);
  }
  for (const [ours, byHand] of pairs) {
    const [cold, warm] = (["coldMs", "warmMs"] as const).map((of) =>
      (figure(byHand, of) / figure(ours, of)).toFixed(2),
    );
    const isSame = told.get(ours)?.[0]?.result === told.get(byHand)?.[0]?.result;
    console.log(`${ours} / ${byHand}: cold ${cold}, warm ${warm}, the same results: ${isSame}`);
  }
}
