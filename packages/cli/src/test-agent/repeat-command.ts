import { shellWord } from "../output/shell-word.ts";
import type { TestRequest } from "./messages.ts";

/** The command that looks at one behaviour again, with the same inputs. */
export function repeatCommand(
  request: TestRequest,
  behaviour: string,
  timeoutMs: number | undefined,
): string {
  const { reference, config, profile, model, inputs, runs, seed } = request;
  const words = [
    "atomic",
    "test",
    reference,
    ...(config === undefined ? [] : ["--config", config]),
    ...(profile === undefined ? [] : ["--profile", profile]),
    ...(model === undefined ? [] : ["--model", model]),
    ...inputs.flatMap((input) => ["--input", input]),
    "--behaviour",
    behaviour,
    "--seed",
    String(seed),
    ...(runs === undefined ? [] : ["--runs", String(runs)]),
    ...(timeoutMs === undefined ? [] : ["--timeout", String(timeoutMs)]),
  ];
  return words.map(shellWord).join(" ");
}
