import { openHighs } from "@micromarket/solver-highs";
import { describeSolver } from "@micromarket/testkit";

const solver = openHighs();

describeSolver("HiGHS", () => solver);
