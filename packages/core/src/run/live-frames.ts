import type { Frame } from "./frame.ts";

/**
 * The frames that a frame has to stop when it gives up on its attempt. A list through the frames themselves: a `Set` of
 * them leaves its outgrown tables, and with them every frame, to the collector of old things, which a run of many parts
 * has to wait for.
 */

/** Has a frame stopped with the one around it. */
export function addLive(frame: Frame, child: Frame): void {
  const rare = frame.makeRare();
  const { lastLive } = rare;
  if (child === lastLive || child.liveAfter !== undefined) return;
  child.liveBefore = lastLive;
  if (lastLive === undefined) rare.firstLive = child;
  else lastLive.liveAfter = child;
  rare.lastLive = child;
}

/** Forgets a frame, if it is one of them. */
export function removeLive({ rare }: Frame, child: Frame): void {
  const { liveBefore, liveAfter } = child;
  if (rare === undefined || (liveBefore === undefined && rare.firstLive !== child)) return;
  if (liveBefore === undefined) rare.firstLive = liveAfter;
  else liveBefore.liveAfter = liveAfter;
  if (liveAfter === undefined) rare.lastLive = liveBefore;
  else liveAfter.liveBefore = liveBefore;
  child.liveBefore = undefined;
  child.liveAfter = undefined;
}

/** Cancels all of them, the first first, and forgets them. */
export function stopLive(frame: Frame, reason: unknown): void {
  if (frame.rare?.firstLive === undefined) return;
  const live: Frame[] = [];
  for (let child: Frame | undefined = frame.rare.firstLive; child !== undefined; child = child.liveAfter)
    live.push(child);
  for (const child of live) child.cancel(reason);
  for (const child of live) removeLive(frame, child);
}
