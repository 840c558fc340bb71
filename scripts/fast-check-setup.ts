/** Properties take few runs from a fixed seed, so that a change is what fails a test; `npm run full` takes many from a new one. */
import { configureGlobal } from "fast-check";

configureGlobal(process.env["FULL"] === "1" ? { numRuns: 2_000 } : { numRuns: 100, seed: 20_250_101 });
