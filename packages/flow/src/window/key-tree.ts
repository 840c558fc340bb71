import type { KeyValue } from "../keys.ts";

type Branch<TLeaf> = TLeaf | Map<KeyValue, Branch<TLeaf>>;

/** Values by several keys, each of which leads on to the next: no text has to be made of them. */
export class KeyTree<TLeaf extends object> {
  private readonly root = new Map<KeyValue, Branch<TLeaf>>();

  /** All keys of one tree are as many; without any there is one leaf. */
  get(keys: readonly KeyValue[]): TLeaf | undefined {
    // As below, for one key or none.
    if (keys.length <= 1) return this.root.get(keys[0]) as TLeaf | undefined;
    let branches: Map<KeyValue, Branch<TLeaf>> | undefined = this.root;
    const last = keys.length - 1;
    for (let index = 0; index < last && branches !== undefined; index++) {
      // Only at the last key there are leaves.
      branches = branches.get(keys[index]) as Map<KeyValue, Branch<TLeaf>> | undefined;
    }
    return branches?.get(keys[last]) as TLeaf | undefined;
  }

  set(keys: readonly KeyValue[], leaf: TLeaf): void {
    let branches = this.root;
    const last = keys.length - 1;
    for (let index = 0; index < last; index++) {
      let next = branches.get(keys[index]);
      if (next === undefined) {
        next = new Map();
        branches.set(keys[index], next);
      }
      // As above.
      branches = next as Map<KeyValue, Branch<TLeaf>>;
    }
    branches.set(keys[last], leaf);
  }

  /** Also takes out the branches that nothing is left on. */
  delete(keys: readonly KeyValue[]): void {
    const path: Map<KeyValue, Branch<TLeaf>>[] = [this.root];
    for (let index = 0; index < keys.length - 1; index++) {
      // As above; what is taken out is there.
      path.push(path[index]?.get(keys[index]) as Map<KeyValue, Branch<TLeaf>>);
    }
    for (let index = path.length - 1; index >= 0; index--) {
      path[index]?.delete(keys[index]);
      if (path[index]?.size !== 0) return;
    }
  }
}
