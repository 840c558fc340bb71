import { MemoryMetrics, type MetricsSummary, type StageMetric } from "@atomic-agents/core";

/** How many stages have a place; those after them stand at the end. */
const maxPlaces = 1_000;

/** Counts what became of agents and their stages, and gives the stages of an agent beneath the stage that it stands in. */
export class TreeMetrics extends MemoryMetrics {
  /** The names of the agents in the stages of pipelines, by the names of both. */
  readonly #pipelines = new Map<string, Map<string, string>>();
  #places = 0;

  override stage(metric: StageMetric): void {
    super.stage(metric);
    const { pipeline, stage, agent } = metric;
    if (this.#pipelines.get(pipeline)?.has(stage) === true || this.#places >= maxPlaces) return;
    const stages = this.#pipelines.get(pipeline) ?? new Map<string, string>();
    this.#pipelines.set(pipeline, stages.set(stage, agent));
    this.#places++;
  }

  override summary(): MetricsSummary {
    const summary = super.summary();
    const { stages } = summary;
    const names = new Set([...this.#namesInTree(), ...Object.keys(stages)]);
    const sorted = [...names].flatMap((name) => {
      const counted = stages[name];
      return counted === undefined ? [] : [[name, counted] as const];
    });
    return { ...summary, stages: Object.fromEntries(sorted) };
  }

  /** The names of stages as they are told, depth first; of a pipeline that stands in several of them, beneath the first. */
  #namesInTree(): readonly string[] {
    const names: string[] = [];
    const told = new Set<string>();
    const tell = (pipeline: string): void => {
      if (told.has(pipeline)) return;
      told.add(pipeline);
      for (const [stage, agent] of this.#pipelines.get(pipeline) ?? []) {
        names.push(`${pipeline}/${stage}`);
        tell(agent);
      }
    };
    const inner = new Set(
      [...this.#pipelines].flatMap(([pipeline, stages]) =>
        [...stages.values()].filter((agent) => agent !== pipeline),
      ),
    );
    for (const pipeline of this.#pipelines.keys()) if (!inner.has(pipeline)) tell(pipeline);
    return names;
  }
}
