import {
  checkRedrive,
  type DeadLetters,
  type RedriveOptions,
  type RedrivePlan,
  type RedriveTarget,
  scanLetters,
} from "./redrive-scan.ts";

/**
 * Says what `flow.redrive` would do with the same letters and options, and does nothing: how many letters of which stages,
 * and what should be known of the results.
 *
 * @param target the flow, or its name, hash and stages
 * @throws AtomicError `CONFIG` for wrong options; the promise rejects with `CONFIG` when some of the chosen letters cannot be
 * done again, and says which and why
 * @example
 * ```ts
 * const letters: DeadLetter[] = [];
 * const halves = flow(fromIterable([1, 2])).map((number) => {
 *   if (number === 1) throw new Error("odd");
 *   return number / 2;
 * }, { onError: "dead-letter" });
 * await halves.to(toArray<number>([]), { deadLetters: toArray(letters) });
 * const { records, stages } = await planRedrive(halves, letters);
 * console.log(records, stages); // => 1 [ { stage: 'map', letters: 1 } ]
 * ```
 */
export async function planRedrive(
  target: RedriveTarget,
  letters: DeadLetters,
  options: RedriveOptions = {},
): Promise<RedrivePlan> {
  const source = checkRedrive("planRedrive", letters, options);
  const { lettersOfRecord: _, ...plan } = await scanLetters(source, target, options);
  return plan;
}
