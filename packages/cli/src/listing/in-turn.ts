/** Does some work for each item, a few at a time; the results are in the items' order. */
export async function inTurn<TItem, TResult>(
  items: readonly TItem[],
  concurrency: number,
  work: (item: TItem) => Promise<TResult>,
): Promise<readonly TResult[]> {
  const results: TResult[] = [];
  const queue = items.entries();
  // All take from the same queue.
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  return results;
}
