/** What something takes of a computer. It is told, for whoever deploys it; nothing enforces it. */
export interface ResourceNeeds {
  readonly memoryMb: number;
  readonly cores: number;
}

/** Something that is done to data, by the name that agents and stages say it under. */
export interface Capability {
  readonly name: string;
  readonly description: string;
  /** What of a computer it takes unless something else is said. */
  readonly needs: ResourceNeeds;
}

/** The capabilities that the project knows; agents may have others of their own. */
export const capabilities: readonly Capability[] = [
  {
    name: "stream-processing",
    description: "Works on records as they come.",
    needs: { memoryMb: 1_024, cores: 2 },
  },
  {
    name: "batch-processing",
    description: "Works on many records together.",
    needs: { memoryMb: 2_048, cores: 4 },
  },
  {
    name: "data-transformation",
    description: "Makes something else of a record.",
    needs: { memoryMb: 512, cores: 1 },
  },
  {
    name: "data-validation",
    description: "Holds records against what they should be.",
    needs: { memoryMb: 512, cores: 1 },
  },
  {
    name: "data-aggregation",
    description: "Makes figures of many records.",
    needs: { memoryMb: 2_048, cores: 2 },
  },
  {
    name: "data-enrichment",
    description: "Puts into a record what is known elsewhere.",
    needs: { memoryMb: 1_024, cores: 2 },
  },
];

/** Of what has none of the capabilities that are known. */
const otherNeeds: ResourceNeeds = { memoryMb: 512, cores: 1 };

/** What something with these capabilities takes: the most that one of them does, unless it is said. */
export function needsOf(
  names: readonly string[],
  said: { readonly memoryMb?: number | undefined; readonly cores?: number | undefined } = {},
): ResourceNeeds {
  const known = capabilities.filter(({ name }) => names.includes(name)).map(({ needs }) => needs);
  const all = known.length === 0 ? [otherNeeds] : known;
  const { memoryMb, cores } = said;
  return {
    memoryMb: memoryMb ?? Math.max(...all.map((needs) => needs.memoryMb)),
    cores: cores ?? Math.max(...all.map((needs) => needs.cores)),
  };
}
