/** What the catalog says of a kind of stage, besides what the schema of flow files does. */
export interface StageNote {
  readonly capabilities: readonly string[];
  /** As it stands in a flow file. */
  readonly example?: string;
}

/** By the key that makes a stage of the kind. A kind that is not here is listed as well. */
export const stageNotes: Readonly<Record<string, StageNote>> = {
  filter: { capabilities: ["stream-processing"], example: "- filter: record.stars >= 4" },
  map: {
    capabilities: ["stream-processing", "data-transformation"],
    example: "- map: { id: record.id, total: record.price * record.count }",
  },
  split: { capabilities: ["stream-processing", "data-transformation"], example: "- split: record.lines" },
  batch: { capabilities: ["batch-processing"], example: "- batch: { size: 100, maxWaitMs: 1000 }" },
  sort: {
    capabilities: ["batch-processing"],
    example: "- sort: { by: [country, { key: record.price, order: desc }] }",
  },
  aggregate: {
    capabilities: ["data-aggregation"],
    example: "- aggregate: { by: [country], calculate: { sales: { count: true }, revenue: { sum: price } } }",
  },
  window: {
    capabilities: ["stream-processing", "data-aggregation"],
    example: "- window: { time: at, tumbling: { sizeMs: 60000 }, calculate: { calls: { count: true } } }",
  },
  deduplicate: { capabilities: ["stream-processing"], example: "- deduplicate: { by: [id] }" },
  lookup: {
    capabilities: ["data-enrichment"],
    example: "- lookup: { file: data/countries.csv, key: code, by: country, fields: { country_name: name } }",
  },
  join: {
    capabilities: ["data-enrichment"],
    example: "- join: { source: data/customers.jsonl, on: { left: customer, right: id }, as: buyer }",
  },
  sql: {
    capabilities: ["batch-processing", "data-transformation", "data-aggregation"],
    example: "- sql: select country, count(*) as sales from records group by country",
  },
  transform: {
    capabilities: ["data-transformation"],
    example: "- transform: { rename: { no: id }, cast: { id: integer } }",
  },
  redact: {
    capabilities: ["data-transformation"],
    example: "- redact: { find: [email, phone], keys: [password] }",
  },
  validate: {
    capabilities: ["data-validation"],
    example: "- validate: { schema: ./ticket.schema.json }\n  onError: dead-letter",
  },
  profile: {
    capabilities: ["data-validation", "data-aggregation"],
    example: "- profile: { quantiles: [0.5, 0.99] }",
  },
  tee: { capabilities: ["stream-processing"], example: "- tee: out/all.jsonl" },
};
