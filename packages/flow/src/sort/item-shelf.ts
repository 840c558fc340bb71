import { fixPlace, isUntouched, isWhole, Item } from "../item.ts";

/** A record of the source: its number, the index of its file, line and byte offset. */
type WholePacked = readonly [number, number, number, number];
/** The index of what is kept of it in memory. */
type Packed = WholePacked | { readonly part: number } | { readonly item: number };

/**
 * Turns the place of an item in the books into text and back. Of a record of the source nothing stays in memory. What has
 * been split shares its end with other parts, so what it was split from stays; of what is a group or has been given elsewhere
 * as well, all but the value does.
 */
export class ItemShelf {
  private readonly files: (string | undefined)[] = [];
  private readonly fileIndexes = new Map<string | undefined, number>();
  private readonly kept: (Item | undefined)[] = [];

  /** The item is not to be used any more. */
  pack(item: Item): string {
    return JSON.stringify(this.packed(item));
  }

  /** The item, with the value that it had. */
  unpack(text: string, value: unknown): Item {
    // Only `pack` has written it.
    const packed = JSON.parse(text) as Packed;
    if ("part" in packed) return new Item(value, this.take(packed.part));
    if ("item" in packed) {
      const item = this.take(packed.item);
      item.value = value;
      return item;
    }
    const [number, file, line, byteOffset] = packed;
    const item = new Item(value);
    item.number = number;
    item.file = this.files[file];
    item.line = line;
    item.byteOffset = byteOffset;
    return item;
  }

  private packed(item: Item): Packed {
    fixPlace(item);
    // What was brought back by a dead letter knows more than its place.
    const isPlain = item.constructor === Item;
    if (isPlain && isWhole(item)) return [item.number, this.indexOf(item.file), item.line, item.byteOffset];
    const { parent } = item;
    if (isPlain && parent !== undefined && item.members === undefined && isUntouched(item)) {
      return { part: this.kept.push(parent) - 1 };
    }
    item.value = undefined;
    return { item: this.kept.push(item) - 1 };
  }

  private take(index: number): Item {
    const item = this.kept[index];
    this.kept[index] = undefined;
    // Each is unpacked once.
    if (item === undefined) throw new Error("nothing is kept there");
    return item;
  }

  private indexOf(file: string | undefined): number {
    const known = this.fileIndexes.get(file);
    if (known !== undefined) return known;
    const index = this.files.push(file) - 1;
    this.fileIndexes.set(file, index);
    return index;
  }
}
