/** Begins every text of a simulated model, where the schema leaves room for it. */
export const label = "Simulated";
