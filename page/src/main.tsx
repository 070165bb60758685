// SPDX-License-Identifier: MIT
import { link } from "./link";
import "./style/fonts.css";
import "./style/base.css";
import "./style/frame.css";
import "./style/parts.css";
import "./style/messages.css";
import "./style/list.css";
import "./style/environment.css";
import "./style/panels.css";
import "./style/events.css";
import "./style/forms.css";
import "./style/narrow.css";
import "./style/processes.css";
import { render } from "preact";
import { App } from "./app";
import { begin } from "./session";

render(<App />, document.getElementById("page")!);
void begin(link);
