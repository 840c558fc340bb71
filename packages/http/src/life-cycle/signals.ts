import { constants } from "node:os";

/** What a signal stops. Gives whether it could finish its work. */
export type Stop = () => Promise<boolean>;

const signals = ["SIGTERM", "SIGINT"] as const;

const stops = new Set<Stop>();
let isStopping = false;

/**
 * Has SIGTERM and SIGINT stop something; the process ends with 0 when all that is to be stopped has finished its work,
 * with 1 when some of it was cut off. A second signal ends it at once. Gives what takes it back.
 *
 * Nothing else ends a process that is the first of a container: for that one the system does nothing of its own.
 */
export function stopOnSignal(stop: Stop): () => void {
  if (stops.size === 0) for (const signal of signals) process.on(signal, onSignal);
  stops.add(stop);
  return () => {
    if (!stops.delete(stop) || isStopping || stops.size > 0) return;
    for (const signal of signals) process.off(signal, onSignal);
  };
}

function onSignal(signal: NodeJS.Signals): void {
  if (isStopping) process.exit(128 + constants.signals[signal]);
  isStopping = true;
  void Promise.allSettled([...stops].map((stop) => stop())).then((outcomes) => {
    process.exit(outcomes.every((outcome) => outcome.status === "fulfilled" && outcome.value) ? 0 : 1);
  });
}
