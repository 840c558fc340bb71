import type { Clock } from "./clock.ts";

let highResolution: { readonly now: () => number } | undefined;

/** The computer's clock: `performance.now`, `Date.now` and `setTimeout`. */
export const systemClock: Clock = {
  // Neither imported, which loads a dozen of Node's modules before a run needs them, nor the global one, which is a
  // getter and read at every stage boundary.
  now: () => {
    highResolution ??= process.getBuiltinModule("node:perf_hooks").performance;
    return highResolution.now();
  },
  timestamp: () => Date.now(),
  setTimer: (callback, delayMs) => {
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};
