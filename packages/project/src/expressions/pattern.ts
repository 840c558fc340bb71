import { limits } from "./limits.ts";
import {
  isWord,
  type CharacterTest,
  type PatternFailure,
  type PatternOptions,
  PatternReader,
  type PatternTree,
} from "./pattern-tree.ts";

/** A pattern that can be tried. */
export interface Pattern {
  /** Whether it is found somewhere in a text. `spend` is told of the work, before it is done. */
  readonly test: (text: string, spend: (work: number) => void) => boolean;
}

/**
 * A pattern as a machine that goes through a text once, whatever the pattern: the engine's own regular expressions may
 * take exponential time. The states are those of Thompson's construction, and sets of them are kept as they come up
 * (Thompson 1968; Cox, "Regular Expression Matching Can Be Simple And Fast").
 */
export function compilePattern(source: string, fail: PatternFailure, options: PatternOptions = {}): Pattern {
  const tree = new PatternReader(source, fail, options).read();
  const program = new Assembler(fail, options.maxSteps ?? limits.patternSteps).assemble(tree);
  const machine = new Machine(program);
  return { test: (text, spend) => machine.test(text, spend) };
}

type Step =
  | { readonly kind: "character"; readonly test: CharacterTest; next: number }
  | { readonly kind: "begin" | "end" | "boundary" | "notBoundary"; next: number }
  | { readonly kind: "fork"; next: number; other: number }
  | { readonly kind: "match" };

/** Writes a tree out as steps; the program begins at the last one. */
class Assembler {
  readonly #steps: Step[] = [];
  readonly #fail: PatternFailure;
  readonly #maxSteps: number;
  constructor(fail: PatternFailure, maxSteps: number) {
    this.#fail = fail;
    this.#maxSteps = maxSteps;
  }

  assemble(tree: PatternTree): { readonly steps: readonly Step[]; readonly start: number } {
    const start = this.#tree(tree, this.#add({ kind: "match" }));
    return { steps: this.#steps, start };
  }

  #add(step: Step): number {
    if (this.#steps.length >= this.#maxSteps) {
      throw this.#fail(`has more than ${this.#maxSteps} steps, with repetitions written out`);
    }
    return this.#steps.push(step) - 1;
  }

  /** The steps of a tree, before those at `next`. */
  #tree(tree: PatternTree, next: number): number {
    switch (tree.kind) {
      case "character":
        return this.#add({ kind: "character", test: tree.test, next });
      case "begin":
      case "end":
      case "boundary":
      case "notBoundary":
        return this.#add({ kind: tree.kind, next });
      case "empty":
        return next;
      case "sequence":
        return tree.parts.reduceRight((after, part) => this.#tree(part, after), next);
      case "choice": {
        const [last, ...others] = tree.parts.map((part) => this.#tree(part, next)).toReversed();
        return others.reduce((other, first) => this.#add({ kind: "fork", next: first, other }), last ?? next);
      }
      case "repeat":
        return this.#repeat(tree, next);
    }
  }

  #repeat({ of, least, most }: Extract<PatternTree, { kind: "repeat" }>, next: number): number {
    let at = next;
    if (most === Number.POSITIVE_INFINITY) {
      const fork: Step = { kind: "fork", next, other: next };
      at = this.#add(fork);
      fork.next = this.#tree(of, at);
    } else {
      for (let count = least; count < most; count++) {
        // Each further one may be left out, and with it those after it.
        at = this.#add({ kind: "fork", next: this.#tree(of, at), other: next });
      }
    }
    for (let count = 0; count < least; count++) at = this.#tree(of, at);
    return at;
  }
}

/** What stands beside a place in the text. */
const nothing = 0;
const wordCharacter = 1;
const otherCharacter = 2;

interface State {
  readonly steps: readonly number[];
  /** What the character before was. */
  readonly before: number;
  /** The states after the characters that came so far; `matched` ends the search. */
  readonly ascii: (State | undefined)[];
  readonly others: Map<number, State>;
  matchesAtEnd: boolean | undefined;
}

const mostStates = 500;
/** How many characters beyond ASCII are kept, over all states. */
const mostOthers = 20_000;
/** What it costs to work out what comes after a state, for each step of the pattern. */
const workPerStep = 2;
const matched: State = { steps: [], before: nothing, ascii: [], others: new Map(), matchesAtEnd: true };

class Machine {
  readonly #steps: readonly Step[];
  readonly #start: number;
  readonly #looksAround: boolean;
  readonly #states = new Map<string, State>();
  /** For each step the number of the walk that saw it last. */
  readonly #seen: Uint32Array;
  #walk = 0;
  #others = 0;

  constructor({ steps, start }: { readonly steps: readonly Step[]; readonly start: number }) {
    this.#steps = steps;
    this.#start = start;
    this.#looksAround = steps.some(({ kind }) => kind === "boundary" || kind === "notBoundary");
    this.#seen = new Uint32Array(steps.length);
  }

  test(text: string, spend: (work: number) => void): boolean {
    spend(Math.ceil(text.length / 8));
    let state = this.#state([], nothing);
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      let next: State | undefined;
      if (unit < 128) {
        next = state.ascii[unit];
        if (next === undefined) {
          spend(this.#steps.length * workPerStep);
          next = this.#after(state, unit);
          state.ascii[unit] = next;
        }
      } else {
        const character = text.codePointAt(index) ?? unit;
        if (character > 0xffff) index++;
        next = state.others.get(character);
        if (next === undefined) {
          spend(this.#steps.length * workPerStep);
          next = this.#after(state, character);
          this.#keep(state, character, next);
        }
      }
      if (next === matched) return true;
      state = next;
    }
    if (state.matchesAtEnd === undefined) {
      spend(this.#steps.length * workPerStep);
      state.matchesAtEnd = this.#reach(state, nothing) === undefined;
    }
    return state.matchesAtEnd;
  }

  #keep(state: State, character: number, next: State): void {
    if (++this.#others > mostOthers) {
      for (const each of this.#states.values()) each.others.clear();
      state.others.clear();
      this.#others = 1;
    }
    state.others.set(character, next);
  }

  #state(steps: readonly number[], before: number): State {
    const key = `${before} ${steps.join(" ")}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    if (this.#states.size >= mostStates) this.#states.clear();
    const ascii = new Array<State | undefined>(128).fill(undefined);
    const state: State = { steps, before, ascii, others: new Map(), matchesAtEnd: undefined };
    this.#states.set(key, state);
    return state;
  }

  #after(state: State, character: number): State {
    const kind = this.#looksAround && isWord(character) ? wordCharacter : otherCharacter;
    const reached = this.#reach(state, kind);
    if (reached === undefined) return matched;
    const next: number[] = [];
    for (const step of reached) if (step.test(character)) next.push(step.next);
    return this.#state(
      [...new Set(next)].sort((a, b) => a - b),
      kind,
    );
  }

  /** The steps that take a character, from a state and from the beginning of the pattern; undefined when it matches. */
  #reach(state: State, after: number): readonly Extract<Step, { kind: "character" }>[] | undefined {
    const walk = ++this.#walk;
    const pending = [this.#start, ...state.steps];
    const reached: Extract<Step, { kind: "character" }>[] = [];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (this.#seen[at] === walk) continue;
      this.#seen[at] = walk;
      const step = this.#steps[at];
      if (step === undefined) continue;
      if (step.kind === "match") return undefined;
      if (step.kind === "character") reached.push(step);
      else if (step.kind === "fork") pending.push(step.other, step.next);
      else if (this.#holds(step.kind, state.before, after)) pending.push(step.next);
    }
    return reached;
  }

  #holds(kind: "begin" | "end" | "boundary" | "notBoundary", before: number, after: number): boolean {
    switch (kind) {
      case "begin":
        return before === nothing;
      case "end":
        return after === nothing;
      default:
        return ((before === wordCharacter) !== (after === wordCharacter)) === (kind === "boundary");
    }
  }
}
