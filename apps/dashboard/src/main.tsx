/** The page's start: puts the dashboard where index.html has room for it, and follows the market. */
import { render } from "preact";
import { dashboard } from "./dashboard.ts";
import { Page } from "./view/page.tsx";

const root = document.getElementById("page");
if (root === null) throw new Error("index.html has no element #page");
render(<Page />, root);
dashboard.start();
