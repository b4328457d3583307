// The worker of one client in Node: `node worker.mjs CLIENT.mjs [FOLDER]`. What it speaks is in the docstring of the room.
// It lies beside the client's packages, so it imports nothing of ours, and nothing that need not be there.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const WORDS = 2000; // characters of an exception's message that are passed on
const [file, folder = ""] = process.argv.slice(2);
const out = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr); // what a client prints is none of ours
const tell = (said) => out(JSON.stringify(said) + "\n");

const SCHEMAS = {
  get_weather: {
    description: "What the weather is like in a city.",
    properties: { city: { type: "string", description: "The name of the city." } },
  },
  current_time: { description: "The current time of day.", properties: {} },
};

// What a scenario is asked with, and the kit: tools that note that they ran, and classes of zod where it is there.
class Ask {
  constructor(line, zod) {
    this.base_url = line.base_url;
    this.model = line.model;
    this.key = process.env[line.key_env] || "none";
    this.headers = line.headers ?? {};
    this.say = line.say ?? {};
    this.prompt = this.say.prompt;
    this.folder = folder;
    this.ran = [];
    if (zod) {
      const { z } = zod;
      this.Capital = z.object({ city: z.string(), country: z.string() });
      this.inputs = { get_weather: z.object({ city: z.string().describe("The name of the city.") }), current_time: z.object({}) };
    }
    this.get_weather = ({ city }) => {
      this.ran.push(["get_weather", { city }]);
      return JSON.stringify({ sky: city === "Paris" ? "clear" : "cloudy", celsius: 21 });
    };
    this.current_time = () => {
      this.ran.push(["current_time", {}]);
      return "09:30";
    };
  }

  // A tool of the kit as the API is asked for it, for clients that take it as data.
  schema(name) {
    const { description, properties } = SCHEMAS[name];
    const required = Object.keys(properties);
    return { name, description, parameters: { type: "object", properties, required, additionalProperties: false } };
  }

  // Run a tool of the kit with its arguments as they came.
  run(name, given) {
    return this[name](typeof given === "string" ? JSON.parse(given || "{}") : given);
  }
}

// What is installed of what the head of the file names.
function versions() {
  const named = /^\/\/ packages: (.+)$/m.exec(readFileSync(file, "utf-8"))?.[1] ?? "";
  const found = {};
  for (const each of named.trim().split(/[,\s]+/)) {
    const name = each.replace(/(?!^)@.*$/, "");
    try {
      found[name] = JSON.parse(readFileSync(resolve(folder, "node_modules", name, "package.json"), "utf-8")).version;
    } catch {
      continue;
    }
  }
  return found;
}

// The status that an error, or one behind it, carries under any of the usual names.
function statusOf(error) {
  for (let depth = 0; error && depth < 5; depth++) {
    for (const name of ["status", "statusCode", "status_code"]) {
      const value = error[name];
      if (Number.isInteger(value) && value >= 400 && value < 600) return value;
    }
    error = error.cause ?? error.lastError;
  }
  return null;
}

function errorOf(error) {
  const own = error?.constructor?.name;
  const name = error?.name && error.name !== "Error" ? error.name : own;
  const message = String(error?.message ?? error).split(/\s+/).filter(Boolean).join(" ").slice(0, WORDS);
  return { class: name ?? typeof error, message, status: statusOf(error) };
}

async function done(client, line, zod) {
  const given = client[line.scenario.replaceAll("-", "_")];
  if (given === undefined) return { not_offered: "the client has no such thing" };
  const ask = new Ask(line, zod);
  const said = client.PROMISED === undefined ? {} : { promised: client.PROMISED };
  try {
    Object.assign(said, await given(ask));
    if (ask.ran.length) said.calls ??= ask.ran;
  } catch (error) {
    console.error(error);
    said.error = errorOf(error);
  }
  return said;
}

process.on("unhandledRejection", (error) => console.error("unhandled:", error)); // the scenario itself says what its user gets
try {
  const client = await import(pathToFileURL(file));
  const { resolve: where } = createRequire(pathToFileURL(file));
  let zod = null;
  try {
    where("zod");
    zod = await import("zod");
  } catch {
    zod = null; // a client that needs none
  }
  tell({ ready: versions() });
  for await (const text of createInterface({ input: process.stdin })) {
    const line = JSON.parse(text);
    tell({ id: line.id, ...(await done(client, line, zod)) });
  }
} catch (error) {
  console.error(error);
  tell({ cannot: `${error?.name}: ${error?.message}`.slice(0, WORDS) });
}
