// The page's beginning.
import { render } from "preact";
import "./page.css";

const place = document.getElementById("page");
if (place) render(<main>theseus</main>, place);
