import { systemClock } from "@atomic-agents/core";
import { defineSink, type Sink } from "@atomic-agents/flow";

/** A sink that takes one record at a time, and none while it is shut. */
export interface Gate {
  readonly sink: Sink<unknown>;
  readonly got: readonly unknown[];
  /** Resolves when something waits at the shut gate. */
  readonly reached: Promise<void>;
  readonly open: () => void;
}

/** @param passes how many records it lets through before it is shut */
export function createGate(passes: number): Gate {
  const got: unknown[] = [];
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let reach: () => void = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const sink = defineSink<unknown>({
    name: "gate",
    maxRecords: 1,
    open: () => ({
      write: async (records) => {
        if (got.length >= passes) {
          reach();
          await opened;
        }
        got.push(...records);
      },
    }),
  });
  return { sink, got, reached, open };
}

/** How many looks in a row have to find the same. */
const looks = 5;
const lookMs = 10;

/** What a figure comes to that goes up by itself, and then stands still. */
export async function standing(read: () => number): Promise<number> {
  let last = read();
  for (let same = 0; same < looks; same++) {
    await new Promise<void>((resolve) => void systemClock.setTimer(resolve, lookMs));
    const now = read();
    if (now !== last) same = -1;
    last = now;
  }
  return last;
}
