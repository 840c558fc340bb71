import { AssertionError } from "node:assert";
import { type MaybePromise, systemClock } from "@atomic-agents/core";
import { checkSpanMs, preview, usageError } from "../usage-error.ts";

/** Something that every source, sink or operator does. */
export interface FlowBehaviour {
  readonly id: string;
  /** What is so, in one sentence. */
  readonly title: string;
}

/** How a suite looks. */
export interface FlowConformanceOptions {
  /** How long looking at one behaviour may take: 10,000 ms. */
  readonly patienceMs?: number | undefined;
  /** Only the behaviours with these ids. */
  readonly only?: readonly string[] | undefined;
}

/** Whether there was an occasion to see a behaviour. */
export type Seen = "seen" | "no-occasion";

/** A behaviour, and how it is looked at; a check throws when it does not hold. */
export type Check<TLab> = readonly [id: string, title: string, look: (lab: TLab) => Promise<Seen>];

/** What the checks look at. */
export function behavioursOf<TLab>(checks: readonly Check<TLab>[]): readonly FlowBehaviour[] {
  return Object.freeze(checks.map(([id, title]) => Object.freeze({ id, title })));
}

/** @throws AtomicError `CONFIG` for wrong options */
export function chosenOf<TLab>(
  what: string,
  checks: readonly Check<TLab>[],
  options: FlowConformanceOptions,
  moreKeys: readonly string[] = [],
): { readonly chosen: readonly Check<TLab>[]; readonly patienceMs: number } {
  const known = ["patienceMs", "only", ...moreKeys];
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw usageError(what, key, `one of ${known.join(", ")}`, key);
  }
  const { patienceMs = 10_000, only } = options;
  checkSpanMs(what, "patienceMs", patienceMs);
  if (only === undefined) return { chosen: checks, patienceMs };
  const chosen = checks.filter(([id]) => only.includes(id));
  if (chosen.length === 0 || chosen.length !== only.length) {
    throw usageError(what, "only", `some of ${checks.map(([id]) => id).join(", ")}`, only);
  }
  return { chosen, patienceMs };
}

/**
 * Looks at behaviours one after the other, and tells which have been seen.
 *
 * @throws AssertionError when some do not hold
 */
export async function lookAt<TLab>(
  what: string,
  subject: string,
  { chosen, patienceMs }: ReturnType<typeof chosenOf<TLab>>,
  createLab: () => TLab & { readonly close: () => Promise<void> },
): Promise<readonly FlowBehaviour[]> {
  const seen: FlowBehaviour[] = [];
  const broken: string[] = [];
  for (const [id, title, look] of chosen) {
    const lab = createLab();
    try {
      if ((await inTime(patienceMs, `looking at ${id}`, look(lab))) === "seen") seen.push({ id, title });
      await inTime(patienceMs, "disposing", lab.close());
    } catch (thrown) {
      broken.push(`${id}: ${title}\n    ${thrown instanceof Error ? thrown.message : preview(thrown)}`);
      // What fails to be disposed of has failed before.
      await inTime(patienceMs, "disposing", lab.close()).catch(() => {});
    }
  }
  if (broken.length === 0) return seen;
  throw new AssertionError({
    message: `The ${subject} does not conform: ${broken.length} of ${chosen.length} behaviours failed\n  ${broken.join("\n  ")}`,
    actual: broken,
    expected: [],
    operator: what,
  });
}

async function inTime<TValue>(limitMs: number, what: string, value: MaybePromise<TValue>): Promise<TValue> {
  let stop: (() => void) | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    stop = systemClock.setTimer(
      () => reject(new Error(`${what} took longer than ${limitMs} ms`)),
      limitMs,
    ).cancel;
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    stop?.();
  }
}
