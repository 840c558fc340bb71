/** A program that a test kills: copies a file by a flow, and prints a line every 5,000 records. */
import { flow } from "../flow.ts";
import { fromFile } from "./from-file.ts";
import { toFile } from "./to-file.ts";

const [, , from = "", to = ""] = process.argv;
let count = 0;
await flow(fromFile(from))
  .map((record) => {
    count++;
    if (count % 5_000 === 0) process.stdout.write(`${count}\n`);
    return record;
  })
  .to(toFile(to));
