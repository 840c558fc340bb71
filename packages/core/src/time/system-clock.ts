import { performance } from "node:perf_hooks";
import type { Clock } from "./clock.ts";

/** The computer's clock: `performance.now`, `Date.now` and `setTimeout`. */
export const systemClock: Clock = {
  // The global `performance` is a getter, and this is read at every stage boundary.
  now: /* @__PURE__ */ performance.now.bind(performance),
  timestamp: () => Date.now(),
  setTimer: (callback, delayMs) => {
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};
