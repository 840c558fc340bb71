import type { TestRequest } from "./messages.ts";

/** The command that looks at one behaviour again, with the same inputs. */
export function repeatCommand(
  request: TestRequest,
  behaviour: string,
  timeoutMs: number | undefined,
): string {
  const { reference, inputs, runs, seed } = request;
  const words = [
    "atomic",
    "test",
    reference,
    ...inputs.flatMap((input) => ["--input", input]),
    "--behaviour",
    behaviour,
    "--seed",
    String(seed),
    ...(runs === undefined ? [] : ["--runs", String(runs)]),
    ...(timeoutMs === undefined ? [] : ["--timeout", String(timeoutMs)]),
  ];
  return words.map(quote).join(" ");
}

/** A word as a shell takes it for one. */
function quote(word: string): string {
  if (/^[\w@%+=:,./-][\w@%+=:,./#-]*$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
