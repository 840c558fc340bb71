/**
 * Every State of the Union address through a pipeline of atomic agents: `npm run demo`, or `npm run demo -- --help`.
 * The pipeline is in `pipeline.ts`. What is around it reads, counts and shows.
 */
import { loadAddresses } from "./dataset.ts";
import { help, type Options, readCommand } from "./options.ts";
import { processAddresses } from "./process-addresses.ts";
import { Progress } from "./progress.ts";
import type { AddressRecord } from "./record.ts";
import { RecordsFile } from "./records-file.ts";
import { StageStatistics } from "./stage-figures.ts";
import { groupTable, stageTable } from "./summary-table.ts";

const exitCodes = { done: 0, failed: 1, wrongArguments: 2, cancelled: 130 };

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const command = readCommand(args);
  switch (command.kind) {
    case "help":
      process.stdout.write(help);
      return exitCodes.done;
    case "mistake":
      process.stderr.write(`${command.message}\nTry: npm run demo -- --help\n`);
      return exitCodes.wrongArguments;
    case "run":
      return await run(command.options);
  }
}

async function run(options: Options): Promise<number> {
  const cancellation = new AbortController();
  // Only the first time: a second Ctrl-C ends the process at once.
  process.once("SIGINT", () => cancellation.abort());
  let file: RecordsFile | undefined;
  try {
    file = await RecordsFile.create(options.output);
    return await analyzeAll(options, file, cancellation.signal);
  } catch (error) {
    if (cancellation.signal.aborted) {
      process.stderr.write(`Cancelled; ${options.output} was not written.\n`);
      return exitCodes.cancelled;
    }
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return exitCodes.failed;
  } finally {
    await file?.discard();
  }
}

/** @throws what keeps the file from being written, or the signal's reason */
async function analyzeAll(options: Options, file: RecordsFile, signal: AbortSignal): Promise<number> {
  const { output, limit, concurrency } = options;
  const addresses = loadAddresses().slice(0, limit);
  const records: AddressRecord[] = [];
  const statistics = new StageStatistics();
  const progress = new Progress({
    total: addresses.length,
    totalSize: addresses.reduce((size, { text }) => size + text.length, 0),
    stream: process.stderr,
  });

  try {
    await processAddresses(addresses, { concurrency, signal }, async ({ address, result, report }) => {
      statistics.add(report);
      if (result.ok) {
        records.push(result.output);
        await file.add(result.output);
      } else {
        progress.note(
          `${address.year} ${address.name} failed: ${result.error.code}: ${result.error.message}`,
        );
      }
      progress.advance(address.text.length);
    });
  } finally {
    progress.end();
  }
  await file.publish();

  const failed = addresses.length - records.length;
  const end = `${records.length} records in ${output}; ${failed} of ${addresses.length} addresses failed.\n`;
  process.stdout.write([groupTable(records), stageTable(statistics.figures()), end].join("\n"));
  return failed === 0 ? exitCodes.done : exitCodes.failed;
}
