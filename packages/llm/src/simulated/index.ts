export { type SimulatedModel, simulatedModel, type SimulatedModelOptions } from "./simulated-model.ts";
