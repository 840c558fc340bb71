import type { Build } from "../contender.ts";
import { sixParses } from "../floors.ts";

/** Floor (i) measured against itself: what it shows beside 1.00 is the noise of the harness. */
export const floorAgain: Build = sixParses;
