import { constants } from "node:os";
import type { RunningService } from "@atomic-agents/http";
import { exitCodes } from "../exit-codes.ts";
import type { Interruption } from "../terminal/interruption.ts";

const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** What happens while a service stops. */
interface StopEvents {
  readonly onStop: (signal: NodeJS.Signals) => void;
  readonly finish: () => Promise<void>;
}

/**
 * Stops a service when a signal asks for it, and gives the exit code when it has stopped and `finish` is done; with the
 * second signal at once. The first process of a container, too, ends by this: for that one the system does nothing of its
 * own.
 *
 * @param events.onStop told of the first signal
 * @param events.finish what comes last; a second signal does not wait for it either
 */
export function stopOnSignals(
  service: Pick<RunningService, "close" | "stopped">,
  interruption: Pick<Interruption, "signal" | "release">,
  { onStop, finish }: StopEvents,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let isStopping = interruption.signal.aborted;
    const stop = (): void => void service.close().catch(reject);
    for (const signal of signals) {
      process.on(signal, () => {
        if (isStopping) return resolve(128 + constants.signals[signal]);
        isStopping = true;
        onStop(signal);
        stop();
      });
    }
    interruption.release();
    if (isStopping) stop();
    const end = async (): Promise<number> => {
      const isFinished = await service.stopped;
      await finish();
      return isFinished ? exitCodes.done : exitCodes.failed;
    };
    end().then(resolve, reject);
  });
}
