import { asAtomicError } from "../errors/to-atomic-error.ts";
import { isThenable, type MaybePromise } from "../maybe-promise.ts";
import { failed } from "../result.ts";
import type { Program } from "../run/program.ts";
import type { Scope } from "../run/scope.ts";

/** How one of several parts is run. */
export interface PartRun {
  readonly program: Program;
  /** Stands for the part in stage paths, where many run the same program. */
  readonly label: string | undefined;
  /** Whether events and report show it. */
  readonly isShown: boolean;
  /** Make the outcome a `Result`, and a failure one, too. */
  readonly settled: boolean;
}

/** Runs a part as part of the current stage and hands its outcome to `keep`; fails with it unless it is settled. */
export function runPart(
  ctx: Scope,
  input: unknown,
  { program, label, isShown, settled }: PartRun,
  keep: (outcome: unknown) => void,
): MaybePromise<void> {
  const keepOutput = (output: unknown): void => keep(settled ? { ok: true, output } : output);
  const keepFailure = (thrown: unknown): void => {
    if (!settled || ctx.ended !== undefined) throw thrown;
    ctx["~frame"].markPartial();
    keep(failed(asAtomicError(thrown)));
  };
  let output: unknown;
  try {
    output = ctx["~frame"].spawn(ctx, program, label, isShown).enter(input);
  } catch (thrown) {
    keepFailure(thrown);
    return undefined;
  }
  if (isThenable(output)) return output.then(keepOutput, keepFailure);
  keepOutput(output);
  return undefined;
}
