import type { AtomicError } from "../errors/atomic-error.ts";
import { logError } from "../log-error.ts";
import type { Frame } from "./frame.ts";
import type { RareState, UndoEntry } from "./frame-parts.ts";
import type { Scope } from "./scope.ts";

/**
 * What frames have done and may have to undo: lists of the frames, which are handed up as frames succeed and worked off
 * where one fails.
 */

/** Keeps how to undo what was done in an attempt, should the run stop. */
export function keepUndo(scope: Scope, entry: UndoEntry): void {
  const { frame, index } = entry;
  const rare = frame.makeRare();
  // It is done anew.
  if (rare.undone?.[index] === true) rare.undone[index] = undefined;
  // Nobody waits for it any more: it came too late.
  if (scope.ended !== undefined || frame.isSettled) {
    void undoOne(entry);
    return;
  }
  if (rare.undos === undefined) rare.undos = [entry];
  else rare.undos.push(entry);
}

/** Leaves what a frame would have to undo, and what it is undoing, to the frame around it. */
export function handOverUndos(frame: Frame): void {
  const { place } = frame;
  const entries = frame.rare?.undos?.splice(0) ?? [];
  if (place === undefined || place.isUndo) return;
  if (entries.length > 0) takeUndos(place.parent, entries);
  joinUndoing(frame);
}

function takeUndos(frame: Frame, entries: readonly UndoEntry[]): void {
  if (frame.isSettled) {
    void undoThem([...entries], 0);
    return;
  }
  const rare = frame.makeRare();
  if (rare.undos === undefined) rare.undos = [...entries];
  // There may be more of them than a call takes arguments.
  else for (const entry of entries) rare.undos.push(entry);
}

/** Has the frame around a frame wait for what is being undone there, before it undoes anything itself. */
export function joinUndoing({ rare, place }: Frame): void {
  const undoing = rare?.undoing;
  if (undoing === undefined || place === undefined) return;
  const above = place.parent.makeRare();
  void waitFor(above, above.undoing === undefined ? undoing : above.undoing.then(() => undoing));
}

/** Undoes what a frame has done since there were `mark` things to undo, the last one first. Never rejects. */
export function undoBackTo(frame: Frame, mark: number): Promise<void> {
  const rare = frame.makeRare();
  const before = rare.undoing ?? Promise.resolve();
  return waitFor(
    rare,
    before.then(() => {
      rare.undos ??= [];
      return undoThem(rare.undos, mark);
    }),
  );
}

/** Has a frame wait for something to be undone before it decides anything. */
function waitFor(rare: RareState, undoing: Promise<void>): Promise<void> {
  rare.undoing = undoing;
  return undoing.then(() => {
    if (rare.undoing === undoing) rare.undoing = undefined;
  });
}

async function undoThem(entries: UndoEntry[], mark: number): Promise<void> {
  while (entries.length > mark) {
    const entry = entries.pop();
    if (entry !== undefined) await undoOne(entry);
  }
}

/** Never rejects: what fails is reported. */
async function undoOne(entry: UndoEntry): Promise<void> {
  const { frame, index, agent } = entry;
  const stage = frame.pathOf(index) || agent;
  const rare = frame.makeRare();
  rare.undone ??= [];
  try {
    await frame.spawnUndo(entry).enter(undefined);
    // What could not be undone before is not undone by this.
    rare.undone[index] ??= true;
    frame.writeEvent({ type: "stage-undo", stage, agent });
  } catch (thrown) {
    // A frame throws nothing else.
    const error = thrown as AtomicError;
    rare.undone[index] = error;
    frame.writeEvent({ type: "stage-undo-error", stage, agent, error });
    const { log, runId } = frame;
    logError(log, `Could not undo stage "${stage}": ${error.message}`, { runId, stage, agent });
  }
}
