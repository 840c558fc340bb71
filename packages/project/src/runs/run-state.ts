import { hostname } from "node:os";
import { type RunRecord, type RunStatus, systemClock } from "@atomic-agents/core";

/** Where a run stands: as its record says, or `interrupted` when its process has ended without telling. */
export type RunState = RunStatus | "interrupted";

/** How it is found out whether a run goes on. */
export interface RunStateOptions {
  /** Now, in milliseconds since 1970. */
  readonly nowMs?: number | undefined;
  /** Says whether a process of this computer is there. */
  readonly isAlive?: ((pid: number) => boolean) | undefined;
  /** This computer's name. */
  readonly host?: string | undefined;
}

/** A run that goes on is saved every ten seconds, unless its code keeps it from that. */
const silentMs = 300_000;

/**
 * Where a run stands. The record of a flow's run says `running` until it ends; when the process was killed, nobody changes
 * that. So a run that is said to go on is `interrupted` when its process is not there any more, or, on another computer,
 * or where another process may have its number by now, when it has not been saved for five minutes.
 *
 * @example
 * ```ts
 * const store = new MemoryRunStore();
 * await clean.run({ text: "a" }, { store });
 * console.log(store.list().map((record) => runStateOf(record))); // => [ 'success' ]
 * ```
 */
export function runStateOf({ report, flow }: RunRecord, options: RunStateOptions = {}): RunState {
  const { status } = report;
  if (flow === undefined || !["pending", "running", "waiting"].includes(status)) return status;
  const { nowMs = systemClock.timestamp(), isAlive = isProcess, host = hostname() } = options;
  if (flow.host === host && !isAlive(flow.pid)) return "interrupted";
  return nowMs - flow.updatedAtMs > silentMs ? "interrupted" : status;
}

function isProcess(pid: number): boolean {
  // Zero and negative numbers stand for groups of processes.
  if (!Number.isInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // One that belongs to somebody else may not be asked, but is there.
    return thrown instanceof Error && "code" in thrown && thrown.code === "EPERM";
  }
}
