import { createStep, createWorkflow } from "@mastra/core/workflows";
import type { Build } from "../contender.ts";
import type { Labelled } from "../workload.ts";

/** A Mastra workflow with the steps' Zod schemas; one run per operation, as its documentation shows. */
export const contender: Build = (schemas, stages) => {
  const triage = createWorkflow({
    id: "triage",
    inputSchema: schemas.countIn,
    outputSchema: schemas.labelOut,
  })
    .then(
      createStep({
        id: "count",
        inputSchema: schemas.countIn,
        outputSchema: schemas.countOut,
        execute: async ({ inputData }) => stages.count(inputData),
      }),
    )
    .then(
      createStep({
        id: "weigh",
        inputSchema: schemas.weighIn,
        outputSchema: schemas.weighOut,
        execute: async ({ inputData }) => stages.weigh(inputData),
      }),
    )
    .then(
      createStep({
        id: "label",
        inputSchema: schemas.labelIn,
        outputSchema: schemas.labelOut,
        execute: async ({ inputData }) => stages.label(inputData),
      }),
    )
    .commit();
  return async (message): Promise<Labelled> => {
    const run = await triage.createRun();
    const result = await run.start({ inputData: message });
    if (result.status !== "success") throw new Error(`the workflow ended as ${result.status}`);
    return result.result;
  };
};
