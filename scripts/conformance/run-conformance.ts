import { type BehaviourId, type BehaviourResult, behaviours, conformance } from "@atomic-agents/testing";
import type { Subject } from "./agents.ts";
import { type Comparison, compareOutcomes, type Way } from "./outcomes.ts";
import type { Surface } from "./surfaces.ts";

/** What is looked at, and how closely. */
export interface ConformancePlan {
  readonly subjects: readonly Subject[];
  readonly surfaces: readonly Surface[];
  readonly ways: readonly Way[];
  /** How many inputs are made of an agent's input schema for each behaviour that is tried with many. */
  readonly runs: number;
  readonly seed: number;
  /** Ends it all when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Told of what is done next. */
  readonly onStep?: ((step: string) => void) | undefined;
}

/** How many agents show a behaviour on a surface, and where it does not hold. */
export interface Cell {
  readonly passed: number;
  readonly notApplicable: number;
  readonly failed: number;
}

/** How the behaviours came out on a surface. */
interface SurfaceOutcome {
  readonly surface: string;
  readonly cells: Readonly<Record<BehaviourId, Cell>>;
  /** What still went on when all had been looked at. */
  readonly unrest: string | undefined;
}

/** A behaviour of an agent that has no occasion to be seen, or does not hold. */
export interface Exception {
  readonly surface: string;
  readonly agent: string;
  readonly behaviour: BehaviourId;
  readonly detail: string;
}

/** How it came out. */
export interface Verdict {
  readonly ok: boolean;
  readonly seed: number;
  readonly agents: readonly string[];
  readonly behaviours: number;
  readonly surfaces: readonly SurfaceOutcome[];
  readonly failures: readonly Exception[];
  readonly notApplicable: readonly Exception[];
  readonly outcomes: readonly Comparison[];
}

/** How long a behaviour of an agent may take. */
const limitMs = 30_000;

/**
 * Looks at every behaviour of every agent on every surface, and compares the outcomes of the agents by every way with
 * their own.
 *
 * @throws AtomicError `CANCELLED` when the signal aborts
 */
export async function runConformance(plan: ConformancePlan): Promise<Verdict> {
  const { subjects, ways, seed, signal, onStep } = plan;
  const surfaces: SurfaceOutcome[] = [];
  const failures: Exception[] = [];
  const notApplicable: Exception[] = [];
  for (const surface of plan.surfaces) {
    const { results, unrest } = await lookAt(surface, plan);
    for (const [agent, ofAgent] of results) {
      for (const { id: behaviour, status, detail } of ofAgent) {
        const exception = { surface: surface.name, agent, behaviour, detail };
        if (status === "failed") failures.push(exception);
        if (status === "not-applicable") notApplicable.push(exception);
      }
    }
    surfaces.push({ surface: surface.name, cells: cellsOf([...results.values()]), unrest });
  }
  const outcomes: Comparison[] = [];
  for (const way of ways) {
    signal?.throwIfAborted();
    onStep?.(`outcomes by ${way.name}`);
    outcomes.push(await compareOutcomes(way, subjects));
  }
  return {
    ok:
      failures.length === 0 &&
      surfaces.every(({ unrest }) => unrest === undefined) &&
      outcomes.every(({ differences, compared }) => differences.length === 0 && compared > 0),
    seed,
    agents: subjects.map(({ agent }) => agent.name),
    behaviours: behaviours.length,
    surfaces,
    failures,
    notApplicable,
    outcomes,
  };
}

type Results = ReadonlyMap<string, readonly BehaviourResult[]>;

async function lookAt(
  surface: Surface,
  { subjects, runs, seed, signal, onStep }: ConformancePlan,
): Promise<{ readonly results: Results; readonly unrest: string | undefined }> {
  const results = new Map<string, readonly BehaviourResult[]>();
  await using opened = await surface.open(subjects.map(({ agent }) => agent));
  for (const [index, subject] of subjects.entries()) {
    const agent = opened.agents[index];
    if (agent === undefined) throw new Error(`${surface.name} shows no agent "${subject.agent.name}"`);
    onStep?.(`${surface.name}: ${subject.agent.name} (${index + 1} of ${subjects.length})`);
    const { valid, invalid } = subject;
    const most = Math.min(runs, subject.runs ?? runs);
    const options = { valid, invalid, runs: most, seed, limitMs, signal };
    results.set(subject.agent.name, await conformance(agent, options));
  }
  return { results, unrest: await opened.unrest() };
}

function cellsOf(results: readonly (readonly BehaviourResult[])[]): Readonly<Record<BehaviourId, Cell>> {
  const cells = behaviours.map(({ id, number }) => {
    const ofAll = results.map((ofAgent) => ofAgent[number - 1]?.status);
    const count = (wanted: BehaviourResult["status"]) => ofAll.filter((status) => status === wanted).length;
    const cell = {
      passed: count("passed"),
      notApplicable: count("not-applicable"),
      failed: count("failed"),
    };
    return [id, cell] as const;
  });
  // One for each behaviour.
  return Object.fromEntries(cells) as Record<BehaviourId, Cell>;
}
