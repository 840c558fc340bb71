/** A place in a value, as far as the paths of keys are concerned: which of them go on here. */
export interface KeyPlace {
  /** Whether a path ends here. */
  readonly isNamed: boolean;
  /** Whether what is under some key is another place than under the others. */
  readonly hasNames: boolean;
  /** The place under a key, or an index of a list; undefined where no path goes on. */
  readonly under: (key: string) => KeyPlace | undefined;
}

/** One path and how far along it a place is. */
interface Progress {
  readonly steps: readonly string[];
  readonly at: number;
}

/** The root of values in which these paths name keys: `a.b`, with `*` for any one key and `**` for any number of them. */
export function keyPlaceOf(paths: readonly string[]): KeyPlace | undefined {
  return placeOf(paths.map((path) => ({ steps: path.split("."), at: 0 })));
}

/** Why a path is none; undefined for one that is. */
export function keyPathFault(path: string): string | undefined {
  const steps = path.split(".");
  if (steps.some((step) => step === "")) return "has an empty part";
  return steps.at(-1) === "**" ? 'ends in "**", which names everything' : undefined;
}

function placeOf(given: readonly Progress[]): KeyPlace | undefined {
  if (given.length === 0) return undefined;
  // `**` may stand for nothing.
  const progress = given.flatMap((one) =>
    one.steps[one.at] === "**" ? [one, { steps: one.steps, at: one.at + 1 }] : [one],
  );
  const known = new Map<string, KeyPlace | undefined>();
  const literals = new Set(progress.flatMap(({ steps, at }) => steps[at] ?? []));
  return {
    hasNames: [...literals].some((step) => step !== "*" && step !== "**"),
    isNamed: progress.some(({ steps, at }) => at === steps.length),
    under: (key) => {
      // Keys that no path names are all alike.
      const name = literals.has(key) ? key : "";
      if (known.has(name)) return known.get(name);
      const next = new Map<string, Progress>();
      for (const { steps, at } of progress) {
        const step = steps[at];
        if (step === "**") next.set(`${steps.join(".")} ${at}`, { steps, at });
        else if (step === "*" || (step !== undefined && step === key)) {
          next.set(`${steps.join(".")} ${at + 1}`, { steps, at: at + 1 });
        }
      }
      const place = placeOf([...next.values()]);
      known.set(name, place);
      return place;
    },
  };
}
