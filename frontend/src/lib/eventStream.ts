/** One event of a stream of Server-Sent Events. */
export interface ServerSentEvent {
  /** Empty when the server named none. */
  event: string;
  data: string;
}

/**
 * Takes a text/event-stream apart as it arrives: give it each piece, wherever it was cut, and get the events that it
 * completes. Unlike the browser's EventSource it also hands on a named event without data, as the end of a subscription
 * is one.
 */
export function createEventParser() {
  let line = "";
  let returned = false;
  let event = "";
  let data: string[] = [];

  /** Takes a whole line; answers with an event when the line is the empty one that ends it. */
  function take(text: string): ServerSentEvent | undefined {
    if (text !== "") {
      const colon = text.indexOf(":");
      const name = colon < 0 ? text : text.slice(0, colon);
      const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "");
      if (name === "event") event = value;
      if (name === "data") data.push(value);
      return undefined; // a comment has the empty name
    }
    const found = event || data.length > 0 ? { event, data: data.join("\n") } : undefined;
    event = "";
    data = [];
    return found;
  }

  return (piece: string): ServerSentEvent[] => {
    if (piece === "") return [];
    // A line feed at the front may be the second half of a CRLF whose first half ended a line already.
    const text = returned && piece.startsWith("\n") ? piece.slice(1) : piece;
    returned = piece.endsWith("\r");
    const lines = (line + text).split(/\r\n|\r|\n/);
    line = lines.pop() ?? "";
    return lines.map(take).filter((found) => found !== undefined);
  };
}
