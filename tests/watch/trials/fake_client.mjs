// A client of Node's own library alone, for the protocol of the worker.
// client: a client made for tests
// packages: nothing@1

export const PROMISED = 2;

class RefusedError extends Error {
  constructor(status) {
    super("refused,\n  wholly", { cause: { statusCode: status } });
  }
}

export function plain(ask) {
  console.log("what a client prints is not read");
  return { text: [ask.base_url, ask.model, ask.key, ask.headers.x, ask.prompt].join(" ") };
}

export async function tool(ask) {
  const { name, parameters } = ask.schema("get_weather");
  ask.run(name, JSON.stringify({ city: "Paris" }));
  return { text: ask.run("current_time", ""), finish: parameters.required[0] };
}

export async function wrong_key() {
  throw new RefusedError(401);
}

export function stream() {
  throw "a text";
}
