/** A record's keys and their values. */
export type Fields = Record<string, unknown>;

type Constructor = new () => Fields;

/** What it makes has nothing of its own, and is a plain object by its prototype. */
function constructorOf(): Constructor {
  function Made(): void {}
  Made.prototype = Object.prototype;
  return Made as unknown as Constructor;
}

/** Of objects that are few of their kind. */
const Common = constructorOf();
/** For how many objects a constructor of their own is worth making. */
const many = 20;

/**
 * Begins objects that all get the same keys in the same order. V8 learns of each constructor how much room its objects need and which
 * keys they get; of objects that begin as `{}` it learns neither, so that they are larger, and slower to fill.
 */
export class Beginning {
  #Made = Common;
  #count = 0;

  /** A plain object without keys. */
  create(): Fields {
    if (this.#count < many && ++this.#count === many) this.#Made = constructorOf();
    return new this.#Made();
  }
}

/** How many keys the forms have together that are known at a time. */
const mostKeys = 5_000;
/** So many records of other forms show that others are to be known now. */
const patience = 5_000;

interface Known<TForm> {
  readonly keys: readonly string[];
  readonly form: TForm;
}

/** What is worked out of records by the keys that they have, once for all that have the same ones in the same order. */
export class Forms<TForm> {
  readonly #learn: (keys: readonly string[]) => TForm;
  readonly #known = new Map<string, Known<TForm>>();
  #last: Known<TForm> | undefined = undefined;
  #keyCount = 0;
  #others = 0;

  constructor(learn: (keys: readonly string[]) => TForm) {
    this.#learn = learn;
  }

  /** @param keys of a record, in their order */
  of(keys: readonly string[]): TForm {
    const last = this.#last;
    return last !== undefined && areSame(last.keys, keys) ? last.form : this.#find(keys);
  }

  #find(keys: readonly string[]): TForm {
    const name = keys.join();
    let known = this.#known.get(name);
    // A key may have a comma in it.
    if (known === undefined || !areSame(known.keys, keys)) known = this.#add(name, keys);
    this.#last = known;
    return known.form;
  }

  #add(name: string, keys: readonly string[]): Known<TForm> {
    const known = { keys, form: this.#learn(keys) };
    if (this.#keyCount + keys.length > mostKeys) {
      this.#others++;
      if (this.#others < patience) return known;
      this.#known.clear();
      this.#keyCount = 0;
      this.#others = 0;
    }
    this.#known.set(name, known);
    this.#keyCount += keys.length;
    return known;
  }
}

function areSame(known: readonly string[], keys: readonly string[]): boolean {
  if (known.length !== keys.length) return false;
  for (let index = 0; index < keys.length; index++) if (known[index] !== keys[index]) return false;
  return true;
}
