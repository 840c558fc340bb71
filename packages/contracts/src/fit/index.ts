export { fit, fitJson } from "./fit.ts";
export type { Fit } from "./verdict.ts";
