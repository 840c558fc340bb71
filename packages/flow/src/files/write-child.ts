/** A program that a test limits or kills: writes numbered records to a file, and prints the summary. */
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { toFile } from "./to-file.ts";

const [, , path = "", count = "0"] = process.argv;

function* records(): Generator<{ readonly number: number; readonly random: number }> {
  for (let number = 0; number < Number(count); number++) yield { number, random: (number * 7_919) % 104_729 };
}

process.stdout.write(JSON.stringify(await flow(fromIterable(records())).to(toFile(path))));
