// Imported by name, so that tools which replace the global timers do not stop the clock.
import { setImmediate } from "node:timers";

/** How many turns of our own are waited for, by all clocks of the process. */
let ownTurns = 0;

/** One turn of the event loop: Node empties the queue of microtasks before it comes to the next immediate. */
export function eventLoopTurn(): Promise<void> {
  ownTurns++;
  return new Promise((resolve) => {
    setImmediate(() => {
      ownTurns--;
      resolve();
    });
  });
}

/** Something may ask for another turn for ever. */
const maxTurns = 10_000;

/**
 * Turns of the event loop, until nothing in the process asks for another one and no file is being read or written. Every
 * chain of promises that needs nothing else from outside, however deep, has settled when this resolves.
 */
export async function eventLoopSettled(): Promise<void> {
  for (let turn = 0; turn < maxTurns; turn++) {
    await eventLoopTurn();
    if (!needsAnotherTurn()) return;
  }
}

/** Names that Node gives to what is asked of files: all of it ends by itself. */
const fileRequests: ReadonlySet<string> = new Set(["FSReqPromise", "FSReqCallback", "CloseReq"]);

function needsAnotherTurn(): boolean {
  let immediates = 0;
  for (const kind of process.getActiveResourcesInfo()) {
    if (fileRequests.has(kind)) return true;
    if (kind === "Immediate") immediates++;
  }
  return immediates > ownTurns;
}
