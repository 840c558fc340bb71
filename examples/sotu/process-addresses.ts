import { type Result, type RunReport, slidingWindow } from "@atomic-agents/core";
import type { RawAddress } from "./address.ts";
import { sotuPipeline } from "./pipeline.ts";
import type { AddressRecord } from "./record.ts";

/** An address that went through the pipeline, well or not. */
export interface ProcessedAddress {
  readonly address: RawAddress;
  readonly result: Result<AddressRecord>;
  readonly report: RunReport;
}

/** How the addresses are processed. */
export interface ProcessOptions {
  readonly concurrency: number;
  /** Ends the runs that are under way and begins no more. */
  readonly signal: AbortSignal;
}

/**
 * Runs the pipeline over addresses, each in a run of its own: one that fails does not stop the others. Each is handed
 * over when it and all before it are done, so that the order of the records does not depend on which took longer.
 *
 * @throws the signal's reason once it aborts, or what `onProcessed` rejects with
 */
export async function processAddresses(
  addresses: readonly RawAddress[],
  { concurrency, signal }: ProcessOptions,
  onProcessed: (processed: ProcessedAddress) => Promise<void>,
): Promise<void> {
  let before = Promise.resolve();
  await slidingWindow(
    addresses,
    (address) => {
      const run = sotuPipeline.start(address, { signal });
      before = Promise.all([run.result, before]).then(([result]) => {
        signal.throwIfAborted();
        return onProcessed({ address, result, report: run.report() });
      });
      return before;
    },
    { concurrency, signal },
  );
}
