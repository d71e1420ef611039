// Server-sent events out of a stream of text, as the HTML standard reads them. Pure.

export interface ServerEvent {
  readonly name: string;
  readonly data: string;
  /** The last id that was said, by this event or an earlier one. */
  readonly id: string;
}

/** Feed it the text as it comes; it answers with the events that are whole. */
export class EventReader {
  #rest = "";
  #name = "";
  #data: string[] = [];
  #id = "";

  feed(text: string): ServerEvent[] {
    if (!/[\r\n]/.test(text)) {
      // A long line comes in many pieces: they are searched once, when it is whole.
      this.#rest += text;
      return [];
    }
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    const events: ServerEvent[] = [];
    for (const line of lines) {
      if (line !== "") this.#line(line);
      else if (this.#data.length > 0) events.push(this.#take());
      else this.#name = "";
    }
    return events;
  }

  #line(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#name = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.#id = value;
  }

  #take(): ServerEvent {
    const event = { name: this.#name || "message", data: this.#data.join("\n"), id: this.#id };
    this.#name = "";
    this.#data = [];
    return event;
  }
}
