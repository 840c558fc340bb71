import { afterEach, expect, test } from "vitest";
import { stopOnSignals } from "./stop-on-signals.ts";

const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
const before = signals.map((signal) => process.listeners(signal));
afterEach(() => {
  for (const [index, signal] of signals.entries()) {
    for (const listener of process.listeners(signal)) {
      if (before[index]?.includes(listener) !== true) process.off(signal, listener);
    }
  }
});

/** A service that stops when the test says so. */
function watched() {
  const said: string[] = [];
  const { promise: stopped, resolve: tellStopped } = Promise.withResolvers<boolean>();
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const close = async (): Promise<void> => {
    said.push("closed");
  };
  const interruption = { signal: new AbortController().signal, release: () => said.push("released") };
  const exitCode = stopOnSignals({ close, stopped }, interruption, {
    onStop: (signal) => said.push(signal),
    finish: () => finished,
  });
  return { said, tellStopped, finish, exitCode };
}

test.each(signals)("the first %s stops the service, and all is finished before it ends", async (signal) => {
  const { said, tellStopped, finish, exitCode } = watched();
  process.emit(signal, signal);
  expect(said).toEqual(["released", signal, "closed"]);
  tellStopped(true);
  finish();
  expect(await exitCode).toBe(0);
});

test("what was cut off is told by the exit code", async () => {
  const { tellStopped, finish, exitCode } = watched();
  tellStopped(false);
  finish();
  expect(await exitCode).toBe(1);
});

test("the second signal waits neither for the service nor for what comes after it", async () => {
  const early = watched();
  process.emit("SIGTERM", "SIGTERM");
  process.emit("SIGINT", "SIGINT");
  expect(await early.exitCode).toBe(130);
  expect(early.said).toEqual(["released", "SIGTERM", "closed"]);

  const late = watched();
  process.emit("SIGINT", "SIGINT");
  late.tellStopped(true);
  process.emit("SIGTERM", "SIGTERM");
  expect(await late.exitCode).toBe(143);
});
