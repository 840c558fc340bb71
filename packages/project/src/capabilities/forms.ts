/** A record's keys and their values. */
export type Fields = Record<string, unknown>;

/** Begins a plain object. */
export type Begin = new () => Fields;

/**
 * Gives what begins objects that all get the same keys in the same order. V8 learns of each constructor how much room its objects
 * need and which keys they get; of objects that begin as `{}` it knows neither, so that they are larger, and slower to fill.
 */
export function beginningOf(): Begin {
  function Made(): void {}
  Made.prototype = Object.prototype;
  // What it makes has nothing of its own, and is a plain object by its prototype.
  return Made as unknown as Begin;
}

/** How many forms are known at a time. */
const most = 8;

interface Known<TForm> {
  readonly keys: readonly string[];
  readonly form: TForm;
}

/** What has been worked out of records by the keys that they have, and is so of all that have the same ones in the same order. */
export class Forms<TForm> {
  readonly #learn: (keys: readonly string[]) => TForm;
  readonly #known: Known<TForm>[] = [];
  #last: Known<TForm> | undefined = undefined;
  #next = 0;

  constructor(learn: (keys: readonly string[]) => TForm) {
    this.#learn = learn;
  }

  of(keys: readonly string[]): TForm {
    const last = this.#last;
    return last !== undefined && areSame(last.keys, keys) ? last.form : this.#find(keys);
  }

  #find(keys: readonly string[]): TForm {
    let known = this.#known.find((each) => areSame(each.keys, keys));
    if (known === undefined) {
      known = { keys, form: this.#learn(keys) };
      this.#known[this.#next] = known;
      this.#next = (this.#next + 1) % most;
    }
    this.#last = known;
    return known.form;
  }
}

function areSame(known: readonly string[], keys: readonly string[]): boolean {
  if (known.length !== keys.length) return false;
  for (let index = 0; index < keys.length; index++) if (known[index] !== keys[index]) return false;
  return true;
}
