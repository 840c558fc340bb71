import { readDeadLetters } from "@atomic-agents/flow";

/** The run whose letters a file holds, by the first of them; undefined where there is none, or it holds none. */
export async function runOfLetters(file: string): Promise<string | undefined> {
  try {
    for await (const { runId } of readDeadLetters(file)) return runId;
  } catch {
    // Whoever reads the letters is told.
  }
  return undefined;
}
