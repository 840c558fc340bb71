/** A program with little memory: reads a file by a flow, and prints the summary and how much memory it had. */
import { defineSink } from "../sink.ts";
import { flow } from "../flow.ts";
import { fromFile } from "./from-file.ts";

const nowhere = defineSink<unknown>({ name: "nowhere", open: () => ({ write: () => {} }) });
const summary = await flow(fromFile(process.argv[2] ?? "")).to(nowhere);
const memoryBytes = process.resourceUsage().maxRSS * 1_024;
process.stdout.write(JSON.stringify({ ...summary, memoryBytes }));
