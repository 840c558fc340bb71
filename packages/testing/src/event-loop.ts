// Imported by name, so that tools which replace the global timers do not stop the clock.
import { setImmediate } from "node:timers";

/**
 * One turn of the event loop. Node empties the queue of microtasks before it comes to the next immediate, so every
 * chain of promises that needs nothing from outside, however deep, has settled when this resolves.
 */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
